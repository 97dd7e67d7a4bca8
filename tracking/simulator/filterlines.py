"""The text of pmg-smtp-filter's log lines (Proxmox Mail Gateway 9), without header and tag.

``fid`` is the filter's session id, ``xqid`` the name of a file in its quarantine; both are inode,
seconds and microseconds in hexadecimal.
"""

from __future__ import annotations

from tracking.simulator.clock import SECOND, site_time


def filter_id(inode: int, at: int) -> str:
    """``21C01C6B0553CF72C04``: inode, seconds, microseconds (5 digits)"""
    return f"{inode:X}{at // SECOND:X}{at % SECOND:05X}"


def connected(at: int, port: int) -> str:
    """``2026/11/24-09:07:33 CONNECT TCP Peer: "[127.0.0.1]:45706" Local: "[127.0.0.1]:10024"``"""
    stamp = site_time(at).strftime("%Y/%m/%d-%H:%M:%S")
    return f'{stamp} CONNECT TCP Peer: "[127.0.0.1]:{port}" Local: "[127.0.0.1]:10024"'


def new_mail(fid: str, message_id: str) -> str:
    """``F: new mail message-id=<x>``"""
    return f"{fid}: new mail message-id={message_id}"


def virus(fid: str, name: str) -> str:
    """``F: virus detected: Sim.Placeholder.Dropper-1 (clamav)``"""
    return f"{fid}: virus detected: {name} (clamav)"


def score(fid: str, hits: list[tuple[str, float]], took: float) -> str:
    """``F: SA score=1/5 time=0.089 bayes=undefined autolearn=disabled hits=RULE(1.3),RULE2(1)``"""
    total = max(0, int(sum(points for _, points in hits)))
    names = ",".join(f"{name}({points:g})" for name, points in hits)
    return (
        f"{fid}: SA score={total}/5 time={took:.3f} bayes=undefined autolearn=disabled hits={names}"
    )


def modified_header(fid: str, recipients: list[str]) -> str:
    """``F: modified header 'X-SPAM-LEVEL' for <a>, <b> (rule: Modify Header)``"""
    names = ", ".join(f"<{name}>" for name in recipients)
    return f"{fid}: modified header 'X-SPAM-LEVEL' for {names} (rule: Modify Header)"


def removed_attachment(fid: str, number: int, name: str, rule: str) -> str:
    """``F: removed attachment 3 ('offer.doc', rule: Quarantine Office Files)``"""
    return f"{fid}: removed attachment {number} ('{name}', rule: {rule})"


def moved(fid: str, recipient: str, kind: str, xqid: str, rule: str) -> str:
    """``F: moved mail for <a> to spam quarantine - XQID (rule: Quarantine/Mark Spam (Level 3))``"""
    return f"{fid}: moved mail for <{recipient}> to {kind} quarantine - {xqid} (rule: {rule})"


def blocked(fid: str, recipient: str, rule: str) -> str:
    """``F: block mail to <a> (rule: Block Spam (Level 12))``"""
    return f"{fid}: block mail to <{recipient}> (rule: {rule})"


def accepted(fid: str, recipient: str, queue_id: str) -> str:
    """``F: accept mail to <a> (QID2) (rule: default-accept)``"""
    return f"{fid}: accept mail to <{recipient}> ({queue_id}) (rule: default-accept)"


def processed(fid: str, total: float, spam: float, scan: float) -> str:
    """``F: processing time: 0.189 seconds (0.089, 0.023, 0)``"""
    return f"{fid}: processing time: {total:.3g} seconds ({spam:.3g}, {scan:.3g}, 0)"

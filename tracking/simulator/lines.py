"""The text of Postfix's log lines, as Postfix 3.7 writes them (without header and tag).

Every function shows the line it makes. ``client`` is always ``name[address]``.
"""

from __future__ import annotations

from collections.abc import Mapping

from tracking.simulator.clock import SECOND

_SERVER_TLS = (
    "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 "
    "server-signature RSA-PSS (2048 bits) server-digest SHA256"
)
_CLIENT_TLS = (
    "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 "
    "server-signature ECDSA (P-256) server-digest SHA256"
)
_VERBS = ("ehlo", "xforward", "starttls", "auth", "mail", "rcpt", "data", "rset", "quit")


def connect(client: str) -> str:
    """``connect from mail.sinar-abadi.example[198.18.1.5]``"""
    return f"connect from {client}"


def disconnect(client: str, counts: Mapping[str, tuple[int, int]]) -> str:
    """``disconnect from NAME[IP] ehlo=1 mail=1 rcpt=1/2 data=1 quit=1 commands=5/6``

    Counts are (accepted, all) for each SMTP verb; a verb that was never used is left out.
    """
    used = [(verb, *counts[verb]) for verb in _VERBS if verb in counts]
    good, total = sum(item[1] for item in used), sum(item[2] for item in used)
    words = "".join(f"{verb}={_ratio(ok, all_)} " for verb, ok, all_ in used)
    if not total:
        return f"disconnect from {client} commands=0/0"
    return f"disconnect from {client} {words}commands={_ratio(good, total)}"


def _ratio(good: int, total: int) -> str:
    return str(total) if good == total else f"{good}/{total}"


def tls_from(client: str) -> str:
    """``Anonymous TLS connection established from NAME[IP]: TLSv1.3 with cipher ...``"""
    return f"Anonymous TLS connection established from {client}: {_SERVER_TLS}"


def tls_to(relay: str, *, trusted: bool) -> str:
    """``Trusted TLS connection established to NAME[IP]:25: TLSv1.3 with cipher ...``"""
    level = "Trusted" if trusted else "Untrusted"
    return f"{level} TLS connection established to {relay}: {_CLIENT_TLS}"


def accepted(queue_id: str, client: str, extra: str = "") -> str:
    """``QID: client=NAME[IP], sasl_method=PLAIN, sasl_username=U``"""
    return f"{queue_id}: client={client}{extra}"


def sasl(username: str) -> str:
    """The end of a ``client=`` line of an authenticated client."""
    return f", sasl_method=PLAIN, sasl_username={username}"


def message_id(queue_id: str, text: str) -> str:
    """``QID: message-id=<20261124.1@x.example>``"""
    return f"{queue_id}: message-id={text}"


def active(queue_id: str, sender: str, size: int, recipients: int) -> str:
    """``QID: from=<a@x.example>, size=1510, nrcpt=1 (queue active)``"""
    return f"{queue_id}: from=<{sender}>, size={size}, nrcpt={recipients} (queue active)"


def removed(queue_id: str) -> str:
    """``QID: removed``, of qmgr or postsuper"""
    return f"{queue_id}: removed"


def expired(queue_id: str, sender: str) -> str:
    """``QID: from=<a@x.example>, status=expired, returned to sender``"""
    return f"{queue_id}: from=<{sender}>, status=expired, returned to sender"


def notification(queue_id: str, kind: str, child: str) -> str:
    """``QID: sender non-delivery notification: NDRQID``"""
    return f"{queue_id}: sender {kind} notification: {child}"


def delays(before: int, in_queue: int, connecting: int, sending: int) -> str:
    """``delay=1.4, delays=0.05/0.01/0.02/1.3`` of microseconds"""
    parts = (before, in_queue, connecting, sending)
    return f"delay={seconds(sum(parts))}, delays={'/'.join(map(seconds, parts))}"


def seconds(microseconds: int) -> str:
    """Two significant digits, at most two decimals, as Postfix's format_tv gives them."""
    value = microseconds / SECOND
    if value >= 10:
        return str(round(value))
    if value >= 1:
        return f"{value:.1f}".removesuffix(".0")
    return f"{value:.2f}".rstrip("0").rstrip(".")


def delivery(
    queue_id: str,
    recipient: str,
    original: str,
    relay: str,
    timing: str,
    dsn: str,
    status: str,
    reply: str,
) -> str:
    """``QID: to=<R>, orig_to=<O>, relay=NAME[IP]:25, delay=.., dsn=2.0.0, status=sent (TEXT)``"""
    alias = f" orig_to=<{original}>," if original else ""
    return (
        f"{queue_id}: to=<{recipient}>,{alias} relay={relay}, {timing}, dsn={dsn}, "
        f"status={status} ({reply})"
    )


def said(relay: str, reply: str, command: str) -> str:
    """``host NAME[IP] said: 550 5.1.1 ... (in reply to RCPT TO command)``"""
    return f"host {relay} said: {reply} (in reply to {command} command)"


def envelope(sender: str, recipient: str | None, helo: str) -> str:
    """``from=<S> to=<R> proto=ESMTP helo=<H>``; no recipient at the MAIL stage"""
    to = "" if recipient is None else f" to=<{recipient}>"
    return f"from=<{sender}>{to} proto=ESMTP helo=<{helo}>"


def reject(queue_id: str, stage: str, client: str, reply: str, rest: str) -> str:
    """``NOQUEUE: reject: RCPT from NAME[IP]: 554 5.7.1 <R>: REASON; from=<S> to=<R> ...``"""
    return f"{queue_id}: reject: {stage} from {client}: {reply}; {rest}"


def hold(client: str, recipient: str, rest: str) -> str:
    """``NOQUEUE: hold: RCPT from NAME[IP]: <R>: Recipient address triggers HOLD action; ...``"""
    reason = f"<{recipient}>: Recipient address triggers HOLD action"
    return f"NOQUEUE: hold: RCPT from {client}: {reason}; {rest}"


def screen_reject(address: str, port: int, reply: str, sender: str, rest: str) -> str:
    """``NOQUEUE: reject: RCPT from [IP]:PORT: 550 5.7.1 ...; from=<S>, to=<R>, proto=, helo=``"""
    return f"NOQUEUE: reject: RCPT from [{address}]:{port}: {reply}; from=<{sender}>, {rest}"


def connect_failed(relay: str, reason: str) -> str:
    """``connect to NAME[IP]:25: Connection timed out``"""
    return f"connect to {relay}: {reason}"

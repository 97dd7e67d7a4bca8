"""The filter's quarantine as files: ``spool/{spam,virus,attachment}/XX/XQID``.

As Proxmox Mail Gateway stores it: ``Delivered-To`` (all recipients, commas) and ``Return-Path``
(no angle brackets) before the original header, LF line ends; XX are the last two digits of the
name. Bodies are harmless; a "virus" is a line of text that says so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path

from tracking.simulator.clock import site_time
from tracking.simulator.population import Client

LIMIT = 300
_SHARE_HELD = 0.03


@dataclass(slots=True, frozen=True)
class Held:
    """A message that the filter holds."""

    kind: str
    xqid: str
    at: int
    sender: str
    recipients: list[str]
    client: Client
    queue_id: str
    message_id: str
    subject: str
    note: str
    attachment: str = ""


def sampling(messages: int) -> int:
    """Every how many held messages is written, so that the limit is hardly reached."""
    return max(1, round(messages * _SHARE_HELD / LIMIT))


class Spool:
    """Writes every n-th held message, so that about the limit is spread over the whole time."""

    def __init__(self, root: Path, end: int, every: int) -> None:
        self._root = root
        self._end = end
        self._every = every
        self._seen = 0
        self.count = 0
        for kind in ("spam", "virus", "attachment"):
            (root / kind).mkdir(parents=True, exist_ok=True)

    def hold(self, held: Held) -> None:
        """Write one message; its time of change is the time it was held."""
        self._seen += 1
        if self._seen % self._every or self.count >= LIMIT or held.at > self._end:
            return
        self.count += 1
        path = self._root / held.kind / held.xqid[-2:] / held.xqid
        path.parent.mkdir(exist_ok=True)
        path.write_text(_header(held) + _body(held), encoding="utf-8", newline="\n")
        os.utime(path, ns=(held.at * 1000, held.at * 1000))


def _header(held: Held) -> str:
    client, when = held.client, format_datetime(site_time(held.at))
    return (
        f"Delivered-To: {','.join(held.recipients)}\n"
        f"Return-Path: {held.sender}\n"
        f"Received: from {client.helo} ({client.name} [{client.ip}])\n"
        f"\tby mx.isp.example (Proxmox) with ESMTP id {held.queue_id}\n"
        f"\tfor <{held.recipients[0]}>; {when}\n"
        f"From: {held.sender or 'MAILER-DAEMON@mx.isp.example'}\n"
        f"To: {', '.join(held.recipients)}\n"
        f"{'subject: SPAM' if held.kind == 'spam' else 'Subject'}: {held.subject}\n"
        f"Date: {when}\n"
        f"Message-ID: {held.message_id}\n"
        "MIME-Version: 1.0\n"
        f"{held.note}"
    )


def _body(held: Held) -> str:
    words = _WORDS[held.kind]
    if not held.attachment:
        return f'Content-Type: text/plain; charset="utf-8"\n\n{words}\n'
    boundary = f"=-={held.xqid}"
    return (
        f'Content-Type: multipart/mixed; boundary="{boundary}"\n\n'
        f'--{boundary}\nContent-Type: text/plain; charset="utf-8"\n\n{words}\n'
        f"--{boundary}\nContent-Type: application/octet-stream\n"
        f'Content-Disposition: attachment; filename="{held.attachment}"\n\n'
        f"placeholder of {held.attachment}, not a program\n--{boundary}--\n"
    )


_WORDS = {
    "spam": (
        "Dear friend,\n\nthis offer ends today. Answer now and save half of the price.\n"
        "See http://offers.example/today or leave the list at http://offers.example/leave"
    ),
    "virus": "Please see the attached document.\n\nSIMULATED-VIRUS-PLACEHOLDER, harmless text",
    "attachment": "Good morning,\n\nthe offer is attached, please review it.\n\nKind regards",
}

"""What really became of each mail: ``truth.ndjson`` and ``rejections.ndjson``.

An object is one Message and recipient with the fields of ``export_deliveries``, and ``kind``
(mail, bounce, delay: a notification is a Message of its own). Only what the log can tell counts:
an event after the end of the simulation has not happened, and mail that was held to the end has no
size. ``attempts``, ``dsn``, ``smtp_reply``, ``relay`` and ``last_seen`` (the newest attempt; none:
first_seen) are those of the last Hop. What the mail system itself wrote is ``internal``.
A mail whose attachment was quarantined is delivered without it: disposition ``delivered``,
quarantine_kind ``attachment``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from tracking.simulator.clock import utc_text


@dataclass(slots=True, eq=False)
class Recipient:
    """One recipient of one Message, and the newest that is known of it."""

    address: str
    original: str = ""
    disposition: str = "queued"
    quarantine_kind: str = ""
    dsn: str = ""
    smtp_reply: str = ""
    relay: str = ""
    attempts: int = 0
    last_at: int = 0
    hops: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, eq=False)
class Mail:
    """One Message."""

    sender: str
    message_id: str
    size: int
    direction: str
    kind: str = "mail"
    client_ip: str | None = None
    sasl_username: str = ""
    customer: str | None = None
    client_network: str | None = None
    first_seen: int = 0
    number: int = 0
    open_hops: int = 0
    recipients: list[Recipient] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class Attempt:
    """One ``to=`` line: what a delivery agent said of one recipient."""

    disposition: str
    dsn: str
    reply: str
    relay: str


class TruthBook:
    """Follows the mails that are open, writes them when their last Hop ends."""

    def __init__(self, directory: Path, end: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._mails = (directory / "truth.ndjson").open("w", encoding="utf-8")
        self._rejections = (directory / "rejections.ndjson").open("w", encoding="utf-8")
        self._end = end
        self._open: dict[int, Mail] = {}
        self.messages = 0
        self.recipients = 0
        self.rejections = 0

    def accept(
        self, mail: Mail, at: int, host: str, queue_id: str, recipients: list[Recipient]
    ) -> None:
        """A queue id is born for some recipients of a mail: a new Hop of theirs."""
        if at > self._end:
            return
        if not mail.number:
            self.messages += 1
            mail.number, mail.first_seen = self.messages, at
            self._open[mail.number] = mail
        mail.open_hops += 1
        for recipient in recipients:
            recipient.hops += ((host, queue_id),)
            recipient.disposition, recipient.attempts, recipient.last_at = "queued", 0, 0
            recipient.dsn = recipient.smtp_reply = recipient.relay = ""

    def attempt(self, recipient: Recipient, at: int, attempt: Attempt) -> None:
        """A delivery agent tried; the newest attempt speaks for the recipient."""
        if at > self._end:
            return
        recipient.disposition, recipient.dsn = attempt.disposition, attempt.dsn
        recipient.smtp_reply, recipient.relay = attempt.reply, attempt.relay
        recipient.attempts += 1
        recipient.last_at = at

    def mark(self, recipients: list[Recipient], at: int, disposition: str) -> None:
        """Something other than an attempt decided: expired, held, deleted."""
        if at > self._end:
            return
        for recipient in recipients:
            recipient.disposition = disposition

    def end_hop(self, mail: Mail, at: int) -> None:
        """A queue file is removed; with the last one the mail is written."""
        if at > self._end:
            return
        mail.open_hops -= 1
        if not mail.open_hops:
            self._write(self._open.pop(mail.number))

    def reject(self, at: int, rejection: dict[str, object]) -> None:
        """One line of rejections.ndjson."""
        if at > self._end:
            return
        self.rejections += 1
        self._rejections.write(json.dumps({"time": utc_text(at), **rejection}) + "\n")

    def close(self) -> None:
        """Write the mails that are still open when the log ends."""
        for mail in self._open.values():
            self._write(mail)
        self._mails.close()
        self._rejections.close()

    def _write(self, mail: Mail) -> None:
        self.recipients += len(mail.recipients)
        self._mails.writelines(
            json.dumps(_as_export(mail, recipient)) + "\n" for recipient in mail.recipients
        )


def _as_export(mail: Mail, recipient: Recipient) -> dict[str, object]:
    return {
        "message_id": mail.message_id,
        "envelope_sender": mail.sender,
        "recipient": recipient.address,
        "original_recipient": recipient.original,
        "client_ip": mail.client_ip,
        "sasl_username": mail.sasl_username,
        "size_bytes": mail.size,
        "first_seen": utc_text(mail.first_seen),
        "last_seen": utc_text(recipient.last_at or mail.first_seen),
        "direction": mail.direction,
        "disposition": recipient.disposition,
        "quarantine_kind": recipient.quarantine_kind,
        "dsn": recipient.dsn,
        "smtp_reply": recipient.smtp_reply,
        "relay": recipient.relay,
        "attempts": recipient.attempts,
        "customer": mail.customer,
        "client_network": mail.client_network,
        "hops": recipient.hops,
        "kind": mail.kind,
    }

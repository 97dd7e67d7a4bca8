"""An SMTP session with smtpd: connect, mails accepted or refused, disconnect."""

from __future__ import annotations

from dataclasses import dataclass

from tracking.simulator import lines
from tracking.simulator.clock import MILLISECOND, SECOND
from tracking.simulator.hosts import Host
from tracking.simulator.population import Client
from tracking.simulator.providers import Provider, Trouble
from tracking.simulator.truth import Mail, Recipient
from tracking.simulator.world import World

SMTPD = "postfix/smtpd"
SUBMISSION = "postfix/submission/smtpd"
REINJECTION = "reinjection"


@dataclass(slots=True, frozen=True)
class Refusal:
    """What smtpd says; ``kind`` is the word of export_rejections."""

    kind: str
    code: int
    dsn: str
    reason: str
    stage: str = "RCPT"

    @property
    def reply(self) -> str:
        return f"{self.code} {self.dsn} {self.reason}"


@dataclass(slots=True, eq=False)
class Target:
    """A recipient on the way, with the server that has the last word."""

    recipient: Recipient
    provider: Provider
    trouble: Trouble | None = None


@dataclass(slots=True, eq=False)
class Hop:
    """One queue file. ``via`` is the role of the relay that the mail must go through next."""

    host: Host
    queue_id: str
    mail: Mail
    targets: list[Target]
    opened_at: int
    active_at: int
    size: int
    client: Client
    via: str | None = None
    nature: str = "ham"
    subject: str = ""
    is_held: bool = False

    @property
    def recipients(self) -> list[Recipient]:
        return [target.recipient for target in self.targets]


@dataclass(slots=True)
class Letter:
    """A mail about to be accepted: what the client says, and what the simulation knows of it."""

    mail: Mail
    targets: list[Target]
    via: str | None = None
    nature: str = "ham"
    subject: str = ""
    refused: tuple[tuple[str, Refusal], ...] = ()
    is_held: bool = False
    message_id: str = ""


class Session:
    """One client served by one smtpd process; ``at`` moves on with every command.

    A service has processes of its own; the filter's way back in logs as the public one does.
    """

    def __init__(
        self, world: World, host: Host, client: Client, at: int, *, service: str = SMTPD
    ) -> None:
        self.world, self.host, self.client, self.at = world, host, client, at
        self._service, self._tag = service, SMTPD if service == REINJECTION else service
        self._process = host.lease(service, at)
        self._counts: dict[str, tuple[int, int]] = {}
        self.log(lines.connect(client.label))
        self.wait(0.0004, 0.02)

    def log(self, text: str) -> None:
        """A line of this process."""
        self.host.log(self.at, self._tag, self._process.pid, text)

    def wait(self, low: float, high: float) -> None:
        """Let some seconds pass."""
        self.at += self.world.between(low, high)

    def count(self, verb: str, accepted: int = 1, total: int = 1) -> None:
        """Commands of one verb, for the disconnect line."""
        good, all_ = self._counts.get(verb, (0, 0))
        self._counts[verb] = good + accepted, all_ + total

    def greet(self, *, tls: bool = False, login: bool = False) -> None:
        """EHLO, and STARTTLS and AUTH if the client wants them."""
        self.count("ehlo")
        if tls:
            self.count("starttls")
            self.count("ehlo")
            self.wait(0.01, 0.08)
            self.log(lines.tls_from(self.client.label))
        if login:
            self.count("auth")
        self.wait(0.001, 0.05)

    def accept(self, letter: Letter, extra: str = "") -> Hop:
        """MAIL, RCPT, DATA: a queue file, its Message-ID, and the queue manager takes it."""
        hop = self._open(letter, extra)
        for address, what in letter.refused:
            self.wait(0.0002, 0.002)
            self.refuse(letter.mail.sender, address, what, hop.queue_id)
        self.wait(0.001, 0.03)
        text = lines.message_id(hop.queue_id, letter.message_id or letter.mail.message_id)
        self.host.once(self.at, "postfix/cleanup", text)
        self.at += MILLISECOND + int(hop.size / 3e6 * SECOND)
        self.count("mail")
        self.count("rcpt", len(letter.targets), len(letter.targets))
        self.count("data")
        hop.active_at = self.at
        if not hop.is_held:
            self.host.qmgr_log(
                self.at,
                lines.active(hop.queue_id, letter.mail.sender, hop.size, len(letter.targets)),
            )
        self.wait(0.0003, 0.003)
        return hop

    def _open(self, letter: Letter, extra: str) -> Hop:
        born, queue_id = self.host.open_queue_file(self.at)
        self.at = born + self.world.between(0.00006, 0.0003)
        self.log(lines.accepted(queue_id, self.client.label, extra))
        mail, recipients = letter.mail, [target.recipient for target in letter.targets]
        size = mail.size + (self.world.rng.randrange(280, 420) if mail.number else 0)
        self.world.book.accept(mail, self.at, self.host.name, queue_id, recipients)
        return Hop(
            self.host, queue_id, mail, letter.targets, self.at, self.at, size, self.client,
            letter.via, letter.nature, letter.subject, letter.is_held,
        )  # fmt: skip

    def refuse(self, sender: str, recipient: str, what: Refusal, queue_id: str = "NOQUEUE") -> None:
        """``NOQUEUE: reject: RCPT from ...``; a queue id if another recipient was accepted"""
        named = None if what.stage == "MAIL" else recipient
        rest = lines.envelope(sender, named, self.client.helo)
        self.log(lines.reject(queue_id, what.stage, self.client.label, what.reply, rest))
        record_refusal(self.world, self.host, self.at, self.client.ip, (sender, named), what)
        if what.stage == "MAIL":
            self.count("mail", 0, 1)
        else:
            self.count("rcpt", 0, 1)
            if queue_id == "NOQUEUE":
                self.count("mail")
        self.wait(0.0004, 0.05)

    def close(self, *, quits: bool = True) -> int:
        """QUIT and disconnect; the moment it is over."""
        if quits:
            self.count("quit")
        self.log(lines.disconnect(self.client.label, self._counts))
        self.host.release(self._service, self._process, self.at)
        return self.at


def record_refusal(
    world: World,
    host: Host,
    at: int,
    client_ip: str,
    envelope: tuple[str, str | None],
    what: Refusal,
) -> None:
    """Write a refusal into the truth."""
    sender, recipient = envelope
    world.book.reject(
        at,
        {
            "host": host.name,
            "stage": what.stage.lower(),
            "client_ip": client_ip,
            "envelope_sender": sender,
            "recipient": recipient,
            "code": what.code,
            "dsn": what.dsn,
            "kind": what.kind,
            "reason": what.reason,
        },
    )

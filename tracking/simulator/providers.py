"""Destinations outside the ISP: how each answers, in its own words, and what goes wrong there.

The replies are the shapes that these kinds of servers really give (Google, Microsoft, Yahoo,
Exim, Postfix, Exchange, qmail, Dovecot); names and addresses are reserved ones.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import dataclass, field

from tracking.simulator.clock import DAY, HOUR, MINUTE, SECOND, between

_LETTERS = string.ascii_letters + string.digits


@dataclass(slots=True, frozen=True)
class Context:
    """What a reply may mention."""

    rng: random.Random
    at: int
    recipient: str
    message_id: str
    size: int
    our_address: str


@dataclass(slots=True)
class Trouble:
    """Why a recipient's mail is not simply delivered; it lasts until a moment (0: for ever)."""

    kind: str
    until: int = 0

    def lasts(self, at: int) -> bool:
        return not self.until or at < self.until


@dataclass(slots=True, frozen=True)
class Answer:
    """A destination's word about one recipient; ``command`` is where a refusal came.

    A refusal without a command: no server was reached (DNS).
    """

    status: str
    dsn: str
    reply: str
    command: str = ""


Reply = Callable[[Context], Answer]


@dataclass(slots=True)
class Provider:
    """A destination: its MX, its speed in seconds, its replies by kind of trouble."""

    key: str
    mx: str
    address: str
    sent: Reply
    replies: dict[str, Reply]
    rates: dict[str, float]
    connect: tuple[float, float] = (0.05, 0.4)
    send: tuple[float, float] = (0.2, 1.2)
    has_tls: bool = True
    is_trusted: bool = True
    port: int = 25
    agent: str = "postfix/smtp"
    outages: list[tuple[int, int]] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"{self.mx}[{self.address}]"

    @property
    def relay(self) -> str:
        return f"{self.mx}[{self.address}]:{self.port}"

    def is_down(self, at: int) -> bool:
        return any(start <= at < end for start, end in self.outages)

    def answer(self, trouble: Trouble | None, context: Context) -> Answer:
        """What the server says now."""
        if trouble is None or not trouble.lasts(context.at):
            return self.sent(context)
        return self.replies[trouble.kind](context)

    def draw_trouble(self, rng: random.Random, at: int, factor: float) -> Trouble | None:
        """What is wrong with a new recipient, mostly nothing; factor is the sender's standing."""
        point = rng.random() / factor
        for kind, rate in self.rates.items():
            if point < rate:
                return Trouble(kind, _until(rng, at, kind))
            point -= rate
        return None


def _until(rng: random.Random, at: int, kind: str) -> int:
    """The moment a temporary trouble ends; a permanent one has none."""
    if kind == "greylist":
        return at + 5 * MINUTE
    if kind == "rate":
        return at + between(rng, 120, 5400)
    if kind == "full":
        return at + (between(rng, 2, 20) * 3600 if rng.random() < 0.7 else 30 * DAY)
    if kind == "dns_soft":
        return at + between(rng, 60, 4 * 3600)
    return 0


def fixed(status: str, dsn: str, reply: str, command: str = "RCPT TO") -> Reply:
    """A reply that only names the recipient ({r}), its domain ({d}) and our address ({us})."""

    def make(context: Context) -> Answer:
        domain = context.recipient.rpartition("@")[2]
        text = reply.format(r=context.recipient, d=domain, us=context.our_address)
        return Answer(status, dsn, text, command)

    return make


def hexadecimal(rng: random.Random, digits: int) -> str:
    """A random number of so many lower-case hexadecimal digits."""
    return f"{rng.getrandbits(4 * digits):0{digits}x}"


def google_id(context: Context) -> str:
    """``d2e1a72fcca58-7d8ec2f1a3bsi1234567b3a.281``"""
    rng = context.rng
    return (
        f"{hexadecimal(rng, 13)}-{hexadecimal(rng, 11)}si{rng.randrange(1_000_000, 9_999_999)}"
        f"{hexadecimal(rng, 3)}.{rng.randrange(1000)}"
    )


def google_sent(context: Context) -> Answer:
    """``250 2.0.0 OK  1795518956 8fec85d52cbb-d2859d85e9b494si2.214 - gsmtp``"""
    reply = f"250 2.0.0 OK  {context.at // SECOND} {google_id(context)} - gsmtp"
    return Answer("sent", "2.0.0", reply)


def google(status: str, code: int, dsn: str, lines: tuple[str, ...], command: str) -> Reply:
    """A multi-line reply of Google, which Postfix logs with its lines joined by spaces."""

    def make(context: Context) -> Answer:
        text = " ".join(f"{code}-{dsn} {line}" for line in lines[:-1])
        last = f"{code} {dsn}  {lines[-1]} {google_id(context)} - gsmtp"
        return Answer(status, dsn, f"{text} {last}", command)

    return make


def microsoft_sent(context: Context) -> Answer:
    """``250 2.6.0 <mid> [InternalId=.., Hostname=..] 1007 bytes in 0.170, 5.9 KB/sec ...``"""
    rng = context.rng
    took = rng.uniform(0.08, 0.9)
    size = context.size + rng.randrange(6000, 11000)
    host = f"{exchange_host(rng)}.prod.outlook.example"
    reply = (
        f"250 2.6.0 {context.message_id} [InternalId={rng.randrange(10**12, 10**14)}, "
        f"Hostname={host}] {size} bytes in {took:.3f}, {size / 1024 / took:.3f} KB/sec "
        "Queued mail for delivery -> 250 2.1.5"
    )
    return Answer("sent", "2.6.0", reply)


def exchange_host(rng: random.Random) -> str:
    """``SEZPR03MB7421.apcprd03``"""
    unit = rng.choice(("SEZPR", "TYZPR", "SI2PR", "PSAPR"))
    number = rng.randrange(1, 7)
    return f"{unit}{number:02d}MB{rng.randrange(4000, 8999)}.apcprd{number:02d}"


def queued_as(context: Context) -> Answer:
    """``250 2.0.0 Ok: queued as 4B1C92007E`` (Postfix)"""
    return Answer("sent", "2.0.0", f"250 2.0.0 Ok: queued as {context.rng.getrandbits(44):011X}")


def exim_sent(context: Context) -> Answer:
    """``250 OK id=1tEsAB-0003Xy-2B`` (Exim)"""
    first, second, third = ("".join(context.rng.choices(_LETTERS, k=n)) for n in (6, 6, 2))
    return Answer("sent", "2.0.0", f"250 OK id={first}-{second}-{third}")


def qmail_sent(context: Context) -> Answer:
    """``250 ok 1795518956 qp 2214`` (qmail)"""
    reply = f"250 ok {context.at // SECOND} qp {context.rng.randrange(300, 65000)}"
    return Answer("sent", "2.0.0", reply)


def exchange_sent(context: Context) -> Answer:
    """``250 2.6.0 <mid> [InternalId=.., Hostname=MAIL01.x.example] Queued mail for delivery``"""
    number = context.rng.randrange(10**12, 10**14)
    reply = (
        f"250 2.6.0 {context.message_id} [InternalId={number}, Hostname=EX01.corp.example] "
        "Queued mail for delivery"
    )
    return Answer("sent", "2.6.0", reply)


def mailbox_saved(context: Context) -> Answer:
    """``250 2.0.0 <a@x.example> hGyWAY0MZWhX0wAAxyz Saved`` (Dovecot's LMTP)"""
    token = "".join(context.rng.choices(_LETTERS, k=22))
    return Answer("sent", "2.0.0", f"250 2.0.0 <{context.recipient}> {token} Saved")


def outage(rng: random.Random, start: int, end: int, hours: tuple[float, float]) -> tuple[int, int]:
    """A random stretch of the simulated time during which a server cannot be reached."""
    begin = rng.randrange(start, max(end, start + 1))
    return begin, begin + int(rng.uniform(*hours) * HOUR)

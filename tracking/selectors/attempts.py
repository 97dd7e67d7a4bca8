"""Every attempt at a Hop, and the rules its mail hit: read from the raw lines.

A Delivery keeps its newest attempt only; the others are in the log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from tracking.ingest.records import (
    ClientTls,
    DeliveryAttempt,
    FilterScore,
    RspamdVerdict,
    ServerTls,
)
from tracking.selectors.evidence import Evidence

_STATUSES = frozenset({"sent", "deferred", "bounced", "expired"})
MAX_RULES = 100
_RULE = re.compile(r"([^\s,()]{1,80})\((-?[0-9]{1,6}(?:\.[0-9]{1,6})?)\)")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver to one recipient; ``status`` is Postfix's word.

    ``tls`` is version, cipher and what Postfix thinks of the certificate, where the log tells it.
    """

    at: datetime
    recipient: str
    status: str
    relay: str
    dsn: str
    smtp_reply: str
    seconds: float
    tls: str


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule of a spam filter and what it added to the score."""

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class HopDetails:
    """Attempts oldest first; rules by what they weighed, the heaviest first."""

    attempts: list[Attempt]
    rules: list[RuleHit]
    received_tls: str


def hop_details(evidence: Evidence) -> HopDetails:
    """What the lines of a Hop say beyond its rows."""
    attempts: list[Attempt] = []
    rules: dict[str, RuleHit] = {}
    handshakes: dict[tuple[str, str], ServerTls] = {}
    received_tls = ""
    for line in evidence.lines:
        record = line.record
        if isinstance(record, ServerTls):
            handshakes[record.program, record.pid] = record
        elif isinstance(record, ClientTls):
            received_tls = received_tls or _tls(record)
        elif isinstance(record, DeliveryAttempt):
            handshake = handshakes.get((record.program, record.pid))
            is_its = handshake is not None and handshake.relay_ip == record.relay_ip
            attempts.append(_attempt(line.at, record, _tls(handshake) if is_its else ""))
        elif isinstance(record, FilterScore | RspamdVerdict):
            rules |= {hit.name: hit for hit in _hits(record.rules)}
    heaviest = sorted(rules.values(), key=lambda hit: (-abs(hit.score), hit.name))
    attempts.sort(key=lambda item: item.at)
    return HopDetails(attempts, heaviest[:MAX_RULES], received_tls)


def _tls(record: ServerTls | ClientTls | None) -> str:
    return f"{record.protocol} {record.cipher} ({record.trust})" if record else ""


def _attempt(at: datetime, record: DeliveryAttempt, tls: str) -> Attempt:
    delays = (
        record.before_queue_seconds,
        record.in_queue_seconds,
        record.connect_seconds,
        record.transmit_seconds,
    )
    return Attempt(
        at,
        record.recipient,
        record.status if record.status in _STATUSES else "other",
        record.relay,
        record.dsn,
        record.smtp_reply,
        sum(delay for delay in delays if delay > 0),
        tls,
    )


def _hits(rules: str) -> list[RuleHit]:
    """``RULE(1.3),RULE2(-0.001)`` of PMG; rspamd writes ``{OPTIONS;}`` after the score."""
    return [RuleHit(name, float(score)) for name, score in _RULE.findall(rules)]

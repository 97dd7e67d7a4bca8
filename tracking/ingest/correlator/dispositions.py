"""The word for one recipient at one Hop, from its newest attempt, the filter and the Hop's end.

``disposition`` is the word of design.md 2 and holds for this Hop alone; whether a later Hop
knows better is decided where Hops are linked (tracking.ingest.store).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tracking.ingest.correlator.state import DeliveryState, HopState, VerdictState

_ATTEMPT = {
    "deferred": "deferred",
    "SOFTBOUNCE": "deferred",  # soft_bounce = yes: what would bounce is tried again
    "bounced": "bounced",
    "expired": "expired",
    "deliverable": "delivered",
    "undeliverable": "bounced",
    "undeliverable-but-not-cached": "bounced",
}
# How an end by hand, or without one, changes a recipient that had not ended.
_UNENDED = {
    "deleted": "deleted",
    "discarded": "discarded",
    "rejected": "rejected",
    "lost": "lost",
    "removed": "lost",
}


class Word(NamedTuple):
    """A disposition and the kind of quarantine ("" when none)."""

    disposition: str
    quarantine_kind: str


def word_for(hop: HopState, delivery: DeliveryState) -> Word:
    """What became of this recipient at this Hop."""
    verdict = verdict_for(hop, delivery)
    kind = quarantine_kind_for(hop, delivery)
    if delivery.status in {"sent", "filter"}:
        return Word(_handed_over(hop, delivery, verdict), kind)
    word = _ATTEMPT.get(delivery.status, "queued")
    if word == "deferred" and hop.is_expired:
        return Word("expired", kind)
    if word in {"queued", "deferred"}:
        word = _UNENDED.get(hop.end, "held" if hop.is_held else word)
    return Word(word, kind)


def verdict_for(hop: HopState, delivery: DeliveryState) -> VerdictState | None:
    """The filter's verdict on this recipient; of several, the one that decides."""
    if not hop.verdicts:
        return None
    found = None
    for verdict in _verdicts_on(hop, delivery):
        if found is None or _RANK[verdict.action] > _RANK[found.action]:
            found = verdict
    return found


def quarantine_kind_for(hop: HopState, delivery: DeliveryState) -> str:
    """The quarantine that holds this recipient's mail or a copy of it, "" when none does."""
    for verdict in _verdicts_on(hop, delivery) if hop.verdicts else ():
        if verdict.quarantine_kind:
            return verdict.quarantine_kind
    return hop.quarantined.get(delivery.recipient, "")


def _verdicts_on(hop: HopState, delivery: DeliveryState) -> Iterator[VerdictState]:
    names = {"", delivery.recipient.casefold(), delivery.original_recipient.casefold()}
    for verdict in hop.verdicts:
        if verdict.action in _RANK and verdict.recipient.casefold() in names:
            yield verdict


# PMG's attachment quarantine is followed by an accept or block of the copy without the
# attachments, and that one decides.
_RANK = {"quarantine": 1, "accept": 2, "block": 2}


def _handed_over(hop: HopState, delivery: DeliveryState, verdict: VerdictState | None) -> str:
    """``status=sent``: to the next server, or to a filter that kept it (amavis, PMG)."""
    if delivery.agent == "discard" or (
        delivery.agent in _DISCARDERS and delivery.smtp_reply in _DISCARDS
    ):
        return "discarded"
    if is_from_filter(delivery) and verdict is not None:
        if verdict.action == "quarantine":
            return "quarantined"
        if verdict.action == "block":
            return "rejected" if hop.end == "rejected" else "blocked"
    if delivery.filter_id and verdict is None:
        # PMG answers OK before its own lines are read: not ended yet.
        return "blocked" if "BLOCKED" in delivery.smtp_reply else "queued"
    if _is_amavis_discard(delivery):
        return "discarded"
    return "delivered"


def is_from_filter(delivery: DeliveryState) -> bool:
    """Whether the reply is a content filter's own (and not that of the next server)."""
    return bool(delivery.status == "filter" or delivery.filter_id or _is_amavis_discard(delivery))


_DISCARDERS = {"local", "qmgr", "oqmgr", "nqmgr"}
_DISCARDS = {"discarded", "undeliverable postmaster notification discarded"}
_AMAVIS_KEPT = re.compile(
    r"250 2\.7\.[01] Ok, discarded,(?: UBE,)? id=|250 2\.5\.0 Ok, id=[^,]{1,40}, (?:BOUNCE|DISCARD)"
)


def _is_amavis_discard(delivery: DeliveryState) -> bool:
    """amavis: ``250 2.7.0 Ok, discarded, id=...`` and ``250 2.5.0 Ok, id=..., BOUNCE``."""
    if delivery.relay_port == "25":
        return False  # a mail server's own words: that it took the mail is all there is to know
    reply = delivery.smtp_reply
    return reply.startswith(("250 2.7.", "250 2.5.0 Ok")) and bool(_AMAVIS_KEPT.match(reply))

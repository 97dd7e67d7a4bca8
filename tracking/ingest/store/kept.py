"""Verdicts of a filter on a host of its own, brought to the mail that another source tells of.

Such a verdict names a queue id, but not the host that gave it. It is kept here until it is too
old to matter. Whichever comes second, it or the mail, both are brought together: by queue id,
Message-ID and time, in the rows, because the filter's source has no state of the mail.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tracking.choices import Disposition, QuarantineKind
from tracking.ingest.correlator import DeliveryState, HopState, word_for
from tracking.ingest.correlator.amavis import states_of
from tracking.ingest.correlator.state import Carry, Verdict, VerdictState, load_verdict
from tracking.ingest.correlator.workspace import Workspace
from tracking.ingest.store import rows
from tracking.ingest.store.copying import copy_rows, instant, mark_hours, micros, take_ids
from tracking.ingest.store.dictionaries import join_reply
from tracking.ingest.store.lookup import Lookup
from tracking.ingest.store.merging import settle_stored

# A mail is kept in a queue for a week; the clock of the filter's host may be behind.
_KEPT = timedelta(days=8)
_EARLY = timedelta(minutes=2)
_STOPPED = {"quarantined", "blocked"}
_FROM_FILTERS = [Disposition.DELIVERED.value, Disposition.DISCARDED.value]


class _Judged(NamedTuple):
    """A stored Hop, its Message, and what was said of it."""

    hop_id: int
    message: int
    received_at: Any
    verdict: Verdict


def bring_verdicts(
    cursor: Any, carries: list[tuple[Carry, int]], space: Workspace, lookup: Lookup
) -> None:
    """What was said elsewhere of this mail, and here of mail that is stored.

    ``carries`` are those of the segments, each with the time of its segment's first line. What is
    brought to its mail need not wait for it any more.
    """
    kept: list[Verdict] = [
        verdict
        for carry, first_at in carries
        for name, verdicts in carry.verdicts.items()
        for verdict in verdicts
        if verdict.queue_id == name and verdict.at >= first_at
    ]
    keep_verdicts(cursor, kept)
    touched = {hop.queue_id for hop in space.touched.values()}
    judged = judge_stored(cursor, touched | {verdict.queue_id for verdict in kept}, lookup)
    for carry, _ in carries:
        for queue_id in judged & carry.verdicts.keys():
            del carry.verdicts[queue_id]


def keep_verdicts(cursor: Any, verdicts: list[Verdict]) -> None:
    """Remember these, and forget what is older than mail is kept in a queue."""
    if not verdicts:
        return
    cursor.execute(
        "INSERT INTO tracking_keptverdict (queue_id, at, verdict) "
        "SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::jsonb[])",
        [
            [verdict.queue_id for verdict in verdicts],
            [instant(verdict.at) for verdict in verdicts],
            [json.dumps(verdict) for verdict in verdicts],
        ],
    )
    oldest = instant(min(verdict.at for verdict in verdicts)) - _KEPT
    cursor.execute("DELETE FROM tracking_keptverdict WHERE at < %s", [oldest])


def judge_stored(cursor: Any, queue_ids: Iterable[str], lookup: Lookup) -> set[str]:
    """Bring the kept verdicts on these queue ids to their mail; gives the ids that had one."""
    found = _find(cursor, list(queue_ids))
    if not found:
        return set()
    hops: dict[int, HopState] = {}
    for item in found:
        hop = hops.get(item.hop_id)
        if hop is None:
            at = micros(item.received_at)
            hop = hops[item.hop_id] = HopState("", item.verdict.queue_id, at, at)
            hop.id, hop.message, hop.received_at = item.hop_id, item.message, at
        hop.verdicts += states_of(item.verdict)
    _add_verdicts(cursor, hops, lookup)
    pairs = {(hop.message, hop.received_at) for hop in hops.values()}
    _judge_deliveries(cursor, hops)
    settle_stored(cursor, pairs)
    mark_hours(cursor, (instant(at) for _, at in pairs))
    return {item.verdict.queue_id for item in found}


def _find(cursor: Any, queue_ids: list[str]) -> list[_Judged]:
    cursor.execute(
        "SELECT verdict, at FROM tracking_keptverdict WHERE queue_id = ANY(%s)", [queue_ids]
    )
    kept: dict[str, list[Verdict]] = defaultdict(list)
    times = []
    for values, at in cursor.fetchall():
        verdict = load_verdict(values if isinstance(values, list) else json.loads(values))
        kept[verdict.queue_id].append(verdict)
        times.append(at)
    if not kept:
        return []
    cursor.execute(
        """
        SELECT h.queue_id, h.id, h.message_id, h.received_at, h.opened_at, m.message_id
        FROM tracking_hop h
        JOIN tracking_message m ON m.id = h.message_id AND m.received_at = h.received_at
        WHERE h.queue_id = ANY(%s)
          AND h.received_at BETWEEN %s AND %s
        """,
        [list(kept), min(times) - _KEPT, max(times) + _EARLY],
    )
    return [
        _Judged(hop_id, message, received_at, verdict)
        for queue_id, hop_id, message, received_at, opened_at, message_id in cursor.fetchall()
        for verdict in kept[queue_id]
        if _fits(verdict, opened_at, message_id)
    ]


def _fits(verdict: Verdict, opened_at: datetime, message_id: str) -> bool:
    """A queue id alone proves nothing: several hosts may have it, and it comes back."""
    is_in_time = -_EARLY <= instant(verdict.at) - opened_at <= _KEPT
    return is_in_time and verdict.message_id == message_id != ""


def _add_verdicts(cursor: Any, hops: dict[int, HopState], lookup: Lookup) -> None:
    cursor.execute(
        """
        SELECT f.hop_id, f.filter_id, coalesce(a.address, ''), f.at
        FROM unnest(%s::bigint[], %s::timestamptz[]) k (message, at)
        JOIN tracking_filterverdict f ON f.message_id = k.message AND f.received_at = k.at
        LEFT JOIN tracking_address a ON a.id = f.recipient_id
        """,
        _keys(hops),
    )
    told = {(hop_id, name, to, micros(at)) for hop_id, name, to, at in cursor.fetchall()}
    new: list[tuple[HopState, VerdictState]] = []
    for hop in hops.values():
        for verdict in hop.verdicts:
            key = (hop.id, verdict.filter_id, verdict.recipient, verdict.at)
            if key not in told:
                told.add(key)
                new.append((hop, verdict))
    if not new:
        return
    for number, (_, verdict) in enumerate(new, take_ids(cursor, len(new))):
        verdict.id = number
    rows.prepare(cursor, lookup, list(hops.values()), [])
    lines = (rows.verdict_row(hop, verdict, lookup) for hop, verdict in new)
    copy_rows(cursor, "tracking_filterverdict", rows.VERDICT, lines)


def _keys(hops: dict[int, HopState]) -> list[list[Any]]:
    pairs = sorted({(hop.message, hop.received_at) for hop in hops.values()})
    return [[message for message, _ in pairs], [instant(at) for _, at in pairs]]


def _judge_deliveries(cursor: Any, hops: dict[int, HopState]) -> None:
    """What the filter kept is not delivered, nor discarded."""
    cursor.execute(
        """
        SELECT d.hop_id, d.id, d.message_id, d.received_at, d.disposition, d.quarantine_kind,
          coalesce(r.address, ''), coalesce(o.address, ''), coalesce(n.name, ''),
          coalesce(t.template, ''), d.reply_words
        FROM unnest(%s::bigint[], %s::timestamptz[]) k (message, at)
        JOIN tracking_delivery d ON d.message_id = k.message AND d.received_at = k.at
        LEFT JOIN tracking_address r ON r.id = d.recipient_id
        LEFT JOIN tracking_address o ON o.id = d.original_recipient_id
        LEFT JOIN tracking_name n ON n.id = d.relay_name_id
        LEFT JOIN tracking_reply t ON t.id = d.reply_id
        """,
        _keys(hops),
    )
    changed = []
    for hop_id, row_id, message, received_at, disposition, kind, *said in cursor.fetchall():
        if hop_id in hops:
            word = _word(hops[hop_id], disposition, kind, *said)
            if word != (disposition, kind):
                changed.append((row_id, message, received_at, *word))
    if changed:
        cursor.execute(
            """
            UPDATE tracking_delivery d SET disposition = k.disposition, quarantine_kind = k.kind
            FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::smallint[],
              %s::smallint[]) k (id, message, at, disposition, kind)
            WHERE d.message_id = k.message AND d.received_at = k.at AND d.id = k.id
            """,
            [list(column) for column in zip(*changed, strict=True)],
        )


def _word(hop: HopState, disposition: int, kind: int, *said: str) -> tuple[int, int]:
    """Disposition and quarantine of a stored Delivery, now that the verdict is known."""
    recipient, original, relay, template, words = said
    delivery = DeliveryState(recipient, original, "sent", smtp_reply=join_reply(template, words))
    delivery.relay_port = relay.rpartition("]:")[2]
    word = word_for(hop, delivery)
    if word.quarantine_kind:
        kind = QuarantineKind[word.quarantine_kind.upper()].value
    if word.disposition in _STOPPED and disposition in _FROM_FILTERS:
        disposition = Disposition[word.disposition.upper()].value
    return disposition, kind

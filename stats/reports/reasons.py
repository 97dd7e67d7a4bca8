"""Why mail did not arrive: reasons of a period, each with the reply of a mail that ended so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from stats.days import HOUR
from stats.reports.figures import BOUNCED, TOP, Pair, Scope
from stats.rollups import select
from tracking.choices import Direction, Disposition, QuarantineKind
from tracking.ingest.store.dictionaries import HOLE, join_reply
from tracking.reasons import REASONS, Reason, reason_code

MAX_REPLY = 300
# Of mail by the networks of a customer, or of all outbound mail. The example is of the newest hour.
_COUNTS = """
SELECT n.disposition, coalesce(r.template, ''), n.now, n.before, n.example[1], n.example[2]
FROM (
    SELECT disposition, reply_id,
           sum(recipients) FILTER (WHERE hour >= %(since)s)::bigint AS now,
           coalesce(sum(recipients) FILTER (WHERE hour < %(since)s), 0)::bigint AS before,
           max(ARRAY[extract(epoch FROM hour)::bigint, example_id])
               FILTER (WHERE hour >= %(since)s) AS example
    FROM stats_networkreasonhour
    WHERE hour >= %(before)s AND hour < %(until)s AND {scope}
    GROUP BY 1, 2
) n
LEFT JOIN tracking_reply r ON r.id = n.reply_id
"""
_SITE = "direction = %(outbound)s"
_OWN = "network_id = ANY(%(networks)s::bigint[])"
_WORDS = """
SELECT DISTINCT ON (d.message_id, d.disposition, r.template)
       d.message_id, d.disposition, r.template, d.reply_words
FROM tracking_delivery d JOIN tracking_reply r ON r.id = d.reply_id
WHERE d.message_id = ANY(%s) AND d.received_at >= %s AND d.received_at < %s AND d.is_final
ORDER BY d.message_id, d.disposition, r.template, d.id
"""


class _Count(NamedTuple):
    """Recipients that one template of a reply explains; ``at`` (seconds) and ``message`` of one."""

    disposition: int
    template: str
    now: int | None
    before: int
    at: int | None
    message: int | None


@dataclass(frozen=True, slots=True)
class Why:
    """A reason and its recipients; ``reply`` is an example, "" when nobody replied."""

    reason: Reason
    recipients: Pair
    reply: str


@dataclass(frozen=True, slots=True)
class Whys:
    """The most frequent reasons first."""

    bounced: list[Why]
    deferred: list[Why]


def reasons(scope: Scope) -> Whys:
    """Two queries."""
    sql = _COUNTS.format(scope=_SITE if scope.networks is None else _OWN)
    values = {**scope.values, "outbound": Direction.OUTBOUND.value}
    counts = [_Count(*row) for row in select(sql, values)]
    failed = _leading([count for count in counts if count.disposition in BOUNCED])
    waiting = _leading([count for count in counts if count.disposition == Disposition.DEFERRED])
    replies = _replies([group[0] for group in (*failed, *waiting)])
    return Whys(
        [_why(group, replies) for group in failed], [_why(group, replies) for group in waiting]
    )


def _leading(counts: list[_Count]) -> list[list[_Count]]:
    """Counts by reason; in each, and of all, the most frequent now first."""
    groups: dict[str, list[_Count]] = {}
    for count in sorted(counts, key=lambda count: (-(count.now or 0), count.template)):
        groups.setdefault(_code(count), []).append(count)
    seen = {code: _sum(group).now for code, group in groups.items()}
    ordered = sorted((code for code in groups if seen[code]), key=lambda code: (-seen[code], code))
    return [groups[code] for code in ordered[:TOP]]


def _code(count: _Count) -> str:
    return reason_code(count.disposition, QuarantineKind.NONE, count.template)


def _sum(group: list[_Count]) -> Pair:
    return Pair(sum(count.now or 0 for count in group), sum(count.before for count in group))


def _why(group: list[_Count], replies: dict[tuple[int, int, str], str]) -> Why:
    first = group[0]
    words = replies.get((first.message or 0, first.disposition, first.template))
    # The mail is gone when it is not kept as long: then the reply is shown without its words.
    reply = first.template.replace(HOLE, "…") if words is None else words
    return Why(REASONS[_code(first)], _sum(group), _clean(reply))


def _replies(counts: list[_Count]) -> dict[tuple[int, int, str], str]:
    """Whole replies by message, disposition and template, as far as the mail is kept."""
    hours = [datetime.fromtimestamp(count.at, UTC) for count in counts if count.at is not None]
    if not hours:
        return {}
    messages = [count.message for count in counts if count.message is not None]
    rows = select(_WORDS, [messages, min(hours), max(hours) + HOUR])
    return {
        (message, disposition, template): join_reply(template, words)
        for message, disposition, template, words in rows
    }


def _clean(reply: str) -> str:
    """One line of letters: the other side may have sent anything."""
    text = " ".join(reply.split())
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return text if len(text) <= MAX_REPLY else text[: MAX_REPLY - 1] + "…"

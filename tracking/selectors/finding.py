"""Pages of a Search: where to look first, and when to stop.

Two ways. Where an index lists the Messages that may fit, and they are not too many, they are listed
at once and looked at newest first. Else the range is walked through in pieces, the one beside the
cursor first.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tracking.selectors.keyset import (
    INSTANT,
    Cursor,
    Key,
    MessageKey,
    Query,
    Search,
    Seed,
    keys_query,
    run,
)

# Most pages are full in the newest hours, and neither planning nor sorting has met the other days.
_FIRST = timedelta(hours=12)
_STEP = timedelta(days=3)
_DAY = timedelta(days=1)
_BRIEF = 0.001  # seconds
_MORE = 1.5  # of what the hits so far make likely to be enough
# Filters that fit few mails and have no index: after this time the page ends and says how far it
# has looked; its cursor goes on from there.
PAGE_SECONDS = 0.5
# So many Messages are listed in about the time that it takes to plan a walk through thirty days.
MAX_LISTED = 5000

_MAX_ID = 10**18 - 1


@dataclass(frozen=True, slots=True)
class Page:
    """A page of keys, newest first, and the cursors of its neighbours (None: there is none).

    ``reached`` is set when the search ended before the range did: so far it has looked.
    """

    keys: list[Key]
    older: Cursor | None
    newer: Cursor | None
    reached: datetime | None = None


@dataclass(slots=True)
class Progress:
    """How a search gets on. ``reached``: it ran out of time there."""

    wanted: int
    seconds: float
    found: int = 0
    reached: datetime | None = None

    @property
    def missing(self) -> int:
        return self.wanted - self.found


def find_page(
    search: Search, size: int, *, before: Cursor | None = None, after: Cursor | None = None
) -> Page:
    """One page, however deep it is; one query when the days beside the cursor fill it.

    ``before`` wins over ``after``. After PAGE_SECONDS it ends with what was found so far.
    """
    if before is not None:
        after = None
    keys: list[Key] = []
    progress = Progress(size + 1, PAGE_SECONDS)
    for part in parts_of(search, progress, before, after):
        query = keys_query(part, before=before, after=after, limit=progress.missing)
        keys += [Key(*row) for row in run(query)]
        progress.found = len(keys)
        if progress.missing <= 0:
            break
    has_more = len(keys) > size
    keys = keys[:size]
    reached = progress.reached
    if after is not None:
        keys.reverse()
        newer = _cursor(keys, 0) if has_more else _beside(reached, after)
        return Page(keys, _cursor(keys, -1) or after, newer, reached)
    older = _cursor(keys, -1) if has_more else _beside(reached, None)
    return Page(keys, older, _cursor(keys, 0) if before else None, reached)


def _cursor(keys: list[Key], index: int) -> Cursor | None:
    return Cursor(keys[index].received_at, keys[index].id) if keys else None


def _beside(reached: datetime | None, after: Cursor | None) -> Cursor | None:
    """The place where a search that was cut short goes on."""
    if reached is None:
        return None
    return Cursor(reached - INSTANT, _MAX_ID) if after else Cursor(reached, 0)


def parts_of(
    search: Search,
    progress: Progress,
    before: Cursor | None = None,
    after: Cursor | None = None,
) -> Iterator[Search]:
    """The search in parts, newest first (after a cursor: oldest first).

    Whoever takes them adds to ``progress.found`` what each part gave.
    """
    if search.is_empty:
        return
    since = max(search.since, after.received_at) if after else search.since
    until = min(search.until, before.received_at + INSTANT) if before else search.until
    bounded = search.between(since, until)
    listed = _listed(bounded) if since < until else []
    if listed is None:
        yield from _pieces(bounded, progress, is_forward=after is not None)
        return
    listed.sort(reverse=after is None)
    for some in _chunks(listed, progress.wanted):
        yield search.among(some)


def _listed(search: Search) -> list[MessageKey] | None:
    """Every Message for which the search may hold; None when no index lists so few."""
    for seeds in search.seeds:
        found = set(run(_listing(seeds, search)))
        if len(found) <= MAX_LISTED:
            return list(found)
    return None


def _listing(seeds: Sequence[Seed], search: Search) -> Query:
    parts, values = [], []
    for seed in seeds:
        parts.append(
            f"(SELECT s.received_at, s.{seed.message} FROM {seed.table} s WHERE {seed.sql} "
            "AND s.received_at >= %s AND s.received_at < %s LIMIT %s)"
        )
        values += [*seed.values, search.since, search.until, MAX_LISTED + 1]
    return Query(" UNION ALL ".join(parts), values)


def _chunks(keys: list[MessageKey], size: int) -> Iterator[list[MessageKey]]:
    """So many, then more and more; those of one instant stay together, as their rows are sorted."""
    begin = 0
    while begin < len(keys):
        end = min(begin + size, len(keys))
        while end < len(keys) and keys[end][0] == keys[end - 1][0]:
            end += 1
        yield keys[begin:end]
        begin, size = end, 4 * size


def _pieces(search: Search, progress: Progress, *, is_forward: bool) -> Iterator[Search]:
    """The range in pieces; each is as long as what was found before it makes likely to do."""
    begun = time.monotonic()
    since, until, span = search.since, search.until, _FIRST
    while since < until:
        if is_forward:
            part = search.between(since, min(_midnight_after(since, span), until))
            since = part.until
        else:
            part = search.between(max(_midnight_before(until, span), since), until)
            until = part.since
        had, started = progress.found, time.monotonic()
        yield part
        now = time.monotonic()
        left = progress.seconds - (now - begun)
        if left <= 0 and since < until:
            progress.reached = since if is_forward else until
            return
        span = part.until - part.since
        times = min(_times(span, progress, had), left / max(now - started, _BRIEF))
        span = max(span * times, _DAY)


def _times(span: timedelta, progress: Progress, had: int) -> float:
    """How many times as long as the last the next piece is: three, or as many as will be enough."""
    most = max(3.0, _STEP / span)
    found = progress.found - had
    return min(most, _MORE * progress.missing / found) if found else most


def _midnight_before(until: datetime, span: timedelta) -> datetime:
    """Partitions are days, in UTC."""
    try:
        return _midnight(until - span)
    except OverflowError:  # before the first day there is
        return datetime.min.replace(tzinfo=UTC)


def _midnight_after(since: datetime, span: timedelta) -> datetime:
    try:
        return _midnight(since + span - INSTANT) + _DAY
    except OverflowError:  # after the last day there is
        return datetime.max.replace(tzinfo=UTC)


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

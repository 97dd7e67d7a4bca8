"""Pages of a Search: where to look first, and when to stop.

The range is walked through in pieces, the one beside the cursor first, and each is as long as what
was found before makes likely to do. Where an index lists the Messages that may fit (the search has
``seeds``), those of a piece are listed and looked at newest first; then nothing found means that
the whole rest is the next piece, if as many as in this one make a list of it that is not too long.
When too many are listed a shorter piece is tried.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf

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
_GROWTH = 3.0  # of pieces in which nothing was found
_MORE = 1.5  # of what the hits so far make likely to be enough
# Filters that fit few mails and have no index: after this time the page ends and says how far it
# has looked; its cursor goes on from there.
PAGE_SECONDS = 0.5
# So many Messages are listed in about the time that it takes to plan a walk through thirty days.
MAX_LISTED = 5000
# Where even so short a piece has too many, every mail is looked at: they are everywhere.
_SHORT = timedelta(hours=3)
_ROOM = 0.7  # of MAX_LISTED is what a piece should fill: hours are not equally busy
_AHEAD = 4  # times the rows of a page are listed at once

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
    yield from _pieces(search.between(since, until), progress, is_forward=after is not None)


def _pieces(rest: Search, progress: Progress, *, is_forward: bool) -> Iterator[Search]:
    begun, span, is_halved = time.monotonic(), _FIRST, False
    is_listing = next(rest.seeds, None) is not None
    most = inf if is_listing else _GROWTH
    while rest.since < rest.until:
        part, after_it = _cut(rest, span, is_forward=is_forward, is_exact=is_halved)
        span, had, started = part.until - part.since, progress.found, time.monotonic()
        listed = _listed(part, progress.wanted, is_forward=is_forward) if is_listing else None
        if is_listing and listed is None:
            most = _GROWTH
            if span > _SHORT:
                span, is_halved = span / 2, True
                continue
            is_listing = False
        yield from [part] if listed is None else listed.parts(progress.wanted)
        rest, is_halved = after_it, False
        now = time.monotonic()
        left = progress.seconds - (now - begun)
        if left <= 0 and rest.since < rest.until:
            progress.reached = rest.since if is_forward else rest.until
            return
        fits = _ROOM * MAX_LISTED / max(listed.rows, 1) if listed else inf
        times = min(_times(span, progress, had, most), fits, left / max(now - started, _BRIEF))
        span = max(span * min(times, (rest.until - rest.since) / span), _DAY)


def _cut(
    search: Search, span: timedelta, *, is_forward: bool, is_exact: bool
) -> tuple[Search, Search]:
    """The piece beside the cursor and the rest; at a midnight, where partitions end, or exactly."""
    since, until = search.since, search.until
    if is_forward:
        middle = min(since + span if is_exact else _midnight_after(since, span), until)
        return search.between(since, middle), search.between(middle, until)
    middle = max(until - span if is_exact else _midnight_before(until, span), since)
    return search.between(middle, until), search.between(since, middle)


@dataclass(frozen=True, slots=True)
class _Listed:
    """The Messages for which a search may hold, in the order of the page; the first of them."""

    search: Search
    seeds: Sequence[Seed]
    keys: list[MessageKey]
    is_all: bool
    rows: int
    is_forward: bool

    def parts(self, size: int) -> Iterator[Search]:
        """The search among so many of them, then among more and more."""
        keys, is_all, rest = self.keys, self.is_all, self.search
        while keys:
            end = _end(keys, size)
            if end == len(keys) and not is_all:
                keys, is_all = (
                    _list(self.seeds, rest, MAX_LISTED, is_forward=self.is_forward)[0],
                    True,
                )
                continue
            yield self.search.among(keys[:end])
            last = keys[end - 1][0]
            since, until = (last + INSTANT, rest.until) if self.is_forward else (rest.since, last)
            keys, rest, size = keys[end:], rest.between(since, until), _AHEAD * size


def _listed(search: Search, size: int, *, is_forward: bool) -> _Listed | None:
    """By the index that lists the fewest; None when no index lists so few."""
    best = None
    limit = (1 + _AHEAD) * size + 1
    for seeds in search.seeds:
        keys, rows = _list(seeds, search, limit, is_forward=is_forward)
        if rows <= MAX_LISTED and (best is None or rows < best.rows):
            best = _Listed(search, seeds, keys, len(keys) < limit, rows, is_forward)
        if rows <= size:
            break
    return best


def _list(
    seeds: Sequence[Seed], search: Search, limit: int, *, is_forward: bool
) -> tuple[list[MessageKey], int]:
    """So many Messages, and of how many rows they are; over MAX_LISTED there may be more."""
    parts, values = [], []
    for seed in seeds:
        parts.append(
            f"(SELECT s.received_at, s.{seed.message} FROM {seed.table} s WHERE {seed.sql} "
            "AND s.received_at >= %s AND s.received_at < %s LIMIT %s)"
        )
        values += [*seed.values, search.since, search.until, MAX_LISTED + 1]
    order = "ASC" if is_forward else "DESC"
    found = run(
        Query(
            "SELECT at, message, sum(count(*)) OVER () "
            f"FROM ({' UNION ALL '.join(parts)}) s (at, message) GROUP BY at, message "
            f"ORDER BY at {order}, message {order} LIMIT %s",
            [*values, limit],
        )
    )
    return [(at, message) for at, message, _ in found], int(found[0][2]) if found else 0


def _end(keys: Sequence[MessageKey], end: int) -> int:
    """Keys of one instant stay together, as their rows are sorted."""
    end = min(end, len(keys))
    while end < len(keys) and keys[end][0] == keys[end - 1][0]:
        end += 1
    return end


def _times(span: timedelta, progress: Progress, had: int, most: float) -> float:
    """How many times as long as the last the next piece is: the most, or as will be enough."""
    found = progress.found - had
    most = max(most, _STEP / span)
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

"""When mail comes: the rhythm of office days and nights, and the bursts of newsletters."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from tracking.simulator.clock import HOUR, MINUTE, SECOND, site_time

# Weight of each local hour. People write at 09-11 and 13-15; spam hardly sleeps.
_OFFICE = (4, 3, 2, 2, 3, 6, 14, 34, 70, 100, 98, 76, 58, 92, 96, 74, 52, 32, 22, 18, 14, 11, 8, 6)
_INTERNET = (34, 32, 30, 28, 28, 30, 36, 48, 68, 88, 90, 78, 66, 82, 86, 76, 64, 54, 50, 48, 46,
             44, 40, 36)  # fmt: skip
_WEEKEND = {"office": 0.28, "internet": 0.62}
_OUTBOUND_SHARE = 0.6
_NEWSLETTER_SHARE = 0.1
_SINGLE_SHARE = 0.8
_BURST_HOURS = (8, 10, 10, 14, 19, 2)


@dataclass(slots=True, frozen=True)
class Arrival:
    """A client connects at a moment with some mails: kind is office, newsletter or internet."""

    at: int
    kind: str
    mails: int
    burst: int = 0


def plan(rng: random.Random, start: int, end: int, messages: int) -> Iterator[Arrival]:
    """Every arrival in order of time; their mails add up to the number of messages."""
    newsletters = round(messages * _OUTBOUND_SHARE * _NEWSLETTER_SHARE)
    office = round(messages * _OUTBOUND_SHARE) - newsletters
    streams = [
        _stream(rng, "office", _OFFICE, (start, end), office),
        _stream(rng, "internet", _INTERNET, (start, end), messages - office - newsletters),
        *_bursts(rng, (start, end), newsletters),
    ]
    return heapq.merge(*streams, key=lambda arrival: arrival.at)


def weight(kind: str, hours: tuple[int, ...], at: int) -> float:
    """How much mail the hour of a moment has, in proportion."""
    local = site_time(at)
    return hours[local.hour] * (_WEEKEND[kind] if local.weekday() >= 5 else 1.0)


def _slices(span: tuple[int, int]) -> list[tuple[int, int]]:
    """The clock hours of a span, the first and last of them cut."""
    start, end = span
    edges = [start, *range((start // HOUR + 1) * HOUR, end, HOUR), end]
    return [(a, b) for a, b in itertools.pairwise(edges) if b > a]


def _stream(
    rng: random.Random, kind: str, hours: tuple[int, ...], span: tuple[int, int], mails: int
) -> Iterator[Arrival]:
    # A generator of its own for each stream: merging must not change what it draws.
    own = random.Random(rng.getrandbits(64))  # noqa: S311 (a simulation wants repeatable numbers)
    slices = _slices(span)
    weights = [weight(kind, hours, a) * (b - a) * own.uniform(0.9, 1.1) for a, b in slices]
    return _drawn(own, kind, slices, _shares(weights, mails))


def _shares(weights: list[float], total: int) -> list[int]:
    """Whole numbers in proportion to the weights that add up to the total."""
    factor = total / (sum(weights) or 1)
    shares, running, given = [], 0.0, 0
    for item in weights:
        running += item * factor
        shares.append(round(running) - given)
        given += shares[-1]
    return shares


def _drawn(
    rng: random.Random, kind: str, slices: list[tuple[int, int]], counts: list[int]
) -> Iterator[Arrival]:
    for (begin, end), count in zip(slices, counts, strict=True):
        sizes = list(_sessions(rng, count))
        moments = sorted(rng.randrange(begin, end) for _ in sizes)
        yield from (Arrival(at, kind, size) for at, size in zip(moments, sizes, strict=True))


def _sessions(rng: random.Random, mails: int) -> Iterator[int]:
    """Mails per session: mostly one, seldom up to five."""
    while mails > 0:
        size = min(mails, 1 if rng.random() < _SINGLE_SHARE else rng.randrange(2, 6))
        yield size
        mails -= size


def _bursts(rng: random.Random, span: tuple[int, int], mails: int) -> list[Iterator[Arrival]]:
    """A few newsletters a day, each from one bulk customer within an hour."""
    start, end = span
    count = max(1, round((end - start) / (8 * HOUR)))
    begins = sorted(_burst_start(rng, start, end) for _ in range(count))
    shares = _shares([rng.uniform(0.3, 2.0) for _ in begins], mails)
    pairs = zip(begins, shares, strict=True)
    return [_burst(rng.getrandbits(64), n, at, end, size) for n, (at, size) in enumerate(pairs)]


def _burst_start(rng: random.Random, start: int, end: int) -> int:
    hour = start + rng.randrange(max((end - start) // HOUR, 1)) * HOUR
    local = site_time(hour)
    moment = hour + (rng.choice(_BURST_HOURS) - local.hour) * HOUR + rng.randrange(5) * MINUTE
    return min(max(moment, start), end - MINUTE)


def _burst(seed: int, number: int, at: int, end: int, mails: int) -> Iterator[Arrival]:
    rng = random.Random(seed)  # noqa: S311 (a simulation wants repeatable numbers)
    sessions = max(1, mails // 12)
    span = min(end - at - SECOND, rng.randrange(15, 50) * MINUTE)
    moments = sorted(at + int(span * rng.random() ** 1.3) for _ in range(sessions))
    sizes = _shares([1.0] * sessions, mails)
    for moment, size in zip(moments, sizes, strict=True):
        if size:
            yield Arrival(moment, "newsletter", size, number)

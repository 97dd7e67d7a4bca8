"""The way of a mail to one recipient, and its delays drawn to scale. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracking.selectors.story import Story, StoryDelivery, StoryHop

WIDTH = 1000
_HAIRLINE = 3
_PARTS = ("before_queue", "in_queue", "connect", "transmit")


@dataclass(frozen=True, slots=True)
class Part:
    """One delay; ``x`` and ``width`` in thousandths of the journey, never thinner than a hair."""

    kind: str
    seconds: float
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Step:
    """One Hop on the way, with the Delivery that led on from it.

    Postfix's first delay lasts until the newest attempt began: of a mail that was tried before,
    it is the time between the tries.
    """

    hop: StoryHop
    delivery: StoryDelivery
    parts: tuple[Part, ...]

    @property
    def before_queue_seconds(self) -> float | None:
        return None if self.delivery.attempts > 1 else self.delivery.before_queue_seconds

    @property
    def waiting_seconds(self) -> float | None:
        return sum(part.seconds for part in self.parts if part.kind == "waiting") or None


@dataclass(frozen=True, slots=True)
class Journey:
    """``seconds`` from the first line to the last; ``marks`` are quarters of it."""

    steps: tuple[Step, ...]
    seconds: float

    @property
    def marks(self) -> tuple[float, ...]:
        return tuple(self.seconds * quarter / 4 for quarter in range(5))


def journey_of(story: Story, delivery: StoryDelivery, now: datetime) -> Journey:
    """The Hops from the first to the one that speaks for the recipient, in order.

    While the mail is under way the journey lasts until ``now``.
    """
    legs = list(_legs(story, delivery))[::-1]
    spans = [_spans(hop, leg, now) for hop, leg in legs]
    moments = [at for span in spans for _, begin, end in span for at in (begin, end)]
    begin = min([hop.opened_at for hop, _ in legs] + moments)
    end = max([hop.opened_at for hop, _ in legs] + moments)
    seconds = (end - begin).total_seconds()
    steps = [
        Step(hop, leg, tuple(_parts(span, begin, seconds)))
        for (hop, leg), span in zip(legs, spans, strict=True)
    ]
    return Journey(tuple(steps), seconds)


def _legs(story: Story, delivery: StoryDelivery) -> Iterator[tuple[StoryHop, StoryDelivery]]:
    """From the last Hop back to the first; hostile logs may link in a ring."""
    hops = {hop.id: hop for hop in story.hops}
    names = {delivery.recipient.casefold(), (delivery.original_recipient or "").casefold()}
    hop, leg, seen = hops.get(delivery.hop), delivery, set[int]()
    while hop is not None and hop.id not in seen:
        seen.add(hop.id)
        yield hop, leg
        parent = hops.get(hop.parent or 0)
        found = _leading_on(parent, hop, names) if parent else None
        if found is None:
            return
        hop, leg = parent, found
        names |= {leg.recipient.casefold(), (leg.original_recipient or "").casefold()}


def _leading_on(parent: StoryHop, hop: StoryHop, names: set[str]) -> StoryDelivery | None:
    """The Delivery of ``parent`` that handed the mail to ``hop`` for one of these recipients."""
    handed = [item for item in parent.deliveries if item.next_queue_id == hop.queue_id]
    for among in (handed, parent.deliveries):
        for item in among:
            if item.recipient.casefold() in names:
                return item
    return next(iter(handed or parent.deliveries), None)


Span = tuple[str, datetime, datetime]


def _spans(hop: StoryHop, delivery: StoryDelivery, now: datetime) -> list[Span]:
    """Delays a/b/c/d end with the newest attempt; without one, the mail waits in the queue."""
    seconds = [getattr(delivery, f"{kind}_seconds") for kind in _PARTS]
    if delivery.last_attempt_at is None or None in seconds:
        return [("in_queue", hop.opened_at, max(hop.ended_at or now, hop.opened_at))]
    at = delivery.last_attempt_at - timedelta(seconds=sum(seconds))
    spans = []
    kinds = ("waiting" if delivery.attempts > 1 else _PARTS[0], *_PARTS[1:])
    for kind, length in zip(kinds, seconds, strict=True):
        spans.append((kind, at, at + timedelta(seconds=length)))
        at += timedelta(seconds=length)
    if hop.ended_at is None and now > at:
        spans.append(("waiting", at, now))
    return spans


def _parts(spans: Sequence[Span], begin: datetime, seconds: float) -> Iterator[Part]:
    for kind, start, end in spans:
        length = (end - start).total_seconds()
        if length > 0 and seconds > 0:
            x = round(WIDTH * (start - begin).total_seconds() / seconds)
            width = max(_HAIRLINE, round(WIDTH * length / seconds))
            yield Part(kind, length, min(x, WIDTH - _HAIRLINE), min(width, WIDTH))

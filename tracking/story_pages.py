"""What the page of a story shows: the chosen recipient's answer and way, and the others folded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from tracking.answers import answer_for, caller_texts
from tracking.choices import Disposition
from tracking.selectors.journey import journey_of
from tracking.selectors.story import Story, StoryDelivery, StoryHop, StoryVerdict

# The recipient whose fate needs an answer comes first.
_GOOD = frozenset({Disposition.DELIVERED})


@dataclass(frozen=True, slots=True)
class Ending:
    """How many recipients ended so."""

    disposition: int
    count: int


@dataclass(frozen=True, slots=True)
class HopView:
    """A Hop as the page of one recipient shows it: what is about others is only counted."""

    hop: StoryHop
    deliveries: list[StoryDelivery]
    verdicts: list[StoryVerdict]
    other_count: int

    @property
    def has_details(self) -> bool:
        """Whether the raw lines say more: earlier attempts, rules behind a score, a cipher."""
        is_tls = self.hop.is_tls or any(item.is_tls for item in self.deliveries)
        return (
            bool(is_tls)
            or any(item.attempts > 1 for item in self.deliveries)
            or any(item.score is not None for item in self.verdicts)
        )


def story_context(story: Story, recipient: str, now: datetime | None = None) -> dict[str, Any]:
    """Context of the page and of the part of it that updates itself."""
    now = now or timezone.now()
    context: dict[str, Any] = {
        "story": story,
        "endings": [Ending(word, count) for word, count in story.endings.items()],
        "live_seconds": story.live_seconds(now),
        "recipient": recipient,
    }
    chosen = choose_recipient(story, recipient)
    if chosen is None:
        return context | {"hops": list(_hop_views(story, None, set()))}
    journey = journey_of(story, chosen, now)
    on_the_way = {step.hop.id for step in journey.steps}
    hops = list(_hop_views(story, chosen, on_the_way))
    return context | {
        "answer": answer_for(story, chosen),
        "chosen": chosen,
        "journey": journey,
        "texts": caller_texts(story, chosen, journey),
        "is_unknown": bool(recipient) and not chosen.is_for(recipient),
        "others": [item for item in story.recipients if item is not chosen],
        "other_endings": _without(story, chosen),
        "hops": [view for view in hops if view.hop.id in on_the_way],
        "other_hops": [view for view in hops if view.hop.id not in on_the_way],
    }


def choose_recipient(story: Story, address: str) -> StoryDelivery | None:
    """The one asked for, or else the first that was not delivered; None when none is named."""
    finals = story.recipients
    wanted = [item for item in finals if address and item.is_for(address)]
    troubled = [item for item in finals if item.disposition not in _GOOD]
    return next(iter(wanted or troubled or finals), None)


def _without(story: Story, chosen: StoryDelivery) -> list[Ending]:
    counts = story.endings
    counts[chosen.disposition] -= 1
    return [Ending(word, count) for word, count in counts.items() if count]


def _hop_views(
    story: Story, chosen: StoryDelivery | None, on_the_way: set[int]
) -> Iterator[HopView]:
    """Hops the recipient's mail did not pass show all that is known of them."""
    for hop in story.hops:
        if chosen is None or hop.id not in on_the_way:
            yield HopView(hop, hop.deliveries[:20], hop.verdicts[:20], len(hop.deliveries[20:]))
            continue
        names = {chosen.recipient, chosen.original_recipient or chosen.recipient}
        mine = [item for item in hop.deliveries if any(item.is_for(name) for name in names)]
        mine = mine or hop.deliveries[:1]
        verdicts = [
            item
            for item in hop.verdicts
            if not item.recipient or any(item.recipient.casefold() == n.casefold() for n in names)
        ]
        yield HopView(hop, mine, verdicts, len(hop.deliveries) - len(mine))

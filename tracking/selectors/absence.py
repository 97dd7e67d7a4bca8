"""Why a search found nothing: the caller is told which of these is true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracking.one_box import Meaning, understand
from tracking.selectors import lookups
from tracking.selectors.keyset import DELIVERIES, Search, count_up_to
from tracking.selectors.lookups import AddressIds
from tracking.selectors.rejections import FoundRejection, rejections_about
from tracking.selectors.status import SourceStatus, late_sources

MAX_OUTSIDE = 100
MAX_REJECTIONS = 10


@dataclass(frozen=True, slots=True)
class Absence:
    """What is known where no mail is.

    ``outside``: so many rows at other times, at least that many if ``is_outside_capped``.
    ``kept_since`` is set when the range begins before the retained time.
    """

    outside: int
    is_outside_capped: bool
    rejections: list[FoundRejection]
    is_never_seen: bool
    kept_since: datetime | None
    is_empty: bool
    late: list[SourceStatus]


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of a search that a rejection knows, too."""

    text: str = ""
    addresses: tuple[str, ...] = ()
    client: str = ""


def explain_absence(search: Search, everywhere: Search, asked: Asked) -> Absence:
    """``everywhere`` is the same search without bounds of time."""
    oldest = lookups.oldest_delivery_at()
    outside = count_up_to(everywhere.over(DELIVERIES), MAX_OUTSIDE)
    found, network = _known(asked)
    is_about_address = bool(asked.addresses) or (
        understand(asked.text).meaning in {Meaning.ADDRESS, Meaning.DOMAIN}
    )
    return Absence(
        outside=outside,
        is_outside_capped=outside == MAX_OUTSIDE,
        rejections=rejections_about(found, network, search.since, search.until, MAX_REJECTIONS),
        is_never_seen=is_about_address and not found and outside == 0,
        kept_since=oldest if oldest and oldest > search.since else None,
        is_empty=oldest is None,
        late=late_sources(),
    )


def _known(asked: Asked) -> tuple[list[int], str | None]:
    """Ids of the addresses asked for, and the network."""
    understood = understand(asked.text)
    texts = list(asked.addresses)
    network = asked.client or None
    match understood.meaning:
        case Meaning.ADDRESS | Meaning.PATTERN:
            texts.append(understood.value or "<>")
        case Meaning.DOMAIN:
            texts.append(f"@{understood.value}")
        case Meaning.NETWORK:
            network = understood.value
    ids: list[int] = []
    for text in texts:
        found: AddressIds = lookups.find_addresses(text)
        ids += found.ids
    return ids, network

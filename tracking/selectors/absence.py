"""Why a search found nothing: the caller is told which of these is true."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tracking.one_box import Meaning, Understood
from tracking.reasons import REASONS, Reason
from tracking.selectors import lookups
from tracking.selectors.conditions import of_client
from tracking.selectors.keyset import DELIVERIES, Search, count_up_to
from tracking.selectors.rejections import FoundRejection, rejections_about
from tracking.selectors.search import DispositionCount, count_dispositions
from tracking.selectors.status import SourceStatus, late_sources

MAX_OUTSIDE = 100
MAX_REJECTIONS = 10


@dataclass(frozen=True, slots=True)
class Absence:
    """What is known where no mail is.

    ``outside``: so many rows at other times, at least that many if ``is_outside_capped``; None:
    to look there would take too long.
    ``kept_since`` is set when the range begins before the retained time. ``client`` with
    ``client_mail``: what else the client that was asked for sent in the range.
    """

    outside: int | None
    is_outside_capped: bool
    rejections: list[FoundRejection]
    is_never_seen: bool
    kept_since: datetime | None
    is_empty: bool
    late: list[SourceStatus]
    client: str = ""
    client_mail: list[DispositionCount] = field(default_factory=list)

    @property
    def why(self) -> Reason | None:
        """What to tell the caller of a mail that left no trace; a late log may have it yet."""
        is_told = self.is_never_seen and not (self.rejections or self.late or self.is_empty)
        return REASONS["NEVER_SEEN"] if is_told else None


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of a search that a rejection knows, too."""

    understood: Understood = field(default_factory=lambda: Understood(Meaning.NOTHING))
    addresses: tuple[str, ...] = ()
    client: str = ""


def explain_absence(search: Search, everywhere: Search, asked: Asked) -> Absence:
    """``everywhere`` is the same search without bounds of time."""
    oldest = lookups.oldest_delivery_at()
    outside = count_up_to(everywhere.over(DELIVERIES), MAX_OUTSIDE)
    texts, network = _known(asked)
    found = [row for text in texts for row in lookups.find_addresses(text).ids]
    return Absence(
        outside=outside,
        is_outside_capped=outside == MAX_OUTSIDE,
        rejections=rejections_about(found, network, search.since, search.until, MAX_REJECTIONS),
        is_never_seen=bool(texts) and not found and outside == 0,
        kept_since=oldest if oldest and oldest > search.since else None,
        is_empty=oldest is None,
        late=late_sources(),
        client=network,
        client_mail=_mail_of(network, search) if network else [],
    )


def _mail_of(network: str, search: Search) -> list[DispositionCount]:
    """What a client sent in the range, whatever else was asked for."""
    everything = Search(DELIVERIES, search.since, search.until)
    return count_dispositions(everything.where(of_client("m.client_ip", network)))


def _known(asked: Asked) -> tuple[list[str], str]:
    """The addresses asked for, as texts, and the network."""
    understood = asked.understood
    texts = list(asked.addresses)
    match understood.meaning:
        case Meaning.ADDRESS | Meaning.PATTERN:
            texts.append(understood.value or "<>")
        case Meaning.DOMAIN:
            texts.append(f"@{understood.value}")
        case Meaning.PAIR:
            texts += [understood.value, understood.other]
        case Meaning.SEVERAL:
            texts += understood.named.recipients
        case Meaning.NETWORK:
            return texts, understood.value
    return texts, asked.client

"""The weather at mail providers: how well they take our mail, and what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stats.selectors.destinations import (
    Endings,
    ProviderFigures,
    ProviderPair,
    ReasonRow,
    reason_text,
)
from tracking.choices import Disposition

SHOWN = 12
OTHER = ""
# Shares, in percent, from which the weather is bad or worse.
_CLOUDY_FAILED, _STORMY_FAILED = 5.0, 15.0
_CLOUDY_DEFERRED, _STORMY_DEFERRED = 10.0, 40.0
# A reason is told of as changed when so many recipients more had it than before, and twice as many.
_TOLD_FROM = 3


class Sky(TextChoices):
    """The word for how well it goes; its icon and colour are the template's business."""

    FAIR = "fair", _("Fair")
    CLOUDY = "cloudy", _("Cloudy")
    STORMY = "stormy", _("Stormy")


def sky_of(endings: Endings) -> Sky:
    failed, deferred = endings.failed_percent, endings.deferred_percent
    if failed >= _STORMY_FAILED or deferred >= _STORMY_DEFERRED:
        return Sky.STORMY
    if failed >= _CLOUDY_FAILED or deferred >= _CLOUDY_DEFERRED:
        return Sky.CLOUDY
    return Sky.FAIR


@dataclass(frozen=True, slots=True)
class Change:
    """A reason that is given much more often than in the period before."""

    code: str
    text: str | Promise
    recipients: int
    before: int


@dataclass(frozen=True, slots=True)
class Weather:
    """A provider; ``change`` is the reason that grew most, if one did."""

    provider: str
    label: str | Promise
    sky: Sky
    now: ProviderFigures
    before: ProviderFigures
    change: Change | None

    @property
    def accepted_change(self) -> float | None:
        """Points of percent; None when there was no mail before."""
        if not self.before.endings.recipients:
            return None
        return self.now.endings.accepted_percent - self.before.endings.accepted_percent


def weather_of(
    pairs: Sequence[ProviderPair], reasons: Iterable[ReasonRow], shown: int = SHOWN
) -> list[Weather]:
    """Of the busiest providers; all others are the last line."""
    kept = [pair for pair in pairs if pair.provider != OTHER][:shown]
    names = {pair.provider for pair in kept}
    others = ProviderPair(OTHER, ProviderFigures.none(), ProviderFigures.none())
    for pair in pairs:
        if pair.provider not in names:
            others.include(pair)
    by_provider: dict[str, list[ReasonRow]] = {}
    for row in reasons:
        key = row.provider if row.provider in names else OTHER
        by_provider.setdefault(key, []).append(row)
    last = [others] if others.now.endings.recipients else []
    return [_weather(pair, by_provider.get(pair.provider, [])) for pair in [*kept, *last]]


def _weather(pair: ProviderPair, reasons: Sequence[ReasonRow]) -> Weather:
    label = pair.provider or _("Other providers")
    sky = sky_of(pair.now.endings)
    return Weather(pair.provider, label, sky, pair.now, pair.before, _change(reasons))


def _change(rows: Sequence[ReasonRow]) -> Change | None:
    sums: dict[str, list[int]] = {}
    for row in rows:
        if row.disposition != Disposition.QUEUED:
            pair = sums.setdefault(row.reason, [0, 0])
            pair[0] += row.recipients
            pair[1] += row.before
    grown = [
        (now - before, code, now, before)
        for code, (now, before) in sums.items()
        if now - before >= _TOLD_FROM and now >= 2 * before
    ]
    if not grown:
        return None
    _growth, code, now, before = max(grown)
    return Change(code, reason_text(code), now, before)

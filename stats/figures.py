"""A figure, and the search that lists exactly what it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise

from stats.selectors import Sums

MESSAGES, RECIPIENTS, REJECTIONS, BYTES = "messages", "recipients", "rejections", "bytes"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of ``unit``, its link, and how it compares with the day before.

    ``whole``: what it is a part of, for a percentage. ``compared`` is the part of the value that
    is set against ``before`` (a day that goes on has hours that are not over).
    """

    value: int
    unit: str
    url: str
    compared: int = 0
    before: int = 0
    whole: int = 0

    @property
    def change(self) -> int:
        return self.compared - self.before

    @property
    def change_percent(self) -> int | None:
        """None when there was nothing the day before."""
        return round(100 * self.change / self.before) if self.before else None

    @property
    def percent(self) -> float:
        return 100 * self.value / self.whole if self.whole else 0.0

    @property
    def is_worth_telling(self) -> bool:
        return bool(self.value or self.before)


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with its name. ``word``: the disposition whose badge it has, else ``icon``."""

    label: str | Promise
    figure: Figure
    word: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """Links to the searches of a time."""

    since: datetime
    until: datetime

    def mail(self, **given: Any) -> str:
        return self._to("tracking:search", given)

    def rejections(self, **given: Any) -> str:
        return self._to("tracking:rejections", given)

    def _to(self, name: str, given: dict[str, Any]) -> str:
        times = {
            key: timezone.localtime(value).isoformat()
            for key, value in (("since", self.since), ("until", self.until))
        }
        return f"{reverse(name)}?{urlencode({**times, **given}, doseq=True)}"


def figure(sums: Sums, unit: str, url: str, *, whole: int = 0) -> Figure:
    return Figure(sums.value, unit, url, sums.compared, sums.before, whole)


def worth_telling(tiles: Iterable[Tile]) -> list[Tile]:
    """Those that have something to say of this day or the day before."""
    return [tile for tile in tiles if tile.figure.is_worth_telling]

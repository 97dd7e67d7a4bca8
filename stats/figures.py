"""A figure, and the search that lists exactly what it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise

from stats.selectors import Sums

MESSAGES, RECIPIENTS, REJECTIONS, BYTES = "messages", "recipients", "rejections", "bytes"
MILLISECONDS = "milliseconds"
_MANY = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of ``unit``, its link, and how it compares with the period before.

    ``whole``: what it is a part of, for a percentage. ``is_least``: there may be more.
    ``compared`` is the part of the value that is set against ``before`` (a range that goes on has
    hours that are not over).
    """

    value: int
    unit: str
    url: str
    compared: int = 0
    before: int = 0
    whole: int = 0
    is_least: bool = False

    @property
    def seconds(self) -> float:
        return self.value / 1000

    @property
    def change(self) -> int:
        return self.compared - self.before

    @property
    def change_percent(self) -> int | None:
        """None when there was nothing before."""
        return round(100 * self.change / self.before) if self.before else None

    @property
    def times(self) -> int:
        """How many times as much as before, when percentages would be of four digits; else 0."""
        is_many = self.before > 0 and self.compared >= _MANY * self.before
        return round(self.compared / self.before) if is_many else 0

    @property
    def percent(self) -> float:
        return 100 * self.value / self.whole if self.whole else 0.0

    @property
    def is_worth_telling(self) -> bool:
        return bool(self.value or self.before)


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with its name. ``word``: the disposition whose badge it has, else ``icon``.

    ``note`` stands where the others have their change: of what is so now, there is none.
    """

    label: str | Promise
    figure: Figure
    word: str = ""
    icon: str = ""
    note: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Links:
    """Links to the searches of a time: a page has hundreds, so that they share what is alike."""

    search: str
    refused: str
    times: str

    @classmethod
    def of(cls, since: datetime, until: datetime) -> Links:
        paths = (reverse("tracking:search"), reverse("tracking:rejections"))
        return cls(*paths, _times(since, until))

    def between(self, since: datetime, until: datetime) -> Links:
        """Links to other times."""
        return replace(self, times=_times(since, until))

    def mail(self, **given: str | list[str]) -> str:
        return f"{self.search}?{self.times}&{urlencode(given, doseq=True)}"

    def mails(self, **given: str | list[str]) -> str:
        """Each mail on one row, that of its first recipient."""
        return self.mail(**given, once="yes")

    def rejections(self, **given: str) -> str:
        return f"{self.refused}?{self.times}" + (f"&{urlencode(given)}" if given else "")


def _times(since: datetime, until: datetime) -> str:
    local = {"since": timezone.localtime(since), "until": timezone.localtime(until)}
    return urlencode({name: value.isoformat() for name, value in local.items()})


def figure(sums: Sums, unit: str, url: str, *, whole: int = 0) -> Figure:
    return Figure(sums.value, unit, url, sums.compared, sums.before, whole)


def worth_telling(tiles: Iterable[Tile]) -> list[Tile]:
    """Those that have something to say of this period or the one before."""
    return [tile for tile in tiles if tile.figure.is_worth_telling]

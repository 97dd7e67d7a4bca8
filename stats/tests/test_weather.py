"""The weather at providers: what it is made of, and the reason that changed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from stats.selectors.destinations import (
    Endings,
    ProviderFigures,
    ProviderPair,
    ReasonRow,
    providers_of,
)
from stats.spans import Span
from stats.weather import Sky, sky_of, weather_of
from tracking.choices import Direction, Disposition

BOUNCED = Disposition.BOUNCED.value


def pair(name: str, delivered: int, bounced: int = 0, deferred: int = 0) -> ProviderPair:
    now = ProviderFigures.none()
    now.endings.add(Disposition.DELIVERED, delivered)
    now.endings.add(Disposition.BOUNCED, bounced)
    now.endings.add(Disposition.DEFERRED, deferred)
    return ProviderPair(name, now, ProviderFigures.none())


@pytest.mark.parametrize(
    ("bounced", "deferred", "sky"),
    [(0, 0, Sky.FAIR), (4, 9, Sky.FAIR), (5, 0, Sky.CLOUDY), (0, 10, Sky.CLOUDY),
     (15, 0, Sky.STORMY), (0, 40, Sky.STORMY)],
)  # fmt: skip
def test_it_has_a_word_for_how_well_it_goes(bounced: int, deferred: int, sky: Sky) -> None:
    endings = pair("Example", 100 - bounced - deferred, bounced, deferred).now.endings
    assert sky_of(endings) is sky
    assert sky_of(Endings()) is Sky.FAIR


def test_it_counts_as_deferred_what_waits_and_what_waited() -> None:
    endings = Endings()
    endings.add(Disposition.DELIVERED, 90, retried=5)
    endings.add(Disposition.DEFERRED, 10, retried=7)
    assert (endings.deferred_percent, endings.accepted_percent) == (15, 90)


def test_it_tells_of_the_reason_that_grew_most() -> None:
    rows = [
        ReasonRow("Example", BOUNCED, "BNC_NO_USER", 50, 48),
        ReasonRow("Example", BOUNCED, "BNC_REPUTATION", 9, 1),
        ReasonRow("Example", Disposition.DEFERRED.value, "DEF_TIMEOUT", 7, 0),
        ReasonRow("Other", BOUNCED, "BNC_FULL", 90, 0),
    ]
    weather = weather_of([pair("Example", 100, 59, 7), pair("Quiet", 5)], rows)
    change = weather[0].change
    assert change is not None
    assert (change.code, change.recipients, change.before) == ("BNC_REPUTATION", 9, 1)
    assert weather[1].change is None


def test_it_puts_the_others_into_one_line() -> None:
    pairs = [pair("", 7), *(pair(f"p{number}", 6 - number) for number in range(4))]
    weather = weather_of(pairs, [], shown=2)
    assert [(item.provider, item.now.endings.recipients) for item in weather] == [
        ("p0", 6),
        ("p1", 5),
        ("", 14),
    ]


@pytest.mark.usefixtures("mail")
def test_it_reads_providers_of_the_log() -> None:
    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC), tick=False):
        pairs = providers_of(
            Span.of_days(date(2026, 11, 20), date(2026, 11, 20)), Direction.OUTBOUND
        )
    assert sum(item.now.endings.recipients for item in pairs) == 3
    assert sum(item.now.endings.delivered for item in pairs) == 1
    median = next(item.now.median_seconds for item in pairs if item.now.endings.delivered)
    assert median is not None
    assert 0 < median < 60

"""The dashboard over any range: which hours, which bars, compared with what."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
import time_machine
from django.test import Client, override_settings
from django.utils import timezone

from quarantine.models import QuarantinedMessage, QuarantineSource
from stats.rollups import roll_up
from stats.spans import Preset, Span
from stats.tests.support import body, count_behind
from stats.tests.test_dashboard import context_of, tiles_of
from tracking.choices import QuarantineKind
from tracking.tests import mail_log
from tracking.tests.support import ingest

# 17:30 in Jakarta.
NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)


def span(since: str, until: str) -> Span:
    return Span.around(datetime.fromisoformat(since), datetime.fromisoformat(until))


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        (Preset.TODAY, 20, 20),
        (Preset.YESTERDAY, 19, 19),
        (Preset.WEEK, 14, 20),
        (Preset.MONTH, 1, 20),
    ],
)
def test_it_knows_presets(preset: Preset, first: int, last: int) -> None:
    with timezone.override("Asia/Jakarta"):
        expected = Span.of_days(date(2026, 11, first), date(2026, 11, last))
        assert Span.of_preset(preset) == expected


@timezone.override("Asia/Jakarta")
def test_it_takes_the_hours_that_times_touch() -> None:
    given = span("2026-11-20T10:20:00+07:00", "2026-11-20T12:00:01+07:00")
    assert given == span("2026-11-20T03:00:00+00:00", "2026-11-20T06:00:00+00:00")
    assert (given.day, given.is_whole_days, len(given.parts())) == (None, False, 3)
    assert given.before == span("2026-11-20T00:00:00+00:00", "2026-11-20T03:00:00+00:00")


@timezone.override("Europe/Berlin")
@override_settings(SITE_TIME_ZONE="Europe/Berlin")
def test_it_compares_days_with_as_many_days_when_clocks_change() -> None:
    week = Span.of_days(date(2026, 10, 26), date(2026, 11, 1))
    assert week.before == Span.of_days(date(2026, 10, 19), date(2026, 10, 25))
    assert (week.before.until - week.before.since).total_seconds() == (7 * 24 + 1) * 3600
    assert week.before.after == week


@timezone.override("Asia/Jakarta")
def test_it_cuts_the_days_at_its_ends() -> None:
    parts = span("2026-11-16T10:00:00+07:00", "2026-11-20T12:00:00+07:00").parts()
    assert len(parts) == 5
    assert (parts[0].since.hour, parts[-1].until.hour) == (3, 5)
    assert parts[1] == Span.of_days(date(2026, 11, 17), date(2026, 11, 17))


@timezone.override("Asia/Jakarta")
@pytest.mark.parametrize(
    "given", [Span.of_days(date(2026, 11, 20), date(2026, 11, 20)),
              Span.of_days(date(2026, 11, 2), date(2026, 11, 20)),
              Span.around(NOW, datetime(2026, 11, 21, tzinfo=UTC))]
)  # fmt: skip
def test_its_query_string_asks_for_it(viewer_client: Client, given: Span) -> None:
    page = viewer_client.get(f"/?{given.query}")
    assert page.context["span"] == given


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=2026-11-20", "Give both ends"),
        ("until=2026-11-20", "Give both ends"),
        ("since=2026-11-20&until=2026-11-20", "The end is not after the beginning"),
        ("since=2025-11-20&until=2026-11-25", "A range is a year at most"),
        ("since=0001-01-01&until=0001-01-02", "This year is out of range"),
        ("since=now&until=%00", "Enter a valid date/time"),
        ("period=decade", "is not one of the available choices"),
    ],
)
def test_it_says_what_is_wrong_with_a_range(viewer_client: Client, query: str, words: str) -> None:
    response = viewer_client.get(f"/?{query}")
    assert response.status_code == 422
    assert words in body(response)
    assert viewer_client.get(f"/charts/traffic.json?{query}").status_code == 404


def ingest_days(*stamps: str) -> None:
    for number, stamp in enumerate(stamps):
        ingest(mail_log.one_mail(f"5A0000000{number}", stamp=f"2026-{stamp}:00.000000+00:00"))
    roll_up()


@pytest.mark.usefixtures("customer")
def test_it_counts_a_range_and_compares_it_with_the_one_before() -> None:
    ingest_days("11-11T04:00", "11-13T16:59", "11-13T17:00", "11-17T04:00", "11-20T16:59")
    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC), tick=False):
        outcomes = context_of(date(2026, 11, 14), date(2026, 11, 20))["groups"][1]
    figure = outcomes.tiles[0].figure
    assert (figure.value, figure.before) == (3, 2)
    assert count_behind(figure.url) == 3


@pytest.mark.usefixtures("customer")
def test_it_has_a_bar_for_each_day_of_a_long_range(viewer_client: Client) -> None:
    ingest_days("11-13T17:00", "11-17T04:00", "11-20T16:59")
    chart = json.loads(
        viewer_client.get("/charts/traffic.json?since=2026-11-14&until=2026-11-21").content
    )
    assert chart["labels"][0] == "14 Nov"
    total = [sum(column) for column in zip(*(s["data"] for s in chart["datasets"]), strict=True)]
    assert total == [1, 0, 0, 1, 0, 0, 1]


@pytest.mark.usefixtures("customer")
def test_it_has_a_bar_for_each_week_of_a_year(viewer_client: Client) -> None:
    """Of weeks from Monday; those at the ends as far as they are in it."""
    ingest_days("01-01T00:00", "01-04T17:00", "11-22T16:59")
    query = "since=2026-01-01&until=2026-11-23"
    chart = json.loads(viewer_client.get(f"/charts/traffic.json?{query}").content)
    assert chart["labels"][:2] == ["1 Jan 2026", "5 Jan 2026"]
    assert (chart["labels"][-1], len(chart["labels"])) == ("16 Nov 2026", 47)
    total = [sum(column) for column in zip(*(s["data"] for s in chart["datasets"]), strict=True)]
    assert [total[0], total[1], total[-1], sum(total)] == [1, 1, 1, 3]
    assert "Mail by week" in body(viewer_client.get(f"/?{query}"))


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize(
    ("query", "words"),
    [("period=today", "the hours up to 17:00"), ("period=7d", "the hours up to 20 Nov 17:00")],
)
@time_machine.travel(NOW, tick=False)
def test_it_says_up_to_when_it_compares(viewer_client: Client, query: str, words: str) -> None:
    assert words in body(viewer_client.get(f"/?{query}"))


@pytest.mark.usefixtures("customer")
def test_it_shows_what_waits_at_a_relay(viewer_client: Client) -> None:
    ingest(mail_log.WHOLE)
    roll_up()
    line = next(line for line in context_of()["relays"] if line.label == "out1")
    assert line.queue is not None
    assert line.queue.mails == 1
    page = body(viewer_client.get("/?day=2026-11-20"))
    assert f'href="/messages/{line.queue.oldest_message}/"' in page


@pytest.fixture
def held(mail: None) -> None:
    source = QuarantineSource.objects.create(name="pmg", kind="maildir")
    for number in range(3):
        QuarantinedMessage.objects.create(
            source=source,
            key=str(number),
            shelf="a",
            kind=QuarantineKind.SPAM,
            received_at=NOW,
            recipients=["dewi@satu.example"],
            size_bytes=1024,
            state="held" if number else "released",
        )


@pytest.mark.usefixtures("held")
def test_it_shows_what_the_quarantine_holds(admin_client: Client, viewer_client: Client) -> None:
    context: dict[str, Any] = context_of()
    tile = context["held"].tiles[0]
    assert tiles_of({"groups": [context["held"]]}, "held") == {"Spam": 2}
    assert tile.note.startswith("2.0")
    assert parse_qs(tile.figure.url.partition("?")[2]) == {"kind": ["spam"], "state": ["held"]}
    assert "In the quarantine now" in body(admin_client.get("/?day=2026-11-20"))

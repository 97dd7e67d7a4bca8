"""The dashboard: every figure, its link, and the page without figures."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stats.figures import MESSAGES, Figure
from stats.pages import dashboard_context
from stats.rollups import roll_up
from stats.spans import Span
from stats.tests.support import body
from tracking.models import LogSource
from tracking.tests import mail_log
from tracking.tests.support import ingest

DAY = date(2026, 11, 20)
URL = f"/?day={DAY}"
CHARTS = [f"/charts/traffic.json?day={DAY}", f"/charts/month.json?day={DAY}"]
MORE_CHARTS = [f"/charts/scores.json?day={DAY}", f"/charts/day-hours.json?day={DAY}"]
FILES = [f"/charts/{name}.svg?day={DAY}" for name in ("traffic", "month", "scores", "day-hours")]
# 17:30 on that day in Jakarta.
NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)


def context_of(first: date = DAY, last: date = DAY) -> dict[str, Any]:
    with timezone.override("Asia/Jakarta"):
        return dashboard_context(Span.of_days(first, last))


def tiles_of(context: dict[str, Any], name: str) -> dict[str, int]:
    """Values by label."""
    group = next(group for group in context["groups"] if group.name == name)
    return {str(tile.label): tile.figure.value for tile in group.tiles}


@pytest.mark.django_db
@pytest.mark.parametrize("path", [URL, *CHARTS, *MORE_CHARTS, *FILES])
def test_it_asks_who_is_there(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.django_db
@pytest.mark.parametrize("path", [URL, *CHARTS, *MORE_CHARTS, *FILES])
def test_it_refuses_who_may_not_look(client: Client, path: str) -> None:
    client.force_login(User.objects.create_user("stranger"))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", [URL, *CHARTS, *MORE_CHARTS, *FILES])
def test_it_refuses_to_change_anything(viewer_client: Client, path: str) -> None:
    assert viewer_client.post(path).status_code == 405


@pytest.mark.parametrize("day", ["2026-02-30", "yesterday", "0001-01-01", "9999-12-31", "\x00"])
def test_it_says_what_is_wrong_with_a_day(viewer_client: Client, day: str) -> None:
    response = viewer_client.get("/", {"day": day})
    assert response.status_code == 422
    assert "field-error" in body(response)
    assert viewer_client.get("/charts/traffic.json", {"day": day}).status_code == 404


@pytest.mark.parametrize("day", ["1973-01-01", "9996-12-31", ""])
def test_it_shows_any_day(viewer_client: Client, day: str) -> None:
    assert viewer_client.get("/", {"day": day}).status_code == 200
    assert viewer_client.get("/charts/month.json", {"day": day}).status_code == 200


def test_it_says_what_to_do_without_any_mail(viewer_client: Client) -> None:
    page = body(viewer_client.get("/"))
    assert "No mail has been counted yet" in page
    assert "ingest_logs" in page
    assert "data-chart-url" not in page


@pytest.mark.usefixtures("mail")
def test_it_leads_from_an_empty_day_to_the_newest(viewer_client: Client) -> None:
    page = body(viewer_client.get("/?day=2026-11-10"))
    assert "There is no mail in this range" in page
    assert 'href="/?day=2026-11-20"' in page


@pytest.mark.usefixtures("mail")
@time_machine.travel(datetime(2026, 11, 24, 3, tzinfo=UTC), tick=False)
def test_it_shows_the_newest_day_when_today_is_empty(viewer_client: Client) -> None:
    page = body(viewer_client.get("/"))
    assert "There is no mail of today yet: this is 20 November 2026" in page
    assert "data-chart-url" in page
    asked = body(viewer_client.get("/?day=2026-11-24"))
    assert "There is no mail in this range" in asked


@pytest.mark.usefixtures("mail")
@time_machine.travel(NOW, tick=False)
def test_it_shows_today(viewer_client: Client) -> None:
    page = body(viewer_client.get("/"))
    assert "Friday, 20 November 2026" in page
    assert "There is no mail of today" not in page
    assert 'href="/?day=2026-11-19"' in page
    assert 'href="/?day=2026-11-21"' in page


@pytest.mark.usefixtures("mail")
def test_it_counts_a_day() -> None:
    context = context_of()
    mail = tiles_of(context, "mail")
    assert (mail["Inbound"], mail["Outbound"], mail["Internal"]) == (2, 3, 0)
    outcomes = tiles_of(context, "outcomes")
    assert {label: value for label, value in outcomes.items() if value} == {
        "Delivered": 2,
        "Deferred": 1,
        "Bounced": 1,
    }
    assert tiles_of(context, "quarantined")["Spam"] == 1
    assert tiles_of(context, "refused") == {"Greylisting": 1, "SPF": 0, "Block list": 1}
    assert tiles_of(context, "notices") == {"Non-delivery notification": 1}


@pytest.mark.usefixtures("mail")
def test_it_counts_relays_and_classes() -> None:
    context = context_of()
    relays = {line.label: line for line in context["relays"]}
    assert relays["out1"].note == "Outbound entry"
    assert relays["out1"].deferred.value == 1
    assert relays["mx1"].rejected is not None
    assert relays["mx1"].rejected.value == 2
    classes = {str(line.label): line.messages.value for line in context["classes"]}
    assert classes == {"Premium": 3, "Standard": 0, "Bulk": 0, "Unregistered": 2}


@pytest.mark.usefixtures("customer")
@time_machine.travel(NOW, tick=False)
def test_it_compares_hours_that_are_over_with_those_of_the_day_before() -> None:
    """At 17:30 the mail since 17:00 counts, but isn't compared, nor that of yesterday evening."""
    stamps = ["19T04:00", "19T05:00", "19T12:00", "20T04:00", "20T10:10"]
    for number, stamp in enumerate(stamps):
        ingest(mail_log.one_mail(f"5A0000000{number}", stamp=f"2026-11-{stamp}:00.000000+00:00"))
    roll_up()
    outcomes = next(group for group in context_of()["groups"] if group.name == "outcomes")
    figure = outcomes.tiles[0].figure
    assert (figure.value, figure.compared, figure.before) == (2, 1, 2)
    assert (figure.change, figure.change_percent, figure.times) == (-1, -50, 0)


@pytest.mark.parametrize(
    ("compared", "before", "percent", "times"), [(5, 0, None, 0), (19, 2, 850, 0), (20, 2, 900, 10)]
)
def test_it_says_how_many_times_as_much_when_it_is_much_more(
    compared: int, before: int, percent: int | None, times: int
) -> None:
    figure = Figure(compared, MESSAGES, "", compared, before)
    assert (figure.change_percent, figure.times) == (percent, times)


@pytest.mark.usefixtures("mail")
def test_it_says_how_complete_it_is(viewer_client: Client) -> None:
    ingest(mail_log.one_mail("5A00000001", stamp="2026-11-20T03:45:00.000000+00:00"), "other")
    LogSource.objects.filter(name="other").update(last_line_at="2026-11-20T03:50:00Z")
    page = body(viewer_client.get(URL))
    assert "The log is complete to" in page
    assert "test is 10 min behind" in page
    assert "1 hour is being counted" in page


@pytest.mark.usefixtures("mail")
def test_it_takes_as_many_queries_for_much_mail_as_for_little(viewer_client: Client) -> None:
    viewer_client.get(URL)
    with CaptureQueriesContext(connection) as few:
        viewer_client.get(URL)
    ingest(mail_log.many_mails(40), "another")
    roll_up()
    with CaptureQueriesContext(connection) as many:
        viewer_client.get(URL)
    assert len(many) == len(few)
    assert len(few) <= 24
    assert not any("tracking_delivery" in query["sql"] for query in many)


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize(("path", "length", "place"), [(CHARTS[0], 24, 10), (CHARTS[1], 30, 29)])
def test_it_names_series_and_no_colour(
    viewer_client: Client, path: str, length: int, place: int
) -> None:
    response = viewer_client.get(path)
    assert response["Content-Type"] == "application/json"
    chart = json.loads(response.content)
    assert set(chart) == {"labels", "datasets"}
    assert len(chart["labels"]) == length
    assert {key for item in chart["datasets"] for key in item} == {"key", "label", "data"}
    data = {item["key"]: item["data"] for item in chart["datasets"]}
    assert list(data) == ["inbound", "outbound", "internal", "rejected"]
    assert (data["inbound"][place], data["outbound"][place], data["rejected"][place]) == (2, 3, 2)
    assert sum(data["inbound"]) == 2


@pytest.mark.usefixtures("mail")
def test_it_speaks_indonesian(viewer_client: Client) -> None:
    page = body(viewer_client.get(URL, headers={"Accept-Language": "id"}))
    assert "Yang dikerjakan sistem surel" in page
    assert "Jumat, 20 November 2026" in page


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("path", FILES)
def test_its_charts_are_files_that_say_what_they_count(viewer_client: Client, path: str) -> None:
    response = viewer_client.get(path)
    assert response["Content-Type"] == "image/svg+xml"
    root = ElementTree.fromstring(body(response))  # noqa: S314 (our own)
    texts = [item.text or "" for item in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[1] == "Friday, 20 November 2026"
    assert texts[2].startswith("Filter: mail of the whole site")
    assert any(text.startswith("The log is complete to") for text in texts)


@pytest.mark.usefixtures("mail")
def test_a_file_has_the_figures_of_its_chart(viewer_client: Client) -> None:
    page = body(viewer_client.get(f"/charts/traffic.svg?day={DAY}"))
    assert "<title>10:00 Outbound: 3</title>" in page


def test_it_has_no_file_of_what_it_does_not_draw(viewer_client: Client) -> None:
    assert viewer_client.get(f"/charts/nothing.svg?day={DAY}").status_code == 404
    assert viewer_client.get("/charts/traffic.svg?day=never").status_code == 422

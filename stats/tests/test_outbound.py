"""Outbound mail in pictures: its figures, their links, JSON and CSV."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from io import BytesIO
from xml.etree import ElementTree

import pypdf
import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stats.outbound import heat, outbound_context
from stats.rollups import roll_up
from stats.spans import Span
from stats.tests.support import body
from tracking.tests import mail_log
from tracking.tests.support import ingest

DAY = date(2026, 11, 20)
PATHS = [
    f"/{path}?day={DAY}"
    for path in (
        *("outbound/", "outbound/numbers.csv", "charts/flow.json", "charts/heat.json"),
        *(f"charts/{name}.json" for name in ("domains", "reasons", "sizes", "tls")),
        *(f"outbound/{name}" for name in ("poster.pdf", "flow.svg", "heat.svg", "domains.svg")),
        *(f"outbound/{name}.svg" for name in ("reasons", "sizes", "tls")),
    )
]


@pytest.mark.parametrize("path", PATHS)
def test_it_is_for_who_may_look(viewer_client: Client, client: Client, path: str) -> None:
    assert viewer_client.get(path).status_code == 200
    assert viewer_client.post(path).status_code == 405
    client.force_login(User.objects.create_user("stranger"))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/outbound/", "/outbound/numbers.csv", "/outbound/poster.pdf", "/outbound/flow.svg"],
)
def test_it_says_what_is_wrong_with_a_range(viewer_client: Client, path: str) -> None:
    response = viewer_client.get(f"{path}?since=2026-11-20")
    assert response.status_code == 422
    assert "Give both ends" in body(response)


def test_it_says_so_without_outbound_mail(viewer_client: Client) -> None:
    page = body(viewer_client.get("/outbound/"))
    assert "There is no outbound mail in this range" in page
    assert "data-chart-url" not in page


@pytest.mark.usefixtures("simulated")
def test_its_pictures_show_all_recipients() -> None:
    roll_up()
    with timezone.override("Asia/Jakarta"):
        context = outbound_context(Span.of_days(DAY, DAY))
    total = context["tiles"][1].figure.value
    assert sum(item.figure.value for item in context["classes"]) == total > 20
    assert sum(recipients for _, recipients in context["graph"].lines) == total
    assert sum(line.endings.recipients for line in context["domains"]) == total
    assert sum(item.now.endings.recipients for item in context["weather"]) == total
    assert sum(bar.figures[0].value for bar in context["sizes"].bars) == (
        context["tiles"][0].figure.value
    )


@pytest.mark.usefixtures("customer")
def test_its_heat_is_the_mean_of_such_hours() -> None:
    """Two Fridays of the range at 11:00 in Jakarta: three mails and none."""
    for number, minute in enumerate(("04:05", "04:10", "04:20")):
        stamp = f"2026-11-20T{minute}:00.000000+00:00"
        ingest(mail_log.one_mail(f"5A0000000{number}", stamp=stamp))
    roll_up()
    later = time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC), tick=False)
    with timezone.override("Asia/Jakarta"), later:
        friday = heat(Span.of_days(date(2026, 11, 13), date(2026, 11, 20)))[4]
    cell = friday.cells[11]
    assert cell is not None
    assert (cell.mean, cell.url) == (1.5, "")


@pytest.mark.usefixtures("mail")
def test_its_json_names_series_and_no_colour(viewer_client: Client) -> None:
    flow = json.loads(viewer_client.get(f"/charts/flow.json?day={DAY}").content)
    assert set(flow) == {"labels", "datasets"}
    nodes = {name for item in flow["datasets"][0]["data"] for name in (item["from"], item["to"])}
    assert nodes == set(flow["labels"])
    first = {"from": "class:premium", "to": "relay:", "flow": 1, "key": "deferred"}
    relay = next(key for key, label in flow["labels"].items() if label == "out1")
    assert {**first, "to": relay} in flow["datasets"][0]["data"]
    hot = json.loads(viewer_client.get(f"/charts/heat.json?day={DAY}").content)
    assert {"x": "10", "y": "Friday", "v": 3.0} in hot["datasets"][0]["data"]


@pytest.mark.usefixtures("mail")
def test_its_csv_has_the_range_and_its_numbers(viewer_client: Client) -> None:
    lines = body(viewer_client.get(f"/outbound/numbers.csv?day={DAY}")).splitlines()
    assert lines[0] == "picture,what,beside,number"
    assert lines[1] == "range,2026-11-20T00:00:00+07:00,2026-11-21T00:00:00+07:00,"
    assert any(line.startswith("note,The log is complete to") for line in lines)
    flows = [line for line in lines if line.startswith("flow,class:premium relay:")]
    assert any(" ending:deferred,recipients,1" in line for line in flows)
    assert "reasons,There is no such address at the other side.,bounced,1" in lines
    assert "mails_an_hour,weekday 5,10:00,3.0" in lines


@pytest.mark.usefixtures("mail")
def test_its_pictures_are_files(viewer_client: Client) -> None:
    response = viewer_client.get(f"/outbound/flow.svg?day={DAY}")
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Disposition"] == 'attachment; filename="flow.svg"'
    root = ElementTree.fromstring(body(response))  # noqa: S314 (our own)
    texts = [item.text for item in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Premium 3", "Deferred 1", "Delivered 1"} <= set(texts)
    assert str(texts[2]).startswith("Filter: outbound mail of all clients")
    assert str(texts[3]).startswith("The log is complete to")
    for name in ("heat", "domains", "reasons", "sizes", "tls"):
        page = viewer_client.get(f"/outbound/{name}.svg?day={DAY}")
        assert ElementTree.fromstring(body(page)).tag.endswith("svg")  # noqa: S314 (our own)
    assert viewer_client.get(f"/outbound/nothing.svg?day={DAY}").status_code == 404


@pytest.mark.usefixtures("mail")
def test_its_poster_is_a_pdf_of_one_sheet(viewer_client: Client) -> None:
    response = viewer_client.get(f"/outbound/poster.pdf?day={DAY}")
    assert response["Content-Type"] == "application/pdf"
    pages = pypdf.PdfReader(BytesIO(response.content)).pages
    assert [[round(float(side)) for side in page.mediabox[2:]] for page in pages] == [[595, 842]]
    text = pages[0].extract_text()
    for words in ("Friday, 20 November 2026", "The log is complete to", "Filter: outbound mail"):
        assert words in text


@pytest.mark.usefixtures("mail")
def test_it_takes_as_many_queries_for_much_mail_as_for_little(viewer_client: Client) -> None:
    viewer_client.get(f"/outbound/?day={DAY}")
    with CaptureQueriesContext(connection) as few:
        viewer_client.get(f"/outbound/?day={DAY}")
    ingest(mail_log.many_mails(40), "another")
    roll_up()
    with CaptureQueriesContext(connection) as many:
        viewer_client.get(f"/outbound/?day={DAY}")
    assert len(many) == len(few) <= 18
    assert not any("tracking_delivery" in query["sql"] for query in many)

"""The pages of search and rejections."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tracking.columns import NAMES
from tracking.models import Relay
from tracking.tests import mail_log
from tracking.tests.support import ingest
from tracking.tests.test_bounces import POSTFIX

PAGES = [
    "/search/",
    "/search/export.csv",
    "/search/export.ndjson",
    "/rejections/",
    "/rejections/export.csv",
    "/status/",
    "/messages/1/",
    "/messages/1/hops/1/lines/",
]
LISTS = ["/search/", "/rejections/"]
FORM = "application/x-www-form-urlencoded"
HTMX = {"HX-Request": "true"}


def query(**given: object) -> str:
    return "?" + urlencode({**mail_log.RANGE, **given}, doseq=True)


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_it_asks_who_is_there(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", PAGES)
def test_it_refuses_who_may_not_look(stranger_client: Client, path: str) -> None:
    assert stranger_client.get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_it_refuses_to_change_anything(viewer_client: Client, path: str) -> None:
    assert viewer_client.post(path).status_code == 405


@pytest.mark.usefixtures("mail")
def test_it_shows_a_row_for_each_recipient(viewer_client: Client) -> None:
    response = viewer_client.get("/search/" + query())
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("/messages/") == 6
    assert "ani@satu.example → budi@far.example" in page
    assert "&lt;&gt; → ani@satu.example" in page
    assert "<h1" in page


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("path", LISTS)
def test_it_gives_a_fragment_to_htmx(viewer_client: Client, path: str) -> None:
    fragment = viewer_client.get(path + query(), headers=HTMX)
    assert "<html" not in fragment.content.decode()
    assert "HX-Request" in fragment["Vary"]
    for name in ("HX-Boosted", "HX-History-Restore-Request"):
        page = viewer_client.get(path + query(), headers={**HTMX, name: "true"})
        assert "<html" in page.content.decode()


@pytest.mark.parametrize("path", [*LISTS, "/search/export.csv", "/rejections/export.csv"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_it_says_what_is_wrong_with_a_filter(
    viewer_client: Client, path: str, headers: dict[str, str]
) -> None:
    response = viewer_client.get(path, {"client": "1.2.3.999"}, headers=headers)
    assert response.status_code == 422
    assert "Not an IP address" in response.content.decode()


@pytest.mark.usefixtures("mail")
def test_it_shows_an_old_log_at_once(client: Client, viewer: User) -> None:
    with time_machine.travel(datetime(2027, 3, 1, tzinfo=UTC), tick=False):
        client.force_login(viewer)
        page = client.get("/search/").content.decode()
    assert "the range ends with the newest mail" in page
    assert page.count("/messages/") == 6


@pytest.mark.usefixtures("mail")
def test_it_says_what_was_understood(viewer_client: Client) -> None:
    page = viewer_client.get("/search/" + query(q="far.example")).content.decode()
    assert "Mail from or to the domain far.example." in page


@pytest.mark.usefixtures("mail")
def test_it_offers_the_outcomes_as_links(viewer_client: Client) -> None:
    page = viewer_client.get("/search/" + query(disposition="bounced")).content.decode()
    assert page.count("/messages/") == 1
    assert page.count('class="chip"') == 4


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/search/", "/api/v1/deliveries/", "/api/v1/messages/"])
def test_it_asks_the_database_no_more_for_more_rows(viewer_client: Client, path: str) -> None:
    ingest(mail_log.many_mails(10))
    viewer_client.get(path + query())
    with CaptureQueriesContext(
        connection,
    ) as ten:
        viewer_client.get(path + query())
    ingest(mail_log.many_mails(20).replace("4A0000", "5B0000"))
    with CaptureQueriesContext(connection) as thirty:
        viewer_client.get(path + query())
    assert len(ten) == len(thirty)


@pytest.mark.django_db
def test_it_links_older_and_newer_pages(viewer_client: Client) -> None:
    ingest(mail_log.many_mails(60))
    first = viewer_client.get("/search/" + query())
    assert 'rel="prev"' not in first.content.decode()
    older = first.context["older_query"]
    second = viewer_client.get("/search/" + older)
    assert len(second.context["page"].rows) == 10
    assert 'rel="next"' not in second.content.decode()
    back = viewer_client.get("/search/" + second.context["newer_query"])
    assert back.context["page"].rows == first.context["page"].rows
    assert viewer_client.get("/search/" + query(before="junk")).status_code == 200
    assert "before" not in first.context["export_query"]


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"q": "budi@far.example", "since": "2026-11-20T20:00:00Z"}, "1 such mail at another time"),
        ({"q": "noone@nowhere.example"}, "It was never seen"),
        ({"recipient": "dewi@satu.example", "disposition": "lost"}, "blocked using zen.dnsbl"),
        ({"q": "seller@bad.example"}, "blocked using zen.dnsbl"),
        ({"client": "192.0.2.66"}, "Recipient address rejected: Greylisted"),
        ({"q": "noone@nowhere.example", "since": "2026-11-01"}, "Mail is kept since"),
    ],
)
def test_it_says_why_nothing_is_found(
    viewer_client: Client, given: dict[str, object], words: str
) -> None:
    assert words in viewer_client.get("/search/" + query(**given)).content.decode()


@pytest.mark.usefixtures("mail")
def test_it_says_that_a_log_is_late(viewer_client: Client) -> None:
    page = viewer_client.get("/search/" + query(q="noone@nowhere.example")).content.decode()
    assert "The log of mx1, out1 is late" in page


def test_it_says_that_no_log_was_read(viewer_client: Client) -> None:
    assert "No log has been read yet" in viewer_client.get("/search/").content.decode()


@pytest.mark.usefixtures("mail")
def test_it_streams_the_result_as_csv(viewer_client: Client) -> None:
    response = viewer_client.get("/search/export.csv" + query(disposition="delivered"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode())))
    assert [row["recipient"] for row in rows] == [
        "ani@satu.example",
        "dewi@satu.example",
        "budi@far.example",
    ]
    assert rows[2]["hops"] == "out1/3A1B2C4D5E"
    assert rows[2]["customer"] == "C1"


@pytest.mark.usefixtures("mail")
def test_it_streams_the_result_as_ndjson(viewer_client: Client) -> None:
    response = viewer_client.get("/search/export.ndjson" + query(q="budi@far.example"))
    (row,) = [json.loads(line) for line in response.getvalue().decode().splitlines()]
    assert row["disposition"] == "delivered"
    assert row["hops"] == [["out1", "3A1B2C4D5E"]]
    assert row["sasl_username"] == "ani"


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("ending", ["csv", "ndjson"])
def test_it_streams_every_column_that_can_be_chosen(viewer_client: Client, ending: str) -> None:
    path = f"/search/export.{ending}" + query(disposition="deferred", columns=list(NAMES))
    text = viewer_client.get(path).getvalue().decode()
    if ending == "csv":
        (row,) = csv.DictReader(io.StringIO(text))
    else:
        (row,) = [json.loads(line) for line in text.splitlines()]
    assert row["reason_code"] == "DEF_TIMEOUT"
    assert (row["next_try_at"], row["gives_up_at"]) == (
        "2026-11-20T03:15:00Z",
        "2026-11-25T03:10:00Z",
    )
    page = viewer_client.get("/search/" + query(columns="next_try")).content.decode()
    assert "Next try" in page
    assert "2026-11-20T03:15:00" in page


@pytest.mark.usefixtures("mail")
def test_it_lets_no_spreadsheet_run_a_sender(viewer_client: Client) -> None:
    text = viewer_client.get("/rejections/export.csv" + query()).getvalue().decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["envelope_sender"] for row in rows} == {"seller@bad.example", "'=cmd@bad.example"}


@pytest.mark.usefixtures("mail")
def test_it_lists_what_was_refused(viewer_client: Client) -> None:
    page = viewer_client.get("/rejections/" + query(kind="greylist")).content.decode()
    assert "info@satu.example" in page
    assert "seller@bad.example" not in page
    empty = viewer_client.get("/rejections/" + query(kind="tls")).content.decode()
    assert "Nothing was refused" in empty


@pytest.mark.usefixtures("mail")
def test_it_folds_what_stands_beside_the_box_on_a_phone(viewer_client: Client) -> None:
    fold = '<details class="fold-narrow" data-open-wide '
    page = viewer_client.get("/search/" + query(recipient="@far.example")).content.decode()
    assert f"{fold}>" in page
    assert "3 in use" in " ".join(page.split())  # with both ends of the range
    wrong = viewer_client.get("/search/" + query(dsn="abc")).content.decode()
    assert f"{fold}open>" in wrong


@pytest.mark.django_db
def test_it_says_what_to_do_about_mail_that_never_came(viewer_client: Client) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 3, 0, 30, tzinfo=UTC), tick=False):
        ingest(mail_log.SENT)
        page = viewer_client.get("/search/" + query(q="x@never.example")).content.decode()
        found = viewer_client.get("/search/" + query(q="budi@far.example")).content.decode()
    told = "There is no trace of this mail on our servers."
    assert told in page
    assert "Ask the sender for the error message" in page
    assert told not in found


@pytest.mark.usefixtures("mail")
def test_it_speaks_indonesian(viewer_client: Client) -> None:
    page = viewer_client.get("/search/" + query(), headers={"Accept-Language": "id"})
    assert "Cari" in page.content.decode()


@pytest.mark.usefixtures("mail")
def test_it_leads_from_the_box_to_a_short_link(viewer_client: Client) -> None:
    given = {**mail_log.RANGE, "q": POSTFIX + "junk " * 50_000, "recipient": "", "before": "1-1"}
    response = viewer_client.post("/search/ask/", given)
    assert response.status_code == 303
    assert len(response["Location"]) < 300
    assert "recipient=" not in response["Location"]
    assert "before=" not in response["Location"]
    page = viewer_client.get(response["Location"]).content.decode()
    assert page.count("/messages/") == 1
    assert "Mail with one of these ids: 3A1B2C4D61" in page
    assert "Status code that the text gives: 5.1.1." in page


def test_it_keeps_a_box_to_those_who_may_look(client: Client, stranger_client: Client) -> None:
    assert stranger_client.post("/search/ask/", {"q": "x"}).status_code == 403
    assert client.post("/search/ask/", {"q": "x"}).status_code == 302
    assert stranger_client.get("/search/ask/").status_code == 405


def test_it_takes_hostile_text_from_the_box(viewer_client: Client) -> None:
    for text in ("\0", "\n" * 5000, "id: \ud83d", "%00%0a" * 100, "<" * 9000, "*" * 9000):
        body = urlencode({"q": text}, errors="replace")
        response = viewer_client.post("/search/ask/", body, FORM)
        assert response.status_code == 303
        assert len(response["Location"]) < 8000
        assert viewer_client.get(response["Location"]).status_code in {200, 422}


@pytest.mark.usefixtures("mail")
def test_it_offers_other_meanings_of_a_text(viewer_client: Client) -> None:
    def links(text: str) -> dict[str, str]:
        response = viewer_client.get("/search/" + query(q=text))
        return {str(link.label): link.query for link in response.context["alternatives"]}

    found = links("budi@far.example")
    assert list(found) == [
        "budi@far.example as the sender only",
        "budi@far.example as the recipient only",
        "the domain far.example",
        "the Message-ID <budi@far.example>",
    ]
    page = viewer_client.get("/search/" + found["budi@far.example as the recipient only"])
    assert page.context["filter"].form["recipient"].value() == "budi@far.example"
    assert "q=" not in found["budi@far.example as the recipient only"]
    both = links("ani@satu.example budi@far.example")
    assert "ani@satu.example → budi@far.example only" in both


@pytest.mark.usefixtures("mail")
def test_it_shows_the_filters_in_use_and_takes_each_out(viewer_client: Client) -> None:
    given = {"disposition": ["bounced", "deferred"], "size_min": "1k", "dsn": ""}
    response = viewer_client.get("/search/" + query(**given))
    used = {str(chip.label): chip.query for chip in response.context["used"]}
    assert list(used) == ["Disposition: Deferred", "Disposition: Bounced", "Size from: 1k"] or list(
        used
    ) == ["Disposition: Bounced", "Disposition: Deferred", "Size from: 1k"]
    assert "disposition=deferred" in used["Disposition: Bounced"]
    assert "disposition=bounced" not in used["Disposition: Bounced"]
    assert "size_min" not in used["Size from: 1k"]


@pytest.mark.usefixtures("mail")
def test_it_opens_the_further_filters_when_one_is_wrong(viewer_client: Client) -> None:
    used = viewer_client.get("/search/" + query(dsn="5", tls="no")).content.decode()
    assert 'more-filters" open' not in used
    assert "2 in use" in used
    wrong = viewer_client.get("/search/" + query(dsn="9")).content.decode()
    assert 'more-filters" open' in wrong
    plain = viewer_client.get("/search/" + query(recipient="@far.example")).content.decode()
    assert 'more-filters" open' not in plain


@pytest.mark.django_db
def test_it_offers_few_of_many_relays(viewer_client: Client) -> None:
    Relay.objects.bulk_create(Relay(name=f"forged{number}.example") for number in range(2000))
    Relay.objects.create(name="mx1.satu.example", role="mx")
    for path in LISTS:
        page = viewer_client.get(path).content.decode()
        assert page.count("<option value=") < 200
        assert '<option value="mx1.satu.example">' in page
        assert viewer_client.get(path, {"relay": "forged7.example"}).status_code == 200
        answer = viewer_client.get(path, {"relay": "nowhere.example"})
        assert "No relay has this name" in answer.content.decode()


@pytest.mark.usefixtures("mail")
def test_it_tells_what_a_client_did_besides(viewer_client: Client) -> None:
    page = viewer_client.get(
        "/search/" + query(client="198.18.0.5", recipient="stranger@far.example")
    ).content.decode()
    assert "What 198.18.0.5/32 sent in this time range:" in page
    refused = viewer_client.get("/search/" + query(q="192.0.2.66")).content.decode()
    assert "192.0.2.66/32 sent no mail that was taken in this time range" in refused
    assert "blocked using zen.dnsbl" in refused

"""The API of mail: fields, filters, pages, who may use it, and its schema."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from tracking.models import Message
from tracking.scopes import LINES, READ
from tracking.tests import mail_log
from tracking.tests.support import deliveries, ingest, token_client

LISTS = ["messages", "deliveries", "rejections"]


def url(name: str, **given: object) -> str:
    return f"/api/v1/{name}/?" + urlencode({**mail_log.RANGE, **given}, doseq=True)


@pytest.mark.django_db
@pytest.mark.parametrize("name", LISTS)
def test_it_is_for_those_who_may_look(
    client: Client, stranger_client: Client, viewer_client: Client, name: str
) -> None:
    assert client.get(url(name)).status_code == 401
    assert stranger_client.get(url(name)).status_code == 403
    assert viewer_client.get(url(name)).status_code == 200
    for method in (viewer_client.post, viewer_client.put, viewer_client.delete):
        assert method(url(name)).status_code == 405


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("path", ["/api/v1/messages/", "/api/v1/messages/1/", "/api/v1/registry/"])
def test_a_method_that_is_not_there_comes_before_the_format(
    path: str, form: str, admin_client: Client
) -> None:
    answer = admin_client.trace(f"{path}?format={form}")
    assert answer.status_code == 405
    assert "TRACE" not in answer["Allow"]


@pytest.mark.usefixtures("mail")
def test_it_says_of_a_delivery_what_the_export_says(viewer_client: Client) -> None:
    results = viewer_client.get(url("deliveries")).json()["results"]
    exported = {(row["message_id"], row["recipient"]): row for row in deliveries()}
    assert len(results) == len(exported) == 6
    for row in results:
        other = exported[row["message_id"], row["recipient"]]
        for name in ("envelope_sender", "original_recipient", "client_ip", "sasl_username",
                     "size_bytes", "direction", "disposition", "quarantine_kind", "dsn",
                     "smtp_reply", "attempts", "customer", "client_network", "hops"):  # fmt: skip
            assert row[name] == other[name], name
        assert row["relay"] == (other["relay"] or "")


@pytest.mark.usefixtures("mail")
def test_it_filters_as_the_page_does(viewer_client: Client) -> None:
    found = viewer_client.get(url("deliveries", q="far.example", disposition="bounced")).json()
    assert [row["recipient"] for row in found["results"]] == ["nobody@far.example"]
    found = viewer_client.get(url("messages", recipient="@far.example")).json()
    assert [row["host"] for row in found["results"]] == ["out1", "out1"]
    found = viewer_client.get(url("rejections", kind="dnsbl")).json()
    assert [(row["code"], row["stage"]) for row in found["results"]] == [(554, "rcpt")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("deliveries", {"client": "x"}, "client"),
        ("deliveries", {"disposition": "gone"}, "disposition"),
        ("messages", {"since": "then"}, "since"),
        ("rejections", {"kind": "because"}, "kind"),
        ("messages", {"before": "1"}, "before"),
        ("messages", {"after": f"{'9' * 18}-1"}, "after"),
        ("messages", {"page_size": "0"}, "page_size"),
        ("messages", {"page_size": "1001"}, "page_size"),
        ("messages", {"page_size": "²"}, "page_size"),
        ("messages", {"recipent": "x"}, "recipent"),
        ("messages", {"recipient": ""}, "recipient"),
        ("deliveries", {"q": "x" * 4001}, "q"),
        ("deliveries", {"dsn": ["4.7.1", "5.7.1"]}, "dsn"),
        ("rejections", {"format": "xml"}, "format"),
        ("rejections", {"before": "1-1", "after": "1-1"}, "after"),
        ("trace", {"q": " "}, "q"),
        ("trace", {}, "q"),
        ("trace", {"q": "a@b.example", "format": "csv"}, "format"),
    ],
)
def test_it_names_what_is_wrong(
    viewer_client: Client, name: str, given: dict[str, object], field: str
) -> None:
    response = viewer_client.get(url(name, **given))
    assert (response.status_code, list(response.json())) == (400, [field])


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["messages", "deliveries"])
def test_it_pages_to_the_end_and_back(viewer_client: Client, name: str) -> None:
    ingest(mail_log.many_mails(25))
    seen: list[int] = []
    address = url(name, page_size=10)
    pages = []
    while address:
        page = viewer_client.get(address).json()
        pages.append([row["id"] for row in page["results"]])
        seen += pages[-1]
        last, address = page, page["next"]
    assert [len(ids) for ids in pages] == [10, 10, 5]
    assert len(set(seen)) == 25
    back = viewer_client.get(last["previous"]).json()
    assert [row["id"] for row in back["results"]] == pages[1]


@pytest.mark.usefixtures("mail")
def test_it_gives_the_story_of_a_message(viewer_client: Client) -> None:
    mail = Message.objects.get(message_id="<3a1b2c4d61@satu.example>")
    notice = Message.objects.get(message_id="<ndr@out1.example>")
    story = viewer_client.get(f"/api/v1/messages/{mail.pk}/").json()
    assert story["kind"] == "mail"
    assert [(hop["host"], hop["queue_id"]) for hop in story["hops"]] == [("out1", "3A1B2C4D61")]
    (delivery,) = story["deliveries"]
    assert (delivery["disposition"], delivery["reason"]["code"]) == ("bounced", "BNC_NO_USER")
    assert delivery["reason"]["actor"] == "customer"
    assert delivery["in_queue_seconds"] == pytest.approx(0.2)
    assert story["recipients"] == [delivery]
    assert (story["customer"], story["service_class"]) == ("C1", "premium")
    assert story["notifications"] == [notice.pk]
    spam = Message.objects.get(message_id="<spam@notice.example>")
    (verdict,) = viewer_client.get(f"/api/v1/messages/{spam.pk}/").json()["verdicts"]
    assert (verdict["action"], verdict["quarantine_kind"]) == ("quarantine", "spam")


@pytest.mark.usefixtures("mail")
def test_it_says_when_the_next_try_is_and_when_it_gives_up(viewer_client: Client) -> None:
    (row,) = viewer_client.get(url("deliveries", disposition="deferred")).json()["results"]
    times = {"next_try_at": "2026-11-20T03:15:00Z", "gives_up_at": "2026-11-25T03:10:00Z"}
    assert row.items() >= times.items()
    story = viewer_client.get(f"/api/v1/messages/{row['message']}/").json()
    assert story["recipients"][0].items() >= times.items()
    (traced,) = viewer_client.get(url("trace", q="eko@slow.example")).json()["results"]
    assert traced == row
    (bounced,) = viewer_client.get(url("deliveries", disposition="bounced")).json()["results"]
    assert (bounced["next_try_at"], bounced["gives_up_at"]) == (None, None)


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("name", LISTS)
def test_it_streams_the_whole_result(viewer_client: Client, name: str) -> None:
    rows = viewer_client.get(url(name)).json()["results"]
    named = viewer_client.get(url(name, format="ndjson"))
    asked = viewer_client.get(url(name), headers={"Accept": "application/x-ndjson"})
    for answer in (named, asked):
        assert answer.streaming
        assert answer["Content-Type"].startswith("application/x-ndjson")
        assert answer["Content-Disposition"].startswith(f'attachment; filename="{name}-')
        assert [json.loads(line) for line in body_of(answer).splitlines()] == rows
    table = viewer_client.get(url(name), headers={"Accept": "text/csv"})
    lines = list(csv.reader(body_of(table).splitlines()))
    assert lines[0] == list(rows[0])
    assert len(lines) == len(rows) + 1


@pytest.mark.usefixtures("mail")
def test_it_gives_files_to_tokens_with_the_scope_only(viewer: User) -> None:
    client = token_client(viewer, READ)
    assert client.get(url("deliveries")).status_code == 200
    refused = client.get(url("deliveries", format="csv"))
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/json")
    assert refused.json()["scope"] == "export"
    assert token_client(viewer, READ, "export").get(url("deliveries", format="csv")).streaming


@pytest.mark.django_db
def test_it_tells_errors_as_json_whatever_was_asked_for(viewer_client: Client) -> None:
    answer = viewer_client.get(url("deliveries", client="x"), headers={"Accept": "text/csv"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")
    assert list(answer.json()) == ["client"]
    answer = viewer_client.get(url("deliveries"), headers={"Accept": "image/png"})
    assert (answer.status_code, list(answer.json())) == (406, ["detail"])


@pytest.mark.usefixtures("mail")
def test_it_gives_reason_and_customer_with_each_row(viewer_client: Client) -> None:
    (row,) = viewer_client.get(url("deliveries", disposition="bounced")).json()["results"]
    assert (row["reason_code"], row["customer"], row["customer_name"]) == (
        "BNC_NO_USER", "C1", "PT Satu",
    )  # fmt: skip
    assert row["reason_text"]
    rows = viewer_client.get(url("rejections")).json()["results"]
    assert {row["reason_code"] for row in rows} == {"REJ_RBL", "REJ_GREYLIST"}


@pytest.mark.django_db
def test_it_keeps_the_range_while_pages_are_turned(viewer_client: Client) -> None:
    ingest(mail_log.many_mails(3))
    first = viewer_client.get("/api/v1/messages/?period=24h&page_size=1").json()
    ingest(mail_log.one_mail("5A1B2C4D5E", stamp=f"{mail_log.DAY}T07:00:00.000000+00:00"))
    second = viewer_client.get(first["next"]).json()
    assert (second["since"], second["until"]) == (first["since"], first["until"])
    assert len(second["results"]) == 1


@pytest.mark.usefixtures("mail")
def test_it_gives_raw_lines_by_hop(viewer_client: Client, viewer: User) -> None:
    mail = Message.objects.get(message_id="<3a1b2c4d5e@satu.example>")
    path = f"/api/v1/messages/{mail.pk}/lines/"
    (hop,) = viewer_client.get(path).json()["hops"]
    assert (hop["host"], hop["queue_id"]) == ("out1", "3A1B2C4D5E")
    assert (hop["is_cut"], hop["missing_segments"]) == (False, 0)
    assert len(hop["lines"]) == 5
    first = hop["lines"][0]
    assert "client=mail" not in first["text"]
    assert first["text"] in mail_log.SENT
    assert (first["source"], first["segment"]) == ("test", 1)
    assert viewer_client.get(f"{path}?hop={hop['hop']}").json()["hops"] == [hop]
    for wrong in ("0", "x", "9" * 30):
        assert list(viewer_client.get(f"{path}?hop={wrong}").json()) == ["hop"]
    assert token_client(viewer, READ).get(path).json()["scope"] == LINES
    assert token_client(viewer, LINES).get(path).status_code == 200


@pytest.mark.usefixtures("mail")
def test_it_gives_attempts_and_rules_by_hop(viewer_client: Client, viewer: User) -> None:
    ingest(
        f"{mail_log.DAY}T04:10:00.000000+00:00 out1 postfix/smtp[103]: 3A1B2C4D60: "
        "to=<eko@slow.example>, relay=mx.slow.example[203.0.113.10]:25, delay=3600, "
        "delays=3599/0.1/0.3/0.6, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n"
    )
    mail = Message.objects.get(message_id="<3a1b2c4d60@satu.example>")
    (hop,) = viewer_client.get(f"/api/v1/messages/{mail.pk}/attempts/").json()["hops"]
    assert [(item["status"], item["dsn"]) for item in hop["attempts"]] == [
        ("deferred", "4.4.1"), ("sent", "2.0.0"),
    ]  # fmt: skip
    spam = Message.objects.get(message_id="<spam@notice.example>")
    path = f"/api/v1/messages/{spam.pk}/attempts/"
    (hop,) = token_client(viewer, READ).get(path).json()["hops"]
    assert hop["rules"] == [{"name": "BAYES_99", "score": 3.5}]
    assert token_client(viewer, LINES).get(path).json()["scope"] == READ


@pytest.mark.django_db
def test_it_gives_the_story_of_the_message_that_another_joined(viewer_client: Client) -> None:
    text = (Path(__file__).parent / "logs/02_two_relays.log").read_text()
    lines: dict[str, list[str]] = {}
    for line in text.splitlines():
        lines.setdefault(line.split(" ")[1], []).append(line)
    order = sorted(lines, key=lambda host: lines[host][0], reverse=True)
    ingest("\n".join(lines[order[0]]) + "\n", order[0])
    alone = Message.objects.get()
    ingest("\n".join(lines[order[1]]) + "\n", order[1])
    joined = Message.objects.get()
    assert joined.pk != alone.pk
    story = viewer_client.get(f"/api/v1/messages/{alone.pk}/").json()
    assert story["id"] == joined.pk
    assert viewer_client.get(f"/api/v1/messages/{alone.pk}/lines/").json()["id"] == joined.pk
    assert viewer_client.get("/api/v1/messages/0/").status_code == 404


def body_of(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


@pytest.mark.django_db
def test_it_shows_its_schema_and_manual_after_a_login(client: Client, viewer: User) -> None:
    refused = client.get("/api/v1/schema/")
    assert (refused.status_code, list(refused.json())) == (401, ["detail"])
    assert client.get("/api/v1/docs/")["Location"].startswith("/accounts/login/")
    assert token_client(viewer, READ).get("/api/v1/schema/").status_code == 200
    client.force_login(viewer)
    assert client.get("/api/v1/schema/").status_code == 200
    assert client.get("/api/v1/docs/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["messages", "deliveries", "trace"])
def test_it_asks_the_same_for_ten_and_twenty(
    viewer_client: Client, django_assert_num_queries: DjangoAssertNumQueries, name: str
) -> None:
    ingest(mail_log.many_mails(25))
    given = {"q": "satu.example"} if name == "trace" else {}
    with CaptureQueriesContext(connection) as ten:
        rows = viewer_client.get(url(name, page_size=10, **given)).json()["results"]
    assert len(rows) == 10
    with django_assert_num_queries(len(ten)):
        rows = viewer_client.get(url(name, page_size=20, **given)).json()["results"]
    assert len(rows) == 20


def test_it_has_a_schema_without_warnings(tmp_path: object) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())

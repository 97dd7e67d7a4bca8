"""The one box for scripts: understood, found, counted; and the truth where nothing is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from mailgw.lib import parsers
from tracking.scopes import LINES, READ
from tracking.tests import mail_log
from tracking.tests.support import ingest, token_client

URL = "/api/v1/trace/"
BOUNCE = """\
From: MAILER-DAEMON@out1.example
Subject: Undelivered Mail Returned to Sender

<nobody@far.example>: host mx.far.example[203.0.113.9] said: 550 5.1.1
    <nobody@far.example>: Recipient address rejected: User unknown
"""


def trace(client: Client, q: str, **given: Any) -> Any:
    answer = client.get(URL, {"q": q, **mail_log.RANGE, **given})
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.usefixtures("mail")
def test_it_says_what_it_understood_and_what_it_found(viewer_client: Client) -> None:
    found = trace(viewer_client, "nobody@far.example")
    assert (found["understood"][0]["code"], found["understood"][0]["text"]) == (
        "address", "nobody@far.example",
    )  # fmt: skip
    assert "nobody@far.example" in found["understood"][0]["words"]
    assert [row["reason_code"] for row in found["results"]] == ["BNC_NO_USER"]
    assert found["counts"] == [{"disposition": "bounced", "count": 1, "is_capped": False}]
    assert found["absence"] is None
    assert (found["since"], found["until"]) == (mail_log.SINCE, mail_log.UNTIL)


@pytest.mark.usefixtures("mail")
def test_it_takes_the_filters_of_the_page(viewer_client: Client) -> None:
    found = trace(viewer_client, "satu.example", disposition="deferred")
    assert [row["recipient"] for row in found["results"]] == ["eko@slow.example"]
    assert {item["disposition"] for item in found["counts"]} > {"deferred", "bounced"}


@pytest.mark.django_db
def test_it_pages_by_cursor(viewer_client: Client) -> None:
    ingest(mail_log.many_mails(5))
    page = trace(viewer_client, "satu.example", page_size=2)
    seen = [row["id"] for row in page["results"]]
    while page["next"]:
        page = viewer_client.get(page["next"]).json()
        seen += [row["id"] for row in page["results"]]
        assert page["absence"] is None
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize(
    ("q", "answers"),
    [
        ("nobody@nowhere.example", {"never_seen", "before_kept"}),
        ("seller@bad.example", {"rejected", "before_kept"}),
    ],
)
def test_it_says_why_there_is_nothing(viewer_client: Client, q: str, answers: set[str]) -> None:
    found = trace(viewer_client, q)
    assert (found["results"], found["counts"]) == ([], [])
    assert set(found["absence"]["answers"]) - {"late"} == answers


@pytest.mark.usefixtures("mail")
def test_it_says_that_there_is_mail_at_other_times(viewer_client: Client) -> None:
    later = {"since": "2026-11-21T00:00:00Z", "until": "2026-11-22T00:00:00Z"}
    absence = trace(viewer_client, "budi@far.example", **later)["absence"]
    assert absence["outside"] == 1
    assert "other_times" in absence["answers"]
    rejected = trace(viewer_client, "192.0.2.66")["absence"]["rejections"]
    assert {row["reason_code"] for row in rejected} == {"REJ_RBL", "REJ_GREYLIST"}


@pytest.mark.django_db
def test_it_says_that_the_log_is_empty(viewer_client: Client) -> None:
    assert trace(viewer_client, "a@b.example")["absence"]["answers"] == ["empty", "never_seen"]


@pytest.mark.usefixtures("mail")
def test_it_takes_a_pasted_text(viewer: User) -> None:
    client = token_client(viewer, READ)
    query = f"{URL}?since={mail_log.SINCE}&until={mail_log.UNTIL}"
    for body, content_type in (
        ("nobody@far.example", "text/plain"),
        (json.dumps({"q": "nobody@far.example"}), "application/json"),
    ):
        answer = client.post(query, body, content_type=content_type)
        assert answer.status_code == 200
        assert [row["recipient"] for row in answer.json()["results"]] == ["nobody@far.example"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "content_type", "status", "field"),
    [
        ('{"q": "\\ud800"}', "application/json", 400, "q"),
        ('{"q": "a\\u0000b"}', "application/json", 400, "q"),
        ('{"q": 5}', "application/json", 400, "q"),
        ('{"q": ""}', "application/json", 400, "q"),
        ("[]", "application/json", 400, "detail"),
        ('"text"', "application/json", 400, "detail"),
        ("[" * 100_000, "application/json", 400, "detail"),
        ("{", "application/json", 400, "detail"),
        (b"\xff\xfe\x00", "text/plain", 400, "q"),
        (b" ", "text/plain", 400, "q"),
        (b"", "text/plain", 400, "q"),
        (b"a", "application/xml", 415, "detail"),
        (b"a" * (parsers.MAX_BYTES + 1), "text/plain", 413, "detail"),
    ],
)
def test_it_names_what_is_wrong_with_a_body(
    viewer: User, body: Any, content_type: str, status: int, field: str
) -> None:
    answer = token_client(viewer, READ).post(URL, body, content_type=content_type)
    assert (answer.status_code, list(answer.json())) == (status, [field])


@pytest.mark.django_db
def test_it_asks_for_the_length_of_a_body(viewer: User) -> None:
    client = token_client(viewer, READ)
    answer = client.post(URL, "a@b", content_type="text/plain", HTTP_TRANSFER_ENCODING="chunked")
    assert (answer.status_code, list(answer.json())) == (411, ["detail"])


@pytest.mark.django_db
def test_it_reads_a_megabyte(viewer: User) -> None:
    text = BOUNCE + "x <y> @ 3A1B2C4D5E: a=b\n" * 40_000
    answer = token_client(viewer, READ).post(URL, text, content_type="text/plain")
    assert answer.status_code in {200, 400}


@pytest.mark.django_db
def test_it_is_for_those_who_may_look(
    client: Client, stranger_client: Client, viewer: User
) -> None:
    for method in (client.get, client.post):
        assert method(URL + "?q=x").status_code == 401
    assert stranger_client.get(URL + "?q=x").status_code == 403
    assert token_client(viewer, LINES).get(URL + "?q=xyz").json()["scope"] == READ
    assert token_client(viewer, LINES, READ).get(URL + "?q=xyz").status_code == 200

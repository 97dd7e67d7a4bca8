"""``once=yes`` lists each mail under its first recipient, as figures count mails."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tracking.filters import ALL_DELIVERIES
from tracking.selectors.search import count_dispositions, find_deliveries, find_messages
from tracking.tests import mail_log
from tracking.tests.support import ingest, token_client, unpack
from tracking.tests.test_filters import delivery_filters, found
from tracking.tests.test_search_plans import plan_of
from tracking.tests.test_search_views import query

BOUNCED = {
    "dsn": "5.1.1",
    "status": "bounced",
    "reply": "host mx.far.example[203.0.113.9] said: 550 5.1.1 User unknown",
}
# The first recipient of each mail, by the facts alone.
_COUNTED = """
SELECT mail.address FROM (
    SELECT r.address, row_number() OVER (PARTITION BY m.id ORDER BY d.id) = 1 AS is_first
    FROM tracking_message m
    JOIN tracking_delivery d ON d.message_id = m.id AND d.received_at = m.received_at
    LEFT JOIN tracking_address r ON r.id = d.recipient_id
    WHERE d.is_final AND m.kind <> 6
) mail WHERE mail.is_first
"""


def to_many(queue_id: str, *recipients: dict[str, str], **values: str) -> str:
    """One mail to several recipients, in this order."""
    logs = [
        mail_log.one_mail(queue_id, **values, **each).splitlines(keepends=True)
        for each in recipients
    ]
    endings = [line for log in logs[1:] for line in log if "postfix/smtp[" in line]
    return "".join([*logs[0][:-1], *endings, logs[0][-1]])


def many_to_three(count: int, prefix: str = "4A") -> str:
    return "".join(
        to_many(
            f"{prefix}{number:08X}",
            {"recipient": f"a{number}@far.example"},
            {"recipient": f"b{number}@far.example", **BOUNCED},
            {"recipient": f"c{number}@near.example"},
            stamp=f"{mail_log.DAY}T05:00:{number:02}.000000+00:00",
        )
        for number in range(count)
    )


@pytest.fixture
def three(registry: object) -> None:
    """A mail to three recipients (the second bounces) and one to a single one."""
    ingest(many_to_three(1) + mail_log.SENT)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("given", "recipients"),
    [
        ({}, ["a0@far.example", "budi@far.example"]),
        ({"disposition": "delivered"}, ["a0@far.example", "budi@far.example"]),
        ({"disposition": "bounced"}, []),
        ({"reason": "BNC_NO_USER"}, []),
        ({"recipient": "@near.example"}, []),
        ({"recipient": "@far.example"}, ["a0@far.example", "budi@far.example"]),
        ({"q": "b0@far.example"}, []),
        ({"q": "ani@satu.example"}, ["a0@far.example", "budi@far.example"]),
        ({"client_network": "198.18.0.0/24"}, ["a0@far.example", "budi@far.example"]),
    ],
)
def test_it_lists_a_mail_under_its_first_recipient(
    given: dict[str, str], recipients: list[str]
) -> None:
    assert found(once="yes", **given) == recipients


@pytest.mark.usefixtures("three")
def test_it_counts_and_finds_messages_alike() -> None:
    search = delivery_filters(once="yes").qs
    counts = {item.disposition.name: item.count for item in count_dispositions(search)}
    assert counts == {"DELIVERED": 2}
    assert len(find_messages(search).rows) == 2
    bounced = delivery_filters(once="yes", disposition="bounced").qs
    assert find_messages(bounced).rows == []


@pytest.mark.django_db
def test_it_agrees_with_the_facts_of_a_real_log() -> None:
    ingest(unpack("pmg/syslog.xz"))
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED)
        counted = sorted(row[0] or "" for row in cursor.fetchall())
    every = [row.recipient for row in find_deliveries(ALL_DELIVERIES, 100_000).rows]
    once = delivery_filters(once="yes", since="2000-01-01T00:00:00Z", until="2100-01-01T00:00:00Z")
    assert sorted(row.recipient for row in find_deliveries(once.qs, 100_000).rows) == counted
    assert 0 < len(counted) < len(every)


@pytest.mark.usefixtures("three")
def test_it_says_so_in_both_languages(viewer_client: Client) -> None:
    page = viewer_client.get("/search/" + query(once="yes")).content.decode()
    assert "Each mail stands here once, by what became of its first recipient." in page
    assert "Each mail once: Yes" in page
    indonesian = {"Accept-Language": "id"}
    page = viewer_client.get("/search/" + query(once="yes"), headers=indonesian).content.decode()
    assert "Setiap email tampil sekali di sini, menurut hasil akhir penerima pertamanya." in page
    assert "Tiap email sekali: Ya" in page


@pytest.mark.usefixtures("three")
def test_it_gives_a_script_the_same(viewer: User, viewer_client: Client) -> None:
    script = token_client(viewer, "tracking:read", "export")
    listed = script.get("/api/v1/deliveries/" + query(once="yes")).json()["results"]
    exported = viewer_client.get("/search/export.ndjson" + query(once="yes"))
    lines: list[Any] = [json.loads(line) for line in exported.getvalue().splitlines()]
    names = ["budi@far.example", "a0@far.example"]
    assert sorted(row["recipient"] for row in listed) == sorted(names)
    assert sorted(row["recipient"] for row in lines) == sorted(names)
    refused = script.get("/api/v1/deliveries/" + query(once="perhaps"))
    assert refused.status_code == 400
    assert list(refused.json()) == ["once"]


@pytest.mark.django_db
def test_it_asks_the_database_no_more_for_more_rows(viewer_client: Client) -> None:
    ingest(many_to_three(10))
    viewer_client.get("/search/" + query())
    with CaptureQueriesContext(connection) as every:
        viewer_client.get("/search/" + query())
    with CaptureQueriesContext(connection) as ten:
        viewer_client.get("/search/" + query(once="yes"))
    ingest(many_to_three(10, "5B"))
    with CaptureQueriesContext(connection) as twenty:
        viewer_client.get("/search/" + query(once="yes"))
    assert len(every) == len(ten) == len(twenty)


@pytest.mark.usefixtures("three")
def test_it_looks_at_one_mail_at_a_time() -> None:
    plan = plan_of(delivery_filters(once="yes").qs)
    assert "SubPlan" in plan
    assert "Seq Scan on tracking_delivery" not in plan

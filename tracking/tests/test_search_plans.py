"""Each kind of search can be answered by an index, and reads only the days of its range."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict

from tracking.filters import (
    ALL_DELIVERIES,
    ALL_REJECTIONS,
    DeliveryFilterSet,
    RejectionFilterSet,
)
from tracking.selectors.keyset import MESSAGES, Cursor, Search, keys_query
from tracking.tests import mail_log
from tracking.tests.support import ingest


def plan_of(search: Search, **place: Cursor) -> str:
    """The plan where reading a whole table is the last resort."""
    query = keys_query(search, limit=51, **place)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {query.sql}", query.values)
        return "\n".join(row[0] for row in cursor.fetchall())


def deliveries(**given: object) -> Search:
    data = QueryDict(urlencode({**mail_log.RANGE, **given}, doseq=True))
    search: Search = DeliveryFilterSet(data, queryset=ALL_DELIVERIES).qs
    return search


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"q": "budi@far.example"},
        {"q": "<3a1b2c4d5e@satu.example>"},
        {"q": "satu.example"},
        {"q": "*atu*"},
        {"q": "3A1B2C4D60"},
        {"q": "198.18.0.0/24"},
        {"envelope_sender": "ani@satu.example"},
        {"recipient": "@far.example"},
        {"message_id": "<3a1b2c4d5e@satu.example>"},
        {"queue_id": "9F11DABCDE"},
        {"client": "198.18.0.5"},
        {"disposition": "bounced"},
        {"quarantine_kind": "spam"},
        {"kind": "bounce"},
        {"direction": "inbound"},
        {"relay": "mx1"},
        {"service_class": "premium"},
        {"customer": "C1"},
        {"sasl_username": "ani"},
        {"dsn": "5.1"},
        {"reason": "BNC_NO_USER"},
        {"smtp_reply": "user unknown"},
        {"size_min": "6M"},
        {"rule": "mark spam"},
        {"score_min": "9"},
        {"q": "ani@satu.example budi@far.example"},
        {"q": "customer:C1"},
        {"client_network": "198.18.0.0/24"},
    ],
)
def test_it_reads_an_index(given: dict[str, object]) -> None:
    search = deliveries(**given)
    for plan in (plan_of(search), plan_of(search.over(MESSAGES))):
        assert "Seq Scan on tracking_message" not in plan
        assert "Seq Scan on tracking_delivery" not in plan
        assert "Seq Scan on tracking_hop" not in plan


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"client": "192.0.2.66"},
        {"envelope_sender": "seller@bad.example"},
        {"recipient": "dewi@satu.example"},
        {"kind": "greylist"},
        {"stage": "rcpt"},
    ],
)
def test_it_reads_an_index_of_rejections(given: dict[str, object]) -> None:
    data = QueryDict(urlencode({**mail_log.RANGE, **given}))
    search = RejectionFilterSet(data, queryset=ALL_REJECTIONS).qs
    assert "Seq Scan on tracking_rejection" not in plan_of(search)


@pytest.mark.django_db
def test_it_reads_only_the_days_of_its_range() -> None:
    for day in range(10, 20):
        stamp = f"2026-11-{day}T03:00:00.000000+00:00"
        ingest(mail_log.one_mail(f"3A1B2C4D{day}", stamp=stamp))
    data = {"since": "2026-11-12T00:00:00Z", "until": "2026-11-14T00:00:00Z"}
    for given in ({}, {"q": "budi@far.example"}, {"disposition": "bounced"}):
        plan = plan_of(deliveries(**data, **given))
        days = {day for day in range(10, 20) if f"202611{day}" in plan}
        assert days == {12, 13}
    cursor = Cursor.parse("1794441600000000-1")  # 2026-11-12
    assert cursor is not None
    assert "20261113" not in plan_of(deliveries(**data), before=cursor)

"""The administrators' list of replies for which no reason is known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tracking.models import Message
from tracking.selectors.unclassified import unclassified_replies
from tracking.tests import mail_log
from tracking.tests.support import ingest

SINCE, UNTIL = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
URL = "/replies/unclassified/"


@pytest.fixture
def admin_client(db: None) -> Client:
    user = User.objects.create_user("keeper")
    user.groups.add(Group.objects.get(name="admin"))
    client = Client()
    client.force_login(user)
    return client


def refuse(number: int, reply: str, minute: int = 0) -> None:
    ingest(
        mail_log.one_mail(
            f"7B{number:08X}",
            stamp=f"{mail_log.DAY}T03:{minute:02}:{number % 60:02}.000000+00:00",
            recipient=f"who{number}@far.example",
            dsn="5.0.0",
            status="bounced",
            reply=f"host mx.far.example[203.0.113.9] said: {reply}",
        )
    )


@pytest.mark.django_db
def test_it_lists_what_has_no_reason_the_most_frequent_first() -> None:
    refuse(1, "550 so sorry number 1 <x>")
    for number in (2, 3, 4):
        refuse(number, f"550 not today number {number}", minute=number)
    refuse(5, "550 5.1.1 User unknown")
    ingest(mail_log.SENT)
    found = unclassified_replies(SINCE, UNTIL)
    assert (found.count, found.total, found.is_cut) == (4, 5, False)
    often, rare = found.replies
    assert (often.count, often.template) == (3, "host … said: 550 not today number …")
    assert often.example.endswith("said: 550 not today number 4")
    assert often.recipient == "who4@far.example"
    assert often.first_seen.minute == 2
    assert often.last_seen.minute == 4
    assert often.message == Message.objects.get(message_id="<7b00000004@satu.example>").pk
    assert rare.example.endswith("so sorry number 1 <x>")
    assert unclassified_replies(UNTIL, datetime(2026, 12, 1, tzinfo=UTC)).replies == []


@pytest.mark.django_db
def test_it_shows_them_with_a_link_to_the_newest_mail(admin_client: Client) -> None:
    refuse(1, "550 <script>no</script> such luck")
    page = admin_client.get(URL).content.decode()
    assert "1 of 1 bounced and deferred mails have no reason." in page
    assert "&lt;script&gt;no&lt;/script&gt;" in page
    pk = Message.objects.get().pk
    assert f'href="/messages/{pk}/?recipient=who1%40far.example"' in page


@pytest.mark.django_db
def test_it_says_that_all_is_explained(admin_client: Client) -> None:
    assert "Every reply is explained" in admin_client.get(URL).content.decode()


@pytest.mark.django_db
def test_it_is_for_administrators(
    admin_client: Client, viewer_client: Client, stranger_client: Client
) -> None:
    assert admin_client.get(URL).status_code == 200
    assert admin_client.post(URL).status_code == 405
    assert admin_client.get(f"{URL}?period=9y").status_code == 422
    assert viewer_client.get(URL).status_code == 403
    assert stranger_client.get(URL).status_code == 403
    assert URL in admin_client.get("/status/").content.decode()
    assert URL not in viewer_client.get("/status/").content.decode()


@pytest.mark.django_db
def test_it_asks_no_more_for_more_replies(admin_client: Client) -> None:
    def queries(count: int) -> int:
        for number in range(count):
            refuse(number, f"550 {'no ' * number}never")
        with CaptureQueriesContext(connection) as captured:
            page = admin_client.get(URL).content.decode()
        assert page.count("<tr>") == count + 1
        return len(captured)

    queries(1)
    assert queries(10) == queries(20)


@pytest.mark.django_db
def test_it_reads_by_the_index_of_what_was_not_delivered() -> None:
    ingest(mail_log.many_mails(300))
    refuse(1, "550 not today")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as captured:
        unclassified_replies(SINCE, UNTIL)
    plans = []
    for query in captured.captured_queries:
        if "tracking_delivery" in query["sql"]:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + query["sql"])
                plans.append(" ".join(row[0] for row in cursor.fetchall()))
    assert len(plans) == 2
    assert all("disposition_received_at" in plan for plan in plans)

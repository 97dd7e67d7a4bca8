"""Lists by key in both directions, each word of the search, and all that is known of a mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from quarantine import audit, selectors
from quarantine.choices import HeldState, Outcome, Verb
from quarantine.models import QuarantinedMessage, QuarantineSource
from quarantine.querysets import HeldQuerySet
from quarantine.sync import sync_source
from quarantine.tests.support import make_source, unpack_spool
from tracking.choices import QuarantineKind
from tracking.models import ClientNetwork, Customer
from tracking.selectors.keyset import Cursor
from tracking.tests.support import ingest, unpack

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def source(tmp_path: Path) -> QuarantineSource:
    return make_source(tmp_path)


def make(source: QuarantineSource, number: int, **values: Any) -> QuarantinedMessage:
    defaults: dict[str, Any] = {
        "key": f"k{number}",
        "shelf": "s",
        "kind": QuarantineKind.SPAM,
        "received_at": NOW + timedelta(seconds=number // 2),
        "envelope_sender": f"s{number}@example.net",
        "recipients": [f"r{number}@example.com", "all@example.com"],
        "size_bytes": 1000 + number,
        "subject": f"Offer {number}",
    }
    return QuarantinedMessage.objects.create(source=source, **(defaults | values))


def keys(found: HeldQuerySet) -> list[str]:
    return [
        QuarantinedMessage.objects.get(pk=row.id).key for row in selectors.find_page(found, 50).rows
    ]


def test_pages_follow_each_other_in_both_directions(source: QuarantineSource) -> None:
    for number in range(7):
        make(source, number)
    found = QuarantinedMessage.objects.in_state(HeldState.HELD)
    first = selectors.find_page(found, 3)
    assert [row.subject for row in first.rows] == ["Offer 6", "Offer 5", "Offer 4"]
    assert first.newer is None
    second = selectors.find_page(found, 3, before=first.older)
    assert [row.subject for row in second.rows] == ["Offer 3", "Offer 2", "Offer 1"]
    third = selectors.find_page(found, 3, before=second.older)
    assert ([row.subject for row in third.rows], third.older) == (["Offer 0"], None)
    back = selectors.find_page(found, 3, after=second.newer)
    assert [row.subject for row in back.rows] == [row.subject for row in first.rows]
    assert back.newer is None
    assert Cursor.parse(str(first.older)) == first.older


def test_each_word_of_the_search_finds_its_mail(source: QuarantineSource) -> None:
    customer = Customer.objects.create(number="C1", name="PT Satu")
    network = ClientNetwork.objects.create(network="192.0.2.0/24", customer=customer)
    make(source, 0, envelope_sender="", recipients=["50%_x@example.com"], subject="100% Größe")
    make(
        source,
        1,
        kind=QuarantineKind.VIRUS,
        virus="Eicar-Signature",
        rules=["Block Viruses", "BAYES_99"],
        score=7.5,
        client_ip="192.0.2.9",
        customer=customer,
        network=network,
    )
    make(source, 2, score=2.0, client_ip="2001:db8::1", state=HeldState.RELEASED)
    held = QuarantinedMessage.objects.all()
    assert keys(held.in_state(HeldState.RELEASED)) == ["k2"]
    assert keys(held.of_kind(QuarantineKind.VIRUS)) == ["k1"]
    assert keys(held.sender_contains("<>")) == ["k0"]
    assert keys(held.sender_contains("S1@EXAMPLE")) == ["k1"]
    assert keys(held.recipient_contains("50%_X")) == ["k0"]
    assert keys(held.recipient_contains("r_@")) == []
    assert keys(held.for_recipient("all@example.com")) == ["k2", "k1"]
    assert keys(held.subject_contains("0% gröSSe")) == []
    assert keys(held.subject_contains("0% GRÖ")) == ["k0"]
    assert keys(held.virus_contains("eicar")) == ["k1"]
    assert keys(held.rule_contains("bayes_9")) == ["k1"]
    assert keys(held.score_between(2.0, 5.0)) == ["k2"]
    assert keys(held.score_between(5.0, None)) == ["k1"]
    assert keys(held.size_between(None, 1000)) == ["k0"]
    assert keys(held.from_network("192.0.2.0/28")) == ["k1"]
    assert keys(held.from_network("2001:db8::/32")) == ["k2"]
    assert keys(held.of_customers([customer.pk])) == ["k1"]
    assert keys(
        held.of_source("pmg").received_between(NOW + timedelta(seconds=1), NOW + timedelta(hours=1))
    ) == ["k2"]
    row = selectors.find_page(held.of_customers([customer.pk]), 1).rows[0]
    assert (row.customer, row.network) == ("C1 PT Satu", "192.0.2.0/24")


def test_a_list_costs_the_same_for_ten_and_twenty_rows(
    source: QuarantineSource, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        make(source, number)
    for size in (10, 20):
        with django_assert_num_queries(1):
            assert len(selectors.find_page(QuarantinedMessage.objects.all(), size).rows) == size


def test_tabs_count_up_to_a_cap(source: QuarantineSource) -> None:
    for number in range(5):
        make(source, number)
    make(source, 6, kind=QuarantineKind.VIRUS)
    counts = selectors.count_by_kind(cap=3)
    assert (counts[QuarantineKind.SPAM], counts[QuarantineKind.VIRUS]) == (3, 1)
    assert selectors.count_up_to(QuarantinedMessage.objects.all(), 4) == 4


def test_it_tells_all_of_one_mail(tmp_path: Path) -> None:
    source = make_source(unpack_spool(tmp_path))
    ingest(unpack("pmg/syslog.xz"), "pmg")
    sync_source(source)
    held = QuarantinedMessage.objects.get(quarantine_id="21C06E6B0553EC1E98A")
    audit.append(audit.Entry(audit.Who("dewi"), Verb.VIEW_BODY, Outcome.DONE, audit.about(held)))
    detail = selectors.held_detail(held.pk)
    assert detail is not None
    assert detail.message == held.message_ref
    assert [action.verb for action in detail.actions] == ["view_body"]
    assert detail.held.recipients == ["emil@example.com"]
    assert selectors.held_detail(0) is None


def test_it_tells_the_state_of_each_source(source: QuarantineSource) -> None:
    make(source, 1)
    source.failure = "/x can't be opened"
    source.save()
    (status,) = selectors.sources_status()
    assert (status.name, status.held, status.failure) == ("pmg", 1, "/x can't be opened")

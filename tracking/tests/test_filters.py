"""Each filter finds what it should, by what it should."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from tracking.filters import (
    ALL_DELIVERIES,
    ALL_REJECTIONS,
    DeliveryFilterSet,
    RejectionFilterSet,
)
from tracking.selectors import lookups
from tracking.selectors.keyset import Condition, Cursor, count_up_to
from tracking.selectors.rejections import find_rejections
from tracking.selectors.search import count_dispositions, find_deliveries, find_messages
from tracking.tests import mail_log
from tracking.tests.support import ingest
from tracking.tests.test_bounces import POSTFIX


def delivery_filters(**given: object) -> DeliveryFilterSet:
    data = QueryDict(urlencode({**mail_log.RANGE, **given}, doseq=True))
    return DeliveryFilterSet(data, queryset=ALL_DELIVERIES)


def found(**given: object) -> list[str]:
    """Recipients of the mail that is found, sorted."""
    filters = delivery_filters(**given)
    assert filters.is_valid(), filters.errors
    return sorted(row.recipient for row in find_deliveries(filters.qs).rows)


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize(
    ("given", "recipients"),
    [
        ({}, ["ani@satu.example", "budi@far.example", "dewi@satu.example", "dewi@satu.example",
              "eko@slow.example", "nobody@far.example"]),
        ({"envelope_sender": "citra+X@GMAIL.example"}, ["dewi@satu.example"]),
        ({"envelope_sender": "<>"}, ["ani@satu.example"]),
        ({"envelope_sender": "@notice.example"}, ["dewi@satu.example"]),
        ({"envelope_sender": "*notice*"}, ["dewi@satu.example"]),
        ({"recipient": "budi@far.example"}, ["budi@far.example"]),
        ({"recipient": "@far.example"}, ["budi@far.example", "nobody@far.example"]),
        ({"recipient": "*slow*"}, ["eko@slow.example"]),
        ({"recipient": "bud_@far.example"}, []),
        ({"recipient": "*%*x*y*zzz"}, []),
        ({"message_id": "<3a1b2c4d5e@satu.example>"}, ["budi@far.example"]),
        ({"message_id": "3a1b2c4d5e@satu.example"}, ["budi@far.example"]),
        ({"queue_id": "3A1B2C4D60"}, ["eko@slow.example"]),
        ({"queue_id": "9F11DABCDE"}, ["budi@far.example", "dewi@satu.example"]),
        ({"queue_id": "21CC26AFCF1CD07ED7"}, ["dewi@satu.example"]),
        ({"client": "192.0.2.7"}, ["dewi@satu.example"]),
        ({"client": "192.0.2.0/24"}, ["dewi@satu.example"]),
        ({"client": "198.18.0.0/15"}, ["budi@far.example", "dewi@satu.example",
                                       "eko@slow.example", "nobody@far.example"]),
        ({"disposition": ["deferred", "bounced"]}, ["eko@slow.example", "nobody@far.example"]),
        ({"quarantine_kind": "spam"}, ["dewi@satu.example"]),
        ({"kind": "bounce"}, ["ani@satu.example"]),
        ({"kind": "probe"}, []),
        ({"direction": "inbound"}, ["dewi@satu.example", "dewi@satu.example"]),
        ({"relay": "mx1"}, ["dewi@satu.example", "dewi@satu.example"]),
        ({"service_class": "premium", "disposition": "deferred"}, ["eko@slow.example"]),
        ({"service_class": "bulk"}, []),
        ({"customer": "c1", "disposition": "bounced"}, ["nobody@far.example"]),
        ({"customer": "satu", "disposition": "bounced"}, ["nobody@far.example"]),
        ({"customer": "nobody"}, []),
        ({"sasl_username": "ani"}, ["budi@far.example"]),
        ({"dsn": "4"}, ["eko@slow.example"]),
        ({"dsn": "5.1"}, ["nobody@far.example"]),
        ({"dsn": "5.1.1"}, ["nobody@far.example"]),
        ({"dsn": "5.10"}, []),
        ({"dsn": "2.5."}, ["dewi@satu.example"]),
        ({"q": "info@satu.example"}, ["dewi@satu.example"]),
        ({"q": "nobody@far.example"}, ["nobody@far.example"]),
        ({"q": "3a1b2c4d5e@satu.example"}, ["budi@far.example"]),
        ({"q": "<3a1b2c4d5e@satu.example>"}, ["budi@far.example"]),
        ({"q": "<budi@far.example>"}, ["budi@far.example"]),
        ({"q": "far.example"}, ["budi@far.example", "nobody@far.example"]),
        ({"q": "slow"}, ["eko@slow.example"]),
        ({"q": "9F11DABCDE"}, ["budi@far.example", "dewi@satu.example"]),
        ({"q": "A49BB28FC4"}, ["dewi@satu.example"]),
        ({"q": "198.19.0.0/16"}, ["dewi@satu.example"]),
        ({"q": "satu.example", "disposition": "deferred"}, ["eko@slow.example"]),
        ({"q": "ani@satu.example budi@far.example"}, ["budi@far.example"]),
        ({"q": "budi@far.example ani@satu.example"}, ["budi@far.example"]),
        ({"q": "@far.example → ani@satu.example"}, ["budi@far.example", "nobody@far.example"]),
        ({"q": "eko@slow.example budi@far.example"}, []),
        ({"q": POSTFIX}, ["nobody@far.example"]),
        ({"q": "queue-id:3A1B2C4D5E recipient:stranger@far.example"}, ["budi@far.example"]),
        ({"q": "queue-id:00AA00BB00 recipient:eko@slow.example"}, ["eko@slow.example"]),
        ({"q": "queue-id:00AA00BB00 recipient:stranger@far.example"}, []),
        ({"q": "3A1B2C4D5E 3A1B2C4D60"}, ["budi@far.example", "eko@slow.example"]),
        ({"q": "C1", "disposition": "deferred"}, ["eko@slow.example"]),
        ({"q": "pt satu", "disposition": "deferred"}, ["eko@slow.example"]),
        ({"q": "customer:satu", "disposition": "deferred"}, ["eko@slow.example"]),
        ({"q": "no such customer"}, []),
        ({"q": "part:far.example", "disposition": "bounced"}, ["nobody@far.example"]),
        ({"reason": "BNC_NO_USER"}, ["nobody@far.example"]),
        ({"reason": "HELD_SPAM"}, ["dewi@satu.example"]),
        ({"reason": ["HELD_VIRUS", "IN_QUEUE"]}, []),
        ({"reason": "DEF_TIMEOUT"}, ["eko@slow.example"]),
        ({"reason": "DELIVERED_LOCAL"}, []),
        ({"reason": ["DELIVERED_REMOTE", "BNC_FULL"]}, ["ani@satu.example", "budi@far.example",
                                                        "dewi@satu.example"]),
        ({"smtp_reply": "user UNKNOWN"}, ["nobody@far.example"]),
        ({"smtp_reply": "550 5.1.1 <nobody@far.example>: Recipient"}, ["nobody@far.example"]),
        ({"smtp_reply": "550 5.1.1 <other@far.example>: Recipient"}, []),
        ({"smtp_reply": "203.0.113.10"}, ["eko@slow.example"]),
        ({"smtp_reply": "queued as 9F11"}, ["budi@far.example", "dewi@satu.example"]),
        ({"smtp_reply": "100%"}, []),
        ({"retried": "no", "disposition": "deferred"}, ["eko@slow.example"]),
        ({"retried": "yes"}, []),
        ({"tls": "yes"}, []),
        ({"tls": "no", "disposition": "deferred"}, ["eko@slow.example"]),
        ({"client_tls": "yes"}, []),
        ({"client_tls": "no", "disposition": "deferred"}, ["eko@slow.example"]),
        ({"size_min": "19000"}, ["dewi@satu.example"]),
        ({"size_min": "18,5 KiB"}, ["dewi@satu.example"]),
        ({"size_min": "5M"}, []),
        ({"size_max": "1.5k", "disposition": "deferred"}, ["eko@slow.example"]),
        ({"role": "mx"}, ["dewi@satu.example", "dewi@satu.example"]),
        ({"role": "tr"}, []),
        ({"relay": "MX1"}, ["dewi@satu.example", "dewi@satu.example"]),
        ({"client_network": "198.18.0.0/24", "dsn": "4.4.1"}, ["eko@slow.example"]),
        ({"client_network": "198.18.0.0/25"}, []),
        ({"hops_min": "1", "disposition": "deferred"}, ["eko@slow.example"]),
        ({"hops_min": "2"}, []),
        ({"hops_min": "4"}, []),
        ({"hops_max": "1", "disposition": "deferred"}, ["eko@slow.example"]),
        ({"client_network": "unregistered"}, ["ani@satu.example", "dewi@satu.example",
                                              "dewi@satu.example"]),
        ({"service_class": "unregistered", "kind": "bounce"}, ["ani@satu.example"]),
        ({"last_relay": "out1", "disposition": "deferred"}, ["eko@slow.example"]),
        ({"provider": "far.example"}, ["budi@far.example", "dewi@satu.example",
                                       "nobody@far.example"]),
        ({"provider": "Own mail servers"}, ["dewi@satu.example"]),
        ({"first_relay": "mx1"}, ["dewi@satu.example", "dewi@satu.example"]),
        ({"recipient": '"eko@slow.example"'}, ["eko@slow.example"]),
        ({"recipient": '"Eko@slow.example"'}, []),
        ({"sasl_username": '"an"'}, []),
        ({"virus": "eicar"}, []),
        ({"rule": "mark spam"}, ["dewi@satu.example"]),
        ({"rule": '"mark spam"'}, []),
        ({"rule": '"Quarantine/Mark Spam (Level 5)"'}, ["dewi@satu.example"]),
        ({"quarantine_kind": "none", "disposition": "quarantined"}, []),
        ({"score_min": "9"}, ["dewi@satu.example"]),
        ({"score_min": "9.1"}, []),
        ({"score_max": "8.5"}, []),
        ({"score_min": "8", "score_below": "9"}, []),
        ({"score_min": "9", "score_below": "10"}, ["dewi@satu.example"]),
        ({"since": "2026-11-20T03:15:00Z", "recipient": "@slow.example"}, []),
        ({"until": "2026-11-20T03:00:00Z"}, []),
    ],
)  # fmt: skip
def test_it_finds(given: dict[str, object], recipients: list[str]) -> None:
    assert found(**given) == recipients


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "0001-01-01T00:00:00Z"}, "since"),
        ({"until": "9999-12-31T23:59:59-12:00"}, "until"),
        ({"since": "2026-11-21", "until": "2026-11-20"}, "until"),
        ({"client": "192.0.2.999"}, "client"),
        ({"client": "far.example"}, "client"),
        ({"disposition": "vanished"}, "disposition"),
        ({"relay": "nowhere"}, "relay"),
        ({"recipient": "*ab*"}, "recipient"),
        ({"envelope_sender": "*"}, "envelope_sender"),
        ({"sasl_username": "a*b"}, "sasl_username"),
        ({"q": "ab"}, "q"),
        ({"q": "a\0b"}, "q"),
        ({"dsn": "9.1"}, "dsn"),
        ({"dsn": "%"}, "dsn"),
        ({"period": "century"}, "period"),
        ({"q": "x" * 5000}, "q"),
        ({"reason": "BECAUSE"}, "reason"),
        ({"role": "boss"}, "role"),
        ({"size_min": "big"}, "size_min"),
        ({"size_min": "999999999999999T"}, "size_min"),
        ({"size_min": "5M", "size_max": "5k"}, "size_max"),
        ({"hops_min": "0"}, "hops_min"),
        ({"hops_max": "two"}, "hops_max"),
        ({"hops_min": "3", "hops_max": "2"}, "hops_max"),
        ({"score_min": "NaN"}, "score_min"),
        ({"score_min": "5", "score_max": "4"}, "score_max"),
        ({"score_min": "5", "score_below": "4"}, "score_below"),
        ({"once": "no"}, "once"),
        ({"first_relay": "nowhere"}, "first_relay"),
        ({"tls": "perhaps"}, "tls"),
        ({"retried": "1"}, "retried"),
        ({"client_network": "far.example"}, "client_network"),
        ({"smtp_reply": "no"}, "smtp_reply"),
        ({"virus": "x"}, "virus"),
    ],
)
def test_it_says_which_filter_is_wrong(given: dict[str, object], field: str) -> None:
    filters = delivery_filters(**given)
    assert not filters.is_valid()
    assert list(filters.errors) == [field]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("size", "count"), [("1000", 4), ("1M", 3), ("1048577", 2), ("5M", 1), ("6M", 0)]
)
def test_it_finds_big_mail(size: str, count: int) -> None:
    sizes = ("1234", "1048576", "2000000", "5242880")
    mails = [mail_log.one_mail(f"3A1B2C4D{n:02}", size=text) for n, text in enumerate(sizes)]
    ingest("".join(mails))
    assert len(found(size_min=size)) == count
    assert len(found(size_min=size, disposition="delivered")) == count


@pytest.mark.usefixtures("mail")
def test_it_says_what_it_did_not_know() -> None:
    filters = delivery_filters(q="nobody@nowhere.example")
    assert [note.code for note in filters.qs.notes] == ["address", "no-address"]


@pytest.mark.usefixtures("mail")
def test_it_searches_the_newest_of_too_many_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "MAX_ADDRESSES", 2)
    addresses = lookups.find_addresses("*example*")
    assert (len(addresses.ids), addresses.is_cut) == (2, True)
    notes = delivery_filters(recipient="*example*").qs.notes
    assert [(note.code, note.number) for note in notes] == [("many-addresses", 2)]


@pytest.mark.usefixtures("mail")
def test_it_searches_a_domain_of_too_many_addresses_wholly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lookups, "MAX_ADDRESSES", 1)
    for most in (1, 2):
        monkeypatch.setattr(lookups, "MAX_DOMAIN", most)
        assert found(recipient="@far.example") == ["budi@far.example", "nobody@far.example"]
        assert found(q="far.example") == ["budi@far.example", "nobody@far.example"]
    assert found(q="none.example") == []


@pytest.mark.django_db
def test_it_pages_by_key_both_ways() -> None:
    ingest(mail_log.many_mails(25))
    search = delivery_filters().qs
    everything = [row.recipient for row in find_deliveries(search).rows]
    first = find_deliveries(search, 10)
    second = find_deliveries(search, 10, before=first.older)
    third = find_deliveries(search, 10, before=second.older)
    assert [len(page.rows) for page in (first, second, third)] == [10, 10, 5]
    assert [r.recipient for page in (first, second, third) for r in page.rows] == everything
    assert (first.newer, third.older) == (None, None)
    back = find_deliveries(search, 10, after=third.newer)
    assert back.rows == second.rows
    assert find_deliveries(search, 10, after=back.newer).newer is None


@pytest.mark.usefixtures("mail")
def test_it_counts_by_disposition_up_to_a_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    def counts(**given: object) -> dict[str, tuple[int, bool]]:
        return {
            item.disposition.name: (item.count, item.is_capped)
            for item in count_dispositions(delivery_filters(**given).qs)
        }

    exact = {
        "DELIVERED": (3, False),
        "DEFERRED": (1, False),
        "BOUNCED": (1, False),
        "QUARANTINED": (1, False),
    }
    assert counts() == exact
    assert counts(q="satu.example") == exact
    monkeypatch.setattr("tracking.selectors.search.COUNT_CAP", 2)
    capped = counts()
    assert sum(count for count, _ in capped.values()) == 3
    assert all(is_capped for _, is_capped in capped.values())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given",
    [
        {"q": "ani@satu.example"},
        {"q": "recipient3@far3.example ani@satu.example"},
        {"q": "198.18.0.0/24"},
        {"envelope_sender": "ani@satu.example"},
        {"recipient": '"recipient3@far3.example"'},
        {"sasl_username": "ani"},
    ],
)
def test_it_finds_the_same_whether_the_mails_can_be_listed_or_not(
    given: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    same_instant = [mail_log.one_mail(f"5C{number:08X}") for number in range(7)]
    ingest("".join([mail_log.many_mails(30), *same_instant, mail_log.SENT]))
    search = delivery_filters(**given).qs

    def pages(size: int) -> list[list[str]]:
        page = find_deliveries(search, size)
        found = [[row.message_id for row in page.rows]]
        while page.older is not None:
            page = find_deliveries(search, size, before=page.older)
            found.append([row.message_id for row in page.rows])
        back = find_deliveries(search, size, after=page.newer) if page.newer else page
        return [*found, [row.message_id for row in back.rows]]

    listed, counts = (pages(3), pages(100)), count_dispositions(search)
    for most in (0, 8, 20):
        monkeypatch.setattr("tracking.selectors.finding.MAX_LISTED", most)
        assert (pages(3), pages(100)) == listed
        assert count_dispositions(search) == counts


@pytest.mark.django_db
@pytest.mark.parametrize("most", [0, 1, 3, 100])
def test_it_finds_mail_that_came_at_once_and_mail_that_came_all_day(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    stamps = [f"2026-11-20T{hour:02}:00:00.000000+00:00" for hour in range(24)]
    stamps += [
        f"2026-11-{day:02}T03:00:{second:02}.000000+00:00" for day in (3, 9) for second in (1, 2)
    ]
    mails = [mail_log.one_mail(f"3A1B2C4D{n:02}", stamp=at) for n, at in enumerate(sorted(stamps))]
    ingest("".join(mails))
    monkeypatch.setattr("tracking.selectors.finding.MAX_LISTED", most)
    monkeypatch.setattr("tracking.selectors.finding.PAGE_SECONDS", 60)
    search = delivery_filters(client="198.18.0.5", since="2026-11-01T00:00:00Z").qs
    found = [f"{row.first_seen:%Y-%m-%dT%H:%M:%S}" for row in find_deliveries(search).rows]
    assert found == [at[:19] for at in sorted(stamps, reverse=True)]


@pytest.mark.django_db
def test_it_lists_every_mail_whose_recipients_are_more_than_it_lists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(3):
        mail = mail_log.one_mail(f"3A1B2C4D{number:02}", recipient="a@far.example")
        sent = next(line for line in mail.splitlines() if " to=<" in line)
        more = [sent.replace("to=<a@", f"to=<{name}@") for name in ("b", "c", "d")]
        ingest(mail.replace(sent, "\n".join([sent, *more])))
    monkeypatch.setattr("tracking.selectors.finding.MAX_LISTED", 5)
    assert len(found(recipient="@far.example")) == 12
    assert len(find_messages(delivery_filters(recipient="@far.example").qs).rows) == 3


@pytest.mark.django_db
def test_it_says_how_far_it_looked_when_a_search_takes_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for day in range(1, 21):
        stamp = f"2026-11-{day:02}T03:00:00.000000+00:00"
        ingest(mail_log.one_mail(f"3A1B2C4D{day:02}", stamp=stamp))
    search = delivery_filters(since="2026-11-01T00:00:00Z").qs
    days = [row.first_seen.day for row in find_deliveries(search).rows]
    assert days == list(range(20, 0, -1))
    assert find_deliveries(search).reached is None
    monkeypatch.setattr("tracking.selectors.finding.PAGE_SECONDS", 0)
    page = find_deliveries(search)
    found = [row.first_seen.day for row in page.rows]
    pages = 1
    while page.older is not None:
        assert page.reached is not None
        page = find_deliveries(search, before=page.older)
        found += [row.first_seen.day for row in page.rows]
        pages += 1
    assert found == days
    assert pages > 2
    page = find_deliveries(search, after=Cursor(datetime(2026, 10, 1, tzinfo=UTC), 0))
    back = [row.first_seen.day for row in page.rows]
    while page.newer is not None:
        page = find_deliveries(search, after=page.newer)
        back = [row.first_seen.day for row in page.rows] + back
    assert back == days


@pytest.mark.usefixtures("mail")
def test_it_gives_up_counting_what_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = delivery_filters().qs.where(Condition("pg_sleep(5) IS NOT NULL"))
    monkeypatch.setattr("tracking.selectors.keyset.COUNT_SECONDS", 0.05)
    assert count_up_to(slow, 100) is None
    assert count_up_to(delivery_filters().qs, 100) == 6


@pytest.mark.usefixtures("mail")
def test_it_finds_a_message_once() -> None:
    messages = find_messages(delivery_filters(recipient="@far.example").qs).rows
    assert [message.recipient_count for message in messages] == [1, 1]


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize(
    ("given", "recipients"),
    [
        ({}, ["dewi@satu.example", "info@satu.example"]),
        ({"kind": "greylist"}, ["info@satu.example"]),
        ({"kind": ["greylist", "dnsbl"]}, ["dewi@satu.example", "info@satu.example"]),
        ({"client": "192.0.2.64/26"}, ["dewi@satu.example", "info@satu.example"]),
        ({"client": "192.0.2.1"}, []),
        ({"envelope_sender": "seller@bad.example"}, ["dewi@satu.example"]),
        ({"recipient": "@satu.example"}, ["dewi@satu.example", "info@satu.example"]),
        ({"stage": "rcpt"}, ["dewi@satu.example", "info@satu.example"]),
        ({"stage": "connect"}, []),
        ({"relay": "mx1"}, ["dewi@satu.example", "info@satu.example"]),
        ({"relay": "out1"}, []),
        ({"reason": "REJ_GREYLIST"}, ["info@satu.example"]),
        ({"reason": ["REJ_RBL", "REJ_AUTH"]}, ["dewi@satu.example"]),
        ({"reason": "UNKNOWN"}, []),
        ({"client_network": "198.18.0.0/24"}, []),
        ({"client_network": "unregistered"}, ["dewi@satu.example", "info@satu.example"]),
        ({"customer": "C1"}, []),
        ({"service_class": "premium"}, []),
        ({"service_class": "unregistered", "kind": "greylist"}, ["info@satu.example"]),
    ],
)
def test_it_finds_rejections(given: dict[str, object], recipients: list[str]) -> None:
    data = QueryDict(urlencode({**mail_log.RANGE, **given}, doseq=True))
    filters = RejectionFilterSet(data, queryset=ALL_REJECTIONS)
    assert filters.is_valid(), filters.errors
    assert sorted(str(row.recipient) for row in find_rejections(filters.qs).rows) == recipients

"""Which provider takes a mail: what figures count (in Python) is what a search finds (in SQL)."""

from __future__ import annotations

from itertools import product

import pytest
from django.db import connection

from tracking.models import Address, Domain, Name, Provider, ProviderSuffix
from tracking.providers import MAX_UNLISTED, OTHER, ProviderTable, registrable
from tracking.selectors.keyset import DELIVERIES, Search
from tracking.selectors.providers import of_provider, provider_table

RELAYS = (
    "",
    "none",
    "local",
    "virtual",
    "dovecot.example.net",
    "gmail-smtp-in.l.google.com[192.0.2.27]:25",
    "ALT1.GMAIL-SMTP-IN.L.GOOGLE.COM.[192.0.2.27]:25",
    "notgoogle.com[192.0.2.1]:25",
    "mx.special.google.com[192.0.2.1]:25",
    "mx.deep.special.google.com[192.0.2.1]:25",
    "127.0.0.1[127.0.0.1]:10024",
    "filter.far.example[10.3.4.5]:25",
    "mx.far.example[172.16.0.9]:25",
    "mx.far.example[172.15.0.9]:25",
    "mx.far.example[100.64.0.9]:25",
    "mx.far.example[100.128.0.9]:25",
    "mx.far.example[2001:db8::9]:25",
    "mx.far.example[fd00::9]:25",
    "mx.far.example[fe80::9]:25",
    "mx.far.example[::1]:25",
    "mx.far.example[private/dovecot-lmtp]",
    "mx.far.example[",
    "mx.bank.co.id[192.0.2.8]:25",
    "co.id[192.0.2.8]:25",
    "192.0.2.9[192.0.2.9]:25",
    "[192.0.2.9]:25",
    "localhost[192.0.2.9]:25",
    "a..far.example[192.0.2.9]:25",
    ".google.com[192.0.2.9]:25",
    "mx.own.example[192.0.2.9]:25",
    "100%.far.example\\x[192.0.2.9]:25",
)
DOMAINS = (
    *("", "gmail.com", "far.example", "x.far.example", "bank.co.id", "satu.bank.co.id", "co.id"),
    *("[192.0.2.3]", "localhost", "notgmail.com", "own.example", "a..far.example", "far.example."),
    *("contoh.テスト", "[ipv6:2001:db8::1]"),
)

_ROWS = "SELECT * FROM unnest(%s::integer[], %s::integer[]) d (relay_name_id, recipient_id) WHERE "


@pytest.fixture
def table() -> ProviderTable:
    Provider.objects.all().delete()
    rows = {
        "Google": "google.com gmail.com deep.special.google.com",
        "Special": "special.google.com",
        "Ours": "own.example",
        "far.example": "nowhere.example",
    }
    for name, suffixes in rows.items():
        provider = Provider.objects.create(name=name, is_own=name == "Ours")
        for suffix in suffixes.split():
            ProviderSuffix.objects.create(provider=provider, suffix=suffix)
    return provider_table()


@pytest.fixture
def pairs(table: ProviderTable) -> dict[tuple[int | None, int], str]:
    """Each relay with each domain, and the provider that it comes to."""
    found = {}
    for (place, relay), (number, domain) in product(enumerate(RELAYS), enumerate(DOMAINS)):
        found[place, number] = table.provider_of(relay, domain)[0]
    relays = [Name.objects.create(name=name).pk if name else None for name in RELAYS]
    domains = [Domain.objects.get_or_create(name=name)[0] for name in DOMAINS]
    addresses = [
        Address.objects.create(address=f"ani@{domain}", domain=domain).pk for domain in domains
    ]
    return {(relays[place], addresses[number]): name for (place, number), name in found.items()}


def taken_by(text: str, pairs: dict[tuple[int | None, int], str]) -> set[tuple[int | None, int]]:
    (condition,) = of_provider(Search(DELIVERIES), text).conditions
    with connection.cursor() as cursor:
        cursor.execute(
            _ROWS + condition.sql,
            [*(list(column) for column in zip(*pairs, strict=True)), *condition.values],
        )
        return set(cursor.fetchall())


@pytest.mark.django_db
def test_a_search_finds_what_figures_count(pairs: dict[tuple[int | None, int], str]) -> None:
    names = set(pairs.values()) - {OTHER}
    assert names >= {"Google", "Special", "Ours", "far.example", "bank.co.id", "notgoogle.com"}
    for name in sorted(names):
        assert taken_by(name, pairs) == {key for key, value in pairs.items() if value == name}, name


@pytest.mark.django_db
def test_a_provider_is_found_by_what_people_call_it(
    pairs: dict[tuple[int | None, int], str],
) -> None:
    google = taken_by("Google", pairs)
    assert google
    for text in ("google", " GOOGLE ", "gmail.com", "mail.google.com"):
        assert taken_by(text, pairs) == google, text
    assert taken_by("mx.satu.bank.co.id", pairs) == taken_by("bank.co.id", pairs)
    assert taken_by("nobody", pairs) == set()


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("mx1.far.example", "far.example"),
        ("mx1.bank.co.id", "bank.co.id"),
        ("co.id", "co.id"),
        ("far.example.", "far.example"),
        ("192.0.2.1", ""),
        ("[192.0.2.1]", ""),
        ("localhost", ""),
        ("a..far.example", ""),
        ("", ""),
    ],
)
def test_it_names_what_was_registered(name: str, base: str) -> None:
    assert registrable(name) == base


def test_it_keeps_the_busiest_of_those_that_no_suffix_names() -> None:
    table = ProviderTable({"google.com": "Google"}, "Ours")
    rows = [
        ((number, 0), f"mx.p{number}.example[192.0.2.1]:25", "", number) for number in range(60)
    ]
    long = ((99, 0), f"{'a' * 60}.{'b' * 60}[192.0.2.1]:25", "", 1000)
    found = table.resolve([*rows, long, ((0, 1), "x.google.com[192.0.2.1]:25", "", 1)])
    kept = {name for name in found.values() if name not in {OTHER, "Google"}}
    assert kept == {f"p{number}.example" for number in range(60 - MAX_UNLISTED + 1, 60)}
    assert found[99, 0] == OTHER
    assert found[0, 1] == "Google"

"""What a text in the search box is taken for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.one_box import MAX_LENGTH, Meaning, shorten, understand, write_out
from tracking.tests.test_bounces import EXIM, GMAIL, POSTFIX


@pytest.mark.parametrize(
    ("text", "meaning", "value"),
    [
        ("", Meaning.NOTHING, ""),
        ("   ", Meaning.NOTHING, ""),
        ("<>", Meaning.ADDRESS, ""),
        ("ani@satu.example", Meaning.ADDRESS, "ani@satu.example"),
        ("  ani@satu.example ", Meaning.ADDRESS, "ani@satu.example"),
        ("<ani@satu.example>", Meaning.MESSAGE_ID, "<ani@satu.example>"),
        ("Message-ID: <x.1@y.example>", Meaning.MESSAGE_ID, "<x.1@y.example>"),
        ("message-id=<x.1@y.example>", Meaning.MESSAGE_ID, "<x.1@y.example>"),
        ("*ani*", Meaning.PATTERN, "*ani*"),
        ("ani@*", Meaning.PATTERN, "ani@*"),
        ("ani", Meaning.PATTERN, "*ani*"),
        ("user1", Meaning.PATTERN, "*user1*"),
        ("@satu.example", Meaning.DOMAIN, "satu.example"),
        ("Satu.Example.", Meaning.DOMAIN, "satu.example"),
        ("mail.satu.co.id", Meaning.DOMAIN, "mail.satu.co.id"),
        ("@localhost", Meaning.DOMAIN, "localhost"),
        ("3A1B2C4D5E", Meaning.QUEUE_ID, "3A1B2C4D5E"),
        ("123456", Meaning.QUEUE_ID, "123456"),
        ("4jYjcB38bJz6wkM", Meaning.QUEUE_ID, "4jYjcB38bJz6wkM"),
        ("21C996AFCF1CCB459C", Meaning.QUEUE_ID, "21C996AFCF1CCB459C"),
        ("12345-01-2", Meaning.QUEUE_ID, "12345-01-2"),
        ("1tABCd-0001Ab-2x", Meaning.QUEUE_ID, "1tABCd-0001Ab-2x"),
        ("192.0.2.7", Meaning.NETWORK, "192.0.2.7/32"),
        ("[192.0.2.7]", Meaning.NETWORK, "192.0.2.7/32"),
        ("192.0.2.7/24", Meaning.NETWORK, "192.0.2.0/24"),
        ("2001:db8::1", Meaning.NETWORK, "2001:db8::1/128"),
        ("[IPv6:2001:db8::1]", Meaning.NETWORK, "2001:db8::1/128"),
        ("2001:db8::/32", Meaning.NETWORK, "2001:db8::/32"),
        ("domain:Far.Example", Meaning.DOMAIN, "far.example"),
        ("address: ani@satu.example", Meaning.ADDRESS, "ani@satu.example"),
        ("part:3A1B2C4D5E", Meaning.PATTERN, "*3A1B2C4D5E*"),
        ("message-id:a@b.example", Meaning.MESSAGE_ID, "<a@b.example>"),
        ("queue-id:abc", Meaning.QUEUE_ID, "abc"),
        ("client:192.0.2.7", Meaning.NETWORK, "192.0.2.7/32"),
        ("customer:PT Satu", Meaning.CUSTOMER, "PT Satu"),
        ("customer:7", Meaning.CUSTOMER, "7"),
        ("PT  Satu Dua", Meaning.CUSTOMER, "PT Satu Dua"),
        ("client:nonsense", Meaning.PATTERN, "*client:nonsense*"),
        ("where is the mail to budi@far.example please", Meaning.ADDRESS, "budi@far.example"),
    ],
)
def test_it_understands(text: str, meaning: Meaning, value: str) -> None:
    understood = understand(text)
    assert (understood.meaning, understood.value) == (meaning, value)


@given(st.text(max_size=80))
def test_it_takes_any_text(text: str) -> None:
    understood = understand(text)
    assert (understood.meaning is Meaning.NOTHING) == (not text.strip())


@pytest.mark.parametrize(
    "text",
    [
        "ani@satu.example budi@far.example",
        "ani@satu.example → budi@far.example",
        "ani@satu.example -> budi@far.example",
        "ani@satu.example->budi@far.example",
        "ani@satu.example,budi@far.example",
        "<ani@satu.example>; <budi@far.example>",
        "from ani@satu.example to budi@far.example",
        "From: ani@satu.example\nTo: budi@far.example",
        "dari ani@satu.example ke budi@far.example",
        "ani@satu.example\tbudi@far.example",
        "ani@satu.example | budi@far.example",
    ],
)
def test_it_understands_two_addresses(text: str) -> None:
    understood = understand(text)
    assert understood.meaning is Meaning.PAIR
    assert (understood.value, understood.other) == ("ani@satu.example", "budi@far.example")


@pytest.mark.parametrize(
    ("text", "value", "other"),
    [
        ("ani@satu.example far.example", "ani@satu.example", "@far.example"),
        ("@satu.example *budi*", "@satu.example", "*budi*"),
        ("<> budi@far.example", "<>", "budi@far.example"),
    ],
)
def test_it_understands_a_domain_or_part_for_an_address(text: str, value: str, other: str) -> None:
    understood = understand(text)
    assert (understood.meaning, understood.value, understood.other) == (
        Meaning.PAIR,
        value,
        other,
    )


def test_it_understands_a_list_of_ids() -> None:
    named = understand("3A1B2C4D5E, 4jYjcB38bJz6wkM <x.1@y.example>").named
    assert named.queue_ids == ("3A1B2C4D5E", "4jYjcB38bJz6wkM")
    assert named.message_ids == ("<x.1@y.example>",)


@pytest.mark.parametrize("bounce", [POSTFIX, EXIM, GMAIL])
def test_it_shortens_a_bounce_to_its_ids(bounce: str) -> None:
    long = bounce + "Zm9vYmFy\n" * 20_000
    short = shorten(long)
    assert len(short) < 200
    assert understand(short) == understand(bounce)
    assert shorten(short) == short


def test_it_shortens_nothing_else() -> None:
    assert shorten("  ani@satu.example ") == "ani@satu.example"
    assert shorten("customer:PT  Satu") == "customer:PT Satu"


def test_it_keeps_ids_short_enough_for_a_link() -> None:
    named = understand(
        "\n".join(f"message-id: <{'x' * 240}{n}@y.example>" for n in range(30))
    ).named
    many = replace(named, recipients=tuple(f"{n}{'x' * 200}@y.example" for n in range(10)))
    assert len(write_out(many)) <= MAX_LENGTH


@given(st.text(max_size=80))
def test_it_understands_the_short_form_alike(text: str) -> None:
    assert understand(shorten(shorten(text))) == understand(shorten(text))

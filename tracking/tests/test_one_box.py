"""What a text in the search box is taken for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.one_box import Meaning, understand


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
    ],
)
def test_it_understands(text: str, meaning: Meaning, value: str) -> None:
    understood = understand(text)
    assert (understood.meaning, understood.value) == (meaning, value)


@given(st.text(max_size=80))
def test_it_takes_any_text(text: str) -> None:
    understood = understand(text)
    assert (understood.meaning is Meaning.NOTHING) == (not text.strip()) or not understood.value

"""What every page goes through."""

from __future__ import annotations

import pytest
from django.test import Client

RLO, LRO = "\u202e", "\u202d"


@pytest.mark.django_db
def test_it_shows_what_would_turn_an_address_around(client: Client) -> None:
    answer = client.get("/accounts/login/", {"next": f"/{RLO}moc.knab{LRO}"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert RLO not in page
    assert LRO not in page
    assert "/\N{REPLACEMENT CHARACTER}moc.knab\N{REPLACEMENT CHARACTER}" in page


@pytest.mark.django_db
def test_it_leaves_other_letters_as_they_are(client: Client) -> None:
    text = "/\u2026\u200e\u0645\u0631\u062d\u0628\u0627"
    assert text in client.get("/accounts/login/", {"next": text}).content.decode()

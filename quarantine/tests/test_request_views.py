"""Two keys on the pages: helpdesk asks, a senior decides, the one who asked is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from quarantine.models import QuarantineAction, QuarantinedMessage, ReleaseRequest
from quarantine.services.requests import request_release
from quarantine.services.results import Actor
from quarantine.sync import sync_source
from quarantine.tests.conftest import client_of
from quarantine.tests.smtp_server import Handler
from quarantine.tests.support import MAIL, held_one, hold, make_source

pytestmark = pytest.mark.django_db
LIST = "/quarantine/requests/"


@pytest.fixture
def held(tmp_path: Path, next_hop: Handler) -> QuarantinedMessage:
    return held_one(tmp_path, release_to=f"127.0.0.1:{next_hop.port}")


@pytest.fixture
def wish(held: QuarantinedMessage, helpdesk: Actor) -> ReleaseRequest:
    request_release([held.pk], helpdesk, "customer waits for it")
    return ReleaseRequest.objects.get()


def page(client: Client, path: str = LIST) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_a_senior_approves_and_the_requester_is_told(
    wish: ReleaseRequest, desk: Client, chief: Client, next_hop: Handler
) -> None:
    assert "customer waits for it" in page(chief)
    assert "Requests (1)" in page(chief, "/quarantine/")
    form = page(chief, f"{LIST}{wish.pk}/")
    assert "alice@example.com, bruno@example.com" in form
    sent = {"reason": "checked with him", "decision": "approve"}
    response = chief.post(f"{LIST}{wish.pk}/", sent)
    assert (response.status_code, response.headers["Location"]) == (303, LIST)
    assert len(next_hop.taken) == 1
    assert QuarantinedMessage.objects.get().state == "released"
    for path in (LIST, "/quarantine/"):
        told = page(desk, path)
        assert "Answers to your requests" in told
        assert "checked with him" in told
    assert desk.post(f"{LIST}seen/").status_code == 303
    assert "Answers to your requests" not in page(desk)


def test_a_senior_refuses(wish: ReleaseRequest, chief: Client, next_hop: Handler) -> None:
    chief.post(f"{LIST}{wish.pk}/", {"reason": "it is phishing", "decision": "refuse"})
    wish.refresh_from_db()
    assert (wish.state, wish.decision) == ("refused", "it is phishing")
    assert next_hop.taken == []
    again = {"reason": "no", "decision": "approve"}
    assert "It was decided before" in chief.post(
        f"{LIST}{wish.pk}/", again, follow=True
    ).content.decode()  # fmt: skip
    assert next_hop.taken == []


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"decision": "approve"}, "This field is required."),
        ({"reason": "x"}, "Say yes or no."),
        ({"reason": "x", "decision": "maybe"}, "Say yes or no."),
    ],
)
def test_it_says_what_is_missing(
    sent: dict[str, str], words: str, wish: ReleaseRequest, chief: Client
) -> None:
    response = chief.post(f"{LIST}{wish.pk}/", sent)
    assert response.status_code == 422
    assert words in response.content.decode()
    wish.refresh_from_db()
    assert wish.state == "open"


def test_nobody_decides_on_his_own_request(
    held: QuarantinedMessage, senior: Actor, chief: Client, next_hop: Handler
) -> None:
    request_release([held.pk], senior, "for me")
    wish = ReleaseRequest.objects.get()
    assert "Somebody else has to decide" in page(chief, f"{LIST}{wish.pk}/")
    sent = {"reason": "x", "decision": "approve"}
    told = chief.post(f"{LIST}{wish.pk}/", sent, follow=True).content.decode()
    assert "Somebody else has to decide on your request." in told
    assert next_hop.taken == []


def test_a_virus_needs_an_admin_and_the_words(
    tmp_path: Path, helpdesk: Actor, chief: Client, boss: Client, next_hop: Handler
) -> None:
    hold(tmp_path, "21C0366B0553DEC02D8", MAIL, "virus")
    sync_source(make_source(tmp_path, release_to=f"127.0.0.1:{next_hop.port}"))
    request_release([QuarantinedMessage.objects.get().pk], helpdesk, "he insists")
    path = f"{LIST}{ReleaseRequest.objects.get().pk}/"
    sent = {"reason": "x", "decision": "approve", "confirmation": "release virus"}
    assert "Only an administrator" in chief.post(path, sent, follow=True).content.decode()
    unsure = {**sent, "confirmation": ""}
    assert "to confirm." in boss.post(path, unsure, follow=True).content.decode()
    assert next_hop.taken == []
    boss.post(path, sent)
    assert len(next_hop.taken) == 1


def test_the_requester_withdraws(wish: ReleaseRequest, desk: Client, chief: Client) -> None:
    assert chief.post(f"{LIST}{wish.pk}/withdraw/").status_code in (403, 404)
    assert desk.post(f"{LIST}{wish.pk}/withdraw/").status_code == 303
    wish.refresh_from_db()
    assert wish.state == "withdrawn"
    assert "was withdrawn" in page(desk)


def test_each_sees_his_part(
    wish: ReleaseRequest, desk: Client, make_actor: Callable[..., Actor]
) -> None:
    other = client_of(make_actor("other", ("view_quarantinedmessage", "request_release")))
    assert "customer waits" not in page(other)
    assert "customer waits" in page(desk)
    assert desk.get(f"{LIST}{wish.pk}/").status_code == 403
    viewer = client_of(make_actor("viewer", ("view_quarantinedmessage",)))
    assert viewer.get(LIST).status_code == 403
    assert viewer.post(f"{LIST}{wish.pk}/withdraw/").status_code == 403


def test_it_knows_no_request_by_a_wrong_number(chief: Client, desk: Client) -> None:
    for number in ("0", "9" * 30):
        assert chief.get(f"{LIST}{number}/").status_code == 404
        assert desk.post(f"{LIST}{number}/withdraw/").status_code == 404


def test_it_filters_by_state_and_pages(wish: ReleaseRequest, chief: Client) -> None:
    assert "customer waits" not in page(chief, f"{LIST}?state=refused")
    for query in ("?state=", "?state=nonsense", "?before=99999999", "?before=x&after=-1"):
        assert "customer waits" in page(chief, LIST + query)
    assert "No request here" in page(chief, f"{LIST}?before=1")


def test_it_resolves_an_uncertain_release(held: QuarantinedMessage, chief: Client) -> None:
    QuarantinedMessage.objects.update(state="uncertain")
    assert "Resolve …" in page(chief, f"/quarantine/{held.pk}/")
    path = "/quarantine/resolve/"
    assert chief.post(path, {"ids": held.pk, "reason": "asked him"}).status_code == 422
    sent = {"ids": held.pk, "reason": "asked him", "was_sent": "no"}
    assert "Resolved." in chief.post(path, sent, follow=True).content.decode()
    held.refresh_from_db()
    assert held.state == "held"
    assert QuarantineAction.objects.get().verb == "resolve"

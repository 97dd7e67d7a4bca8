"""Release, delete, restore and request from the pages: confirmed, once, with the result shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from quarantine.choices import HeldState, Verb
from quarantine.models import QuarantineAction, QuarantinedMessage, ReleaseRequest
from quarantine.services.results import Actor
from quarantine.sync import sync_source
from quarantine.tests.conftest import client_of
from quarantine.tests.smtp_server import Handler
from quarantine.tests.support import MAIL, held_one, hold, make_source

pytestmark = pytest.mark.django_db
BOTH = ["alice@example.com", "bruno@example.com"]


@pytest.fixture
def held(tmp_path: Path, next_hop: Handler) -> QuarantinedMessage:
    return held_one(tmp_path, release_to=f"127.0.0.1:{next_hop.port}")


@pytest.fixture
def three(tmp_path: Path, next_hop: Handler) -> list[int]:
    """Two with spam, one with a virus."""
    for name, kind in (("A1", "spam"), ("A2", "spam"), ("A3", "virus")):
        hold(tmp_path, f"21C0366B0553DEC02{name}", MAIL, kind)
    sync_source(make_source(tmp_path, release_to=f"127.0.0.1:{next_hop.port}"))
    return list(QuarantinedMessage.objects.order_by("kind", "pk").values_list("pk", flat=True))


def state(pk: int) -> str:
    return QuarantinedMessage.objects.get(pk=pk).state


def test_it_says_what_will_happen_and_does_nothing(held: QuarantinedMessage, boss: Client) -> None:
    for action in ("release", "delete", "request"):
        response = boss.get(f"/quarantine/{action}/?ids={held.pk}")
        page = response.content.decode()
        assert response.status_code == 200
        for words in ("Grüße", "sender@example.net", "Reason", "This mail"):
            assert words in page
    assert state(held.pk) == "held"
    assert not QuarantineAction.objects.exists()


def test_it_releases_to_those_chosen(
    held: QuarantinedMessage, boss: Client, next_hop: Handler
) -> None:
    sent = {"ids": held.pk, "reason": "customer called", "recipients": BOTH[1]}
    response = boss.post("/quarantine/release/", sent)
    assert (response.status_code, response.headers["Location"]) == (303, f"/quarantine/{held.pk}/")
    assert [mail.recipients for mail in next_hop.taken] == [[BOTH[1]]]
    page = boss.get(f"/quarantine/{held.pk}/").content.decode()
    for words in ("Released.", "sent on", "queued as 4jYgJL1tdfzDWd9", "?q=4jYgJL1tdfzDWd9",
                  "customer called", "follow it in the log", "does not say yet"):  # fmt: skip
        assert words in page
    assert state(held.pk) == "held"


def test_it_sends_once_when_clicked_twice(
    held: QuarantinedMessage, boss: Client, next_hop: Handler
) -> None:
    sent = {"ids": held.pk, "reason": "x", "recipients": BOTH}
    boss.post("/quarantine/release/", sent)
    response = boss.post("/quarantine/release/", sent, follow=True)
    assert len(next_hop.taken) == 1
    assert state(held.pk) == "released"
    assert "It was released before." in response.content.decode()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"recipients": BOTH}, "This field is required."),
        ({"recipients": BOTH, "reason": " \0 "}, "Null characters are not allowed."),
        ({"recipients": BOTH, "reason": "x" * 2000}, "at most 1000 characters"),
        ({"recipients": [], "reason": "x"}, "Choose at least one recipient."),
        ({"recipients": ["mallory@evil.example"], "reason": "x"}, "not one of the available"),
        ({"elsewhere": "no address", "reason": "x"}, "no address is no mail address."),
    ],
)
def test_it_says_what_is_wrong(
    sent: dict[str, object], words: str, held: QuarantinedMessage, boss: Client, next_hop: Handler
) -> None:
    response = boss.post("/quarantine/release/", {"ids": held.pk, **sent})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert next_hop.taken == []


@pytest.mark.parametrize("ids", ["", "x", "9" * 30, "0", "-1", "²"])
@pytest.mark.parametrize("action", ["release", "delete", "restore", "request"])
def test_it_acts_on_nothing_without_a_mail(action: str, ids: str, boss: Client) -> None:
    for response in (
        boss.get(f"/quarantine/{action}/?ids={ids}"),
        boss.post(f"/quarantine/{action}/", {"ids": ids, "reason": "x"}),
    ):
        assert response.status_code == 422
        assert "No mail was chosen" in response.content.decode()


def test_it_shows_a_result_for_each_of_several(
    three: list[int], boss: Client, next_hop: Handler
) -> None:
    boss.post("/quarantine/delete/", {"ids": three[0], "reason": "junk"})
    page = boss.get("/quarantine/release/", {"ids": three}).content.decode()
    assert "1 of them is in another state" in page
    assert "Type “release virus”" in page
    sent = {"ids": three, "reason": "x", "confirmation": "release virus"}
    response = boss.post("/quarantine/release/", sent)
    assert response.status_code == 303
    page = boss.get(response.headers["Location"]).content.decode()
    assert "It was deleted: restore it first." in page
    assert [state(pk) for pk in three] == ["deleted", "released", "released"]
    assert len(next_hop.taken) == 2


def test_it_wants_the_words_for_a_virus(
    three: list[int], boss: Client, senior: Actor, next_hop: Handler
) -> None:
    virus = three[2]
    sent = {"ids": virus, "reason": "x", "recipients": BOTH}
    assert boss.post("/quarantine/release/", sent).status_code == 422
    page = boss.post("/quarantine/release/", {**sent, "confirmation": "yes"}, follow=True)
    assert "Type “release virus” to confirm." in page.content.decode()
    confirmed = {**sent, "confirmation": "Release  VIRUS"}
    page = client_of(senior).post("/quarantine/release/", confirmed, follow=True)
    assert "Only an administrator releases mail with a virus." in page.content.decode()
    assert next_hop.taken == []
    boss.post("/quarantine/release/", confirmed)
    assert state(virus) == "released"


def test_it_deletes_and_restores(held: QuarantinedMessage, boss: Client) -> None:
    page = boss.post("/quarantine/delete/", {"ids": held.pk, "reason": "junk"}, follow=True)
    assert "It can be restored until" in page.content.decode()
    assert state(held.pk) == "deleted"
    page = boss.post("/quarantine/restore/", {"ids": held.pk, "reason": "oops"}, follow=True)
    assert "it is held again" in page.content.decode()
    assert state(held.pk) == "held"
    verbs = QuarantineAction.objects.order_by("number").values_list("verb", "reason")
    assert list(verbs) == [("delete", "junk"), ("restore", "oops")]


def test_helpdesk_asks_and_does_not_act(held: QuarantinedMessage, desk: Client) -> None:
    for action in ("release", "delete", "restore"):
        response = desk.post(f"/quarantine/{action}/", {"ids": held.pk, "reason": "x"})
        assert response.status_code == 403
    sent = {"ids": held.pk, "reason": "customer waits", "recipients": BOTH[0]}
    page = desk.post("/quarantine/request/", sent, follow=True).content.decode()
    assert "The request was sent." in page
    request = ReleaseRequest.objects.get()
    assert (request.recipients, request.reason) == ([BOTH[0]], "customer waits")
    assert "Its release was requested before." in desk.post(
        "/quarantine/request/", sent, follow=True
    ).content.decode()  # fmt: skip


def test_it_takes_no_action_by_get(held: QuarantinedMessage, boss: Client) -> None:
    boss.get(f"/quarantine/delete/?ids={held.pk}&reason=x")
    assert state(held.pk) == HeldState.HELD


def test_it_checks_where_a_post_comes_from(held: QuarantinedMessage, admin: Actor) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin.user)
    response = strict.post("/quarantine/delete/", {"ids": held.pk, "reason": "x"})
    assert response.status_code == 403
    assert state(held.pk) == HeldState.HELD


def test_results_are_for_who_acted(
    three: list[int], boss: Client, make_actor: Callable[..., Actor]
) -> None:
    response = boss.post("/quarantine/delete/", {"ids": three, "reason": "x"})
    other = client_of(make_actor("other", ("view_quarantinedmessage",)))
    assert other.get(response.headers["Location"]).status_code == 404
    assert boss.get("/quarantine/results/unknown/").status_code == 404
    assert str(Verb.DELETE.label) in boss.get(response.headers["Location"]).content.decode()

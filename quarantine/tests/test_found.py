"""Acting on all that a search found: as many as were confirmed, each once, told one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from quarantine.choices import HeldState, Outcome, Verb
from quarantine.models import BulkAction, BulkItem, QuarantinedMessage, ReleaseRequest
from quarantine.scopes import READ, RELEASE
from quarantine.services import found
from quarantine.services.found import confirm, find_all, left_over, run
from quarantine.services.results import Actor, BadInput
from quarantine.services.retention import prune
from quarantine.sync import sync_source
from quarantine.tests.conftest import HELPDESK, client_of
from quarantine.tests.smtp_server import Handler
from quarantine.tests.support import hold, make_many, make_source
from tracking.choices import QuarantineKind
from tracking.tests.support import token_client

pytestmark = pytest.mark.django_db
API = "/api/v1/quarantine/found/"
SEARCH = "?sender=example.net"


@pytest.fixture
def three(tmp_path: Path, next_hop: Handler) -> list[int]:
    """Two with spam, one with a virus."""
    for name, kind in (("A1", "spam"), ("A2", "spam"), ("A3", "virus")):
        hold(tmp_path, f"21C0366B0553DEC02{name}", kind=kind)
    sync_source(make_source(tmp_path, release_to=f"127.0.0.1:{next_hop.port}"))
    return list(QuarantinedMessage.objects.order_by("kind", "pk").values_list("pk", flat=True))


def states() -> list[str]:
    return list(QuarantinedMessage.objects.order_by("kind", "pk").values_list("state", flat=True))


def outcomes(bulk: BulkAction) -> dict[int, str]:
    return dict(bulk.items.values_list("held_id", "outcome"))


def press(client: Client, path: str, **changes: Any) -> Any:
    """Load the page of confirmation and send what it shows."""
    page = client.get(path)
    assert page.status_code == 200, page.content
    sent = {"reason": "x", "count": page.context["count"], "newest": page.context["newest"]}
    return client.post(path, sent | changes)


def test_it_asks_by_number_then_does_it_and_tells_of_each(
    three: list[int], chief: Client, next_hop: Handler
) -> None:
    path = f"/quarantine/release/found/{SEARCH}"
    assert "All 3 mails that your search found" in chief.get(path).content.decode()
    assert not BulkAction.objects.exists()
    response = press(chief, path, confirmation="release virus")
    bulk = BulkAction.objects.get()
    assert (response.status_code, response.headers["Location"]) == (
        303,
        f"/quarantine/bulk/{bulk.pk}/",
    )
    assert "0 of 3 mails" in chief.get(response.headers["Location"]).content.decode()
    assert run(bulk.pk)
    assert outcomes(bulk) == {three[0]: "done", three[1]: "done", three[2]: "refused"}
    assert states() == ["released", "released", "held"]
    assert len(next_hop.taken) == 2
    page = chief.get(response.headers["Location"]).content.decode()
    assert "3 of 3 mails" in page
    assert "Only an administrator releases mail with a virus." in page
    only = chief.get(response.headers["Location"] + "?outcome=refused").content.decode()
    assert [f"/quarantine/{pk}/" in only for pk in three] == [False, False, True]


def test_what_came_after_the_question_is_not_meant(
    three: list[int], tmp_path: Path, chief: Client
) -> None:
    path = f"/quarantine/delete/found/{SEARCH}"
    page = chief.get(path)
    sent = {"reason": "x", "count": page.context["count"], "newest": page.context["newest"]}
    hold(tmp_path, "21C0366B0553DEC02B9")
    sync_source(QuarantinedMessage.objects.get(pk=three[0]).source)
    chief.post(path, sent)
    assert run(BulkAction.objects.get().pk)
    assert states().count("deleted") == 3
    assert states().count("held") == 1


def test_more_than_was_confirmed_is_asked_again(three: list[int], chief: Client) -> None:
    response = press(chief, f"/quarantine/delete/found/{SEARCH}", count=2)
    assert response.status_code == 422
    assert "More mails are found now" in response.content.decode()
    assert not BulkAction.objects.exists()


@pytest.mark.parametrize("search", ["?sender=nobody", "?network=x", "?state=released"])
def test_a_search_that_gives_nothing_to_act_on_is_told(
    search: str, three: list[int], chief: Client
) -> None:
    response = chief.post(f"/quarantine/delete/found/{search}", {"reason": "x", "count": 9})
    assert response.status_code == 422
    assert "Nothing can be done with this search" in response.content.decode()
    assert not BulkAction.objects.exists()


def test_too_many_are_told_and_nothing_is_done(
    tmp_path: Path, chief: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_many(tmp_path, 6)
    monkeypatch.setattr(found, "MAX_FOUND", 5)
    response = chief.get("/quarantine/delete/found/?subject=Offer")
    assert response.status_code == 422
    assert "More than 5 mails were found" in response.content.decode()
    with pytest.raises(BadInput):
        find_all(QuarantinedMessage.objects.all())


@pytest.mark.parametrize("action", ["release", "delete", "restore"])
def test_who_may_not_is_refused(action: str, three: list[int], desk: Client) -> None:
    assert desk.get(f"/quarantine/{action}/found/{SEARCH}").status_code == 403
    assert desk.post(f"/quarantine/{action}/found/{SEARCH}", {"reason": "x"}).status_code == 403


def test_helpdesk_asks_for_all_that_is_found(three: list[int], desk: Client) -> None:
    press(desk, f"/quarantine/request/found/{SEARCH}")
    assert run(BulkAction.objects.get().pk)
    assert ReleaseRequest.objects.count() == 3


def test_deletions_are_taken_back_together(three: list[int], chief: Client) -> None:
    press(chief, f"/quarantine/delete/found/{SEARCH}")
    run(BulkAction.objects.get().pk)
    press(chief, f"/quarantine/restore/found/{SEARCH}&state=deleted")
    run(BulkAction.objects.latest("pk").pk)
    assert set(states()) == {"held"}


def test_others_do_not_see_how_it_ended(
    three: list[int],
    senior: Actor,
    boss: Client,
    make_actor: Callable[..., Actor],
) -> None:
    bulk = confirm(Verb.DELETE, three, senior, {"reason": "x"})
    stranger = client_of(make_actor("orang", HELPDESK))
    assert stranger.get(f"/quarantine/bulk/{bulk.pk}/").status_code == 404
    assert boss.get(f"/quarantine/bulk/{bulk.pk}/").status_code == 200
    assert boss.get("/quarantine/bulk/9999999999999999999/").status_code == 404


def test_it_goes_on_where_a_dead_worker_stopped(three: list[int], senior: Actor) -> None:
    bulk = confirm(Verb.DELETE, three, senior, {"reason": "x"})
    BulkItem.objects.create(bulk=bulk, held_id=three[0], outcome="done", text="")
    assert left_over() == [bulk.pk]
    assert run(bulk.pk)
    assert states() == ["held", "deleted", "deleted"]
    assert left_over() == []
    assert run(bulk.pk)
    assert bulk.items.count() == 3


def test_it_stops_in_time_and_goes_on_later(three: list[int], senior: Actor) -> None:
    bulk = confirm(Verb.DELETE, three, senior, {"reason": "x"})
    assert not run(bulk.pk, seconds=-1)
    assert set(states()) == {"held"}
    assert run(bulk.pk)
    assert set(states()) == {"deleted"}


def test_one_that_fails_unforeseen_does_not_keep_the_others_waiting(
    three: list[int], senior: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = found._ACTS[Verb.DELETE]

    def failing(ids: Any, actor: Actor, options: dict[str, Any]) -> Any:
        if list(ids) == [three[0]]:
            raise RuntimeError("unforeseen")
        return real(ids, actor, options)

    monkeypatch.setitem(found._ACTS, Verb.DELETE, failing)
    bulk = confirm(Verb.DELETE, three, senior, {"reason": "x"})
    assert run(bulk.pk)
    assert outcomes(bulk) == {three[0]: "failed", three[1]: "done", three[2]: "done"}


def test_who_lost_the_permission_meanwhile_does_nothing(three: list[int], senior: Actor) -> None:
    bulk = confirm(Verb.DELETE, three, senior, {"reason": "x"})
    senior.user.is_active = False
    senior.user.save()
    assert run(bulk.pk)
    assert set(outcomes(bulk).values()) == {Outcome.REFUSED}
    assert set(states()) == {HeldState.HELD}


def test_how_it_ended_is_kept_for_a_while(three: list[int], senior: Actor) -> None:
    bulk = confirm(Verb.DELETE, three, senior, {"reason": "x"})
    run(bulk.pk)
    prune(is_dry_run=False)
    assert BulkAction.objects.exists()
    BulkAction.objects.update(ended_at=timezone.now() - timedelta(days=31))
    prune(is_dry_run=True)
    assert BulkAction.objects.exists()
    prune(is_dry_run=False)
    assert not BulkItem.objects.exists()
    assert not BulkAction.objects.exists()


def test_the_list_offers_it_when_more_than_a_page_was_found(
    tmp_path: Path, chief: Client, desk: Client
) -> None:
    make_many(tmp_path, 60)
    assert "/release/found/" not in chief.get("/quarantine/").content.decode()
    page = chief.get("/quarantine/?subject=Offer").content.decode()
    assert "All 60 found:" in page
    assert "/quarantine/release/found/?subject=Offer" in page
    page = desk.get("/quarantine/?subject=Offer").content.decode()
    assert "/quarantine/request/found/?subject=Offer" in page
    assert "/release/found/" not in page


def test_the_api_does_it_too(three: list[int], senior: Actor, next_hop: Handler) -> None:
    client = token_client(senior.user, READ, RELEASE)

    def post(**changes: Any) -> Any:
        body = {"search": {"kind": "spam"}, "expected": 2, "reason": "x"} | changes
        return client.post(API + "release/", body, content_type="application/json")

    assert post(expected=1).json() == {"expected": ["2 mails are found."]}
    assert post(search={"sendr": "x"}).json() == {"search": ["There is no filter 'sendr'."]}
    assert post(search={"network": "x"}).status_code == 400
    assert post(search={"state": "deleted"}).status_code == 400
    assert not BulkAction.objects.exists()
    answer = post()
    assert (answer.status_code, answer.json()["total"]) == (202, 2)
    run(answer.json()["id"])
    told = client.get(answer.json()["url"]).json()
    assert told["counts"] == {"done": 2}
    assert {item["id"] for item in told["results"]} == set(three[:2])
    assert told["ended_at"].endswith("Z")
    assert len(next_hop.taken) == 2


def test_the_api_keeps_scopes_and_owners_apart(
    three: list[int], senior: Actor, make_actor: Callable[..., Actor]
) -> None:
    reader = token_client(senior.user, READ)
    body = {"search": {}, "expected": 9, "reason": "x"}
    for name in ("release", "delete", "restore", "request"):
        answer = reader.post(f"{API}{name}/", body, content_type="application/json")
        assert answer.status_code == 403
    bulk = confirm(Verb.DELETE, three, senior, {"reason": "x"})
    stranger = token_client(make_actor("orang", HELPDESK).user, READ)
    assert stranger.get(f"{API}{bulk.pk}/").status_code == 404
    assert reader.get(f"{API}{bulk.pk}/").status_code == 200


def test_ten_thousand_are_asked_about_with_as_many_queries_as_ten(
    tmp_path: Path, chief: Client, django_assert_max_num_queries: Any
) -> None:
    make_many(tmp_path, 30, kind=QuarantineKind.VIRUS)
    with django_assert_max_num_queries(16):
        chief.get("/quarantine/delete/found/?subject=Offer")

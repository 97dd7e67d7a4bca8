"""The API of the quarantine: by scope, a result for each mail, nothing done twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quarantine import audit, scopes
from quarantine.models import QuarantineAction, QuarantinedMessage, ReleaseRequest
from quarantine.services.requests import request_release
from quarantine.services.results import Actor
from quarantine.sync import sync_source
from quarantine.tests.hostile import ALL
from quarantine.tests.smtp_server import Handler
from quarantine.tests.support import MAIL, held_one, hold, make_many, make_source
from tracking.models import ApiToken
from tracking.tests.support import token_client

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/quarantine/"
EVERY = [scope.name for scope in scopes.SCOPES]


@pytest.fixture
def api(admin: Actor) -> Client:
    return token_client(admin.user, *EVERY)


@pytest.fixture
def held(tmp_path: Path, next_hop: Handler) -> QuarantinedMessage:
    return held_one(tmp_path, release_to=f"127.0.0.1:{next_hop.port}")


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(ROOT + path, body, content_type="application/json")


def outcomes(response: Any) -> list[tuple[int, str]]:
    assert response.status_code == 200, response.content
    return [(item["id"], item["outcome"]) for item in response.json()["results"]]


def test_it_lists_what_is_held(held: QuarantinedMessage, api: Client) -> None:
    answer = api.get(ROOT, {"sender": "sender@", "kind": "spam"}).json()
    (row,) = answer["results"]
    assert (answer["next"], answer["previous"]) == (None, None)
    assert row["id"] == held.pk
    assert row["kind"] == "spam"
    assert row["state"] == "held"
    assert row["subject"] == "Grüße"
    assert row["recipients"] == ["alice@example.com", "bruno@example.com"]
    assert row["received_at"].endswith("Z")
    assert api.get(ROOT, {"state": "released"}).json()["results"] == []
    assert not QuarantineAction.objects.exists()


def test_it_pages_by_links(tmp_path: Path, api: Client) -> None:
    for number in range(5):
        hold(tmp_path, f"21C0366B0553DEC02A{number}")
    sync_source(make_source(tmp_path))
    first = api.get(ROOT, {"page_size": 2}).json()
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()
    ids = [row["id"] for page in (first, second, third) for row in page["results"]]
    assert len(set(ids)) == 5
    assert third["next"] is None
    assert api.get(third["previous"]).json()["results"] == second["results"]


@pytest.mark.parametrize(
    ("query", "name"),
    [("kind=x", "kind"), ("sendr=x", "sendr"), ("sender=", "sender"), ("before=x", "before"),
     ("page_size=0", "page_size"), ("page_size=9999", "page_size"), ("network=x", "network"),
     ("kind=spam&kind=virus", "kind"), ("min_score=a", "min_score")],
)  # fmt: skip
def test_it_names_what_is_wrong_with_a_filter(query: str, name: str, api: Client) -> None:
    response = api.get(f"{ROOT}?{query}")
    assert response.status_code == 400
    assert name in response.json()


def test_it_tells_everything_of_a_mail_but_its_body(held: QuarantinedMessage, api: Client) -> None:
    post(api, "delete/", ids=[held.pk], reason="junk")
    answer = api.get(f"{ROOT}{held.pk}/").json()
    assert answer["held"]["state"] == "deleted"
    assert [(row["verb"], row["actor"]) for row in answer["actions"]] == [("delete", "adi")]
    assert "first line" not in str(answer)
    for number in ("0", "9" * 19):
        assert api.get(f"{ROOT}{number}/").status_code == 404
        assert api.get(f"{ROOT}{number}/content/").status_code == 404


def test_it_shows_content_made_safe_and_writes_that_down(tmp_path: Path, api: Client) -> None:
    raw = b"Delivered-To: a@example.com\nReturn-Path: m@evil.example\n" + ALL["tracking pixel"]
    hold(tmp_path, "21C0366B0553DEC02D8", raw)
    sync_source(make_source(tmp_path))
    pk = QuarantinedMessage.objects.get().pk
    response = api.get(f"{ROOT}{pk}/content/")
    assert response["Cache-Control"] == "no-store"
    answer = response.json()
    assert answer["pages"][0]["remote_pictures"] == 1
    assert "beacon" not in answer["pages"][0]["html"]
    assert [header["name"] for header in answer["headers"]][:2] == ["From", "To"]
    row = QuarantineAction.objects.get()
    assert (row.verb, row.outcome, row.actor, row.held_id) == ("view_body", "done", "adi", pk)
    assert api.get(f"{ROOT}{pk}/content/?images=2").status_code == 400


def test_it_says_when_the_filter_has_lost_the_mail(
    held: QuarantinedMessage, tmp_path: Path, api: Client
) -> None:
    next((tmp_path / "spam").rglob("21C*")).unlink()
    assert api.get(f"{ROOT}{held.pk}/content/").status_code == 502


def test_it_gives_a_result_for_each_mail(tmp_path: Path, api: Client, next_hop: Handler) -> None:
    for name, kind in (("A1", "spam"), ("A2", "spam"), ("A3", "virus")):
        hold(tmp_path, f"21C0366B0553DEC02{name}", MAIL, kind)
    sync_source(make_source(tmp_path, release_to=f"127.0.0.1:{next_hop.port}"))
    first, second, virus = QuarantinedMessage.objects.order_by("kind", "pk").values_list(
        "pk", flat=True
    )
    assert outcomes(post(api, "delete/", ids=[first], reason="junk")) == [(first, "done")]
    response = post(api, "release/", ids=[first, second, virus, 10**9], reason="ticket 7")
    assert outcomes(response) == [
        (first, "failed"), (second, "done"), (virus, "refused"), (10**9, "failed"),
    ]  # fmt: skip
    answer = response.json()
    assert answer["counts"] == {"failed": 2, "done": 1, "refused": 1}
    assert answer["results"][1]["recipients"][0]["queue_id"] == "4jYgJL1tdfzDWd9"
    assert outcomes(post(api, "release/", ids=[second], reason="again")) == [(second, "already")]
    confirmed = {"ids": [virus], "reason": "x", "confirmation": "release virus"}
    assert outcomes(post(api, "release/", **confirmed)) == [(virus, "done")]
    assert len(next_hop.taken) == 2
    assert outcomes(post(api, "restore/", ids=[first], reason="oops")) == [(first, "done")]
    assert audit.verify().breaks == []


def test_it_releases_to_some(held: QuarantinedMessage, api: Client, next_hop: Handler) -> None:
    body = {"ids": [held.pk], "reason": "x", "recipients": ["bruno@example.com"]}
    assert outcomes(post(api, "release/", **body)) == [(held.pk, "done")]
    assert [mail.recipients for mail in next_hop.taken] == [["bruno@example.com"]]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"ids": [1]}, "reason"),
        ({"ids": [], "reason": "x"}, "ids"),
        ({"ids": ["x"], "reason": "x"}, "ids"),
        ({"ids": [2**70], "reason": "x"}, "ids"),
        ({"ids": [True], "reason": "x"}, "ids"),
        ({"ids": ["1"], "reason": "x"}, "ids"),
        ({"ids": [1], "reason": 5}, "reason"),
        ({"ids": [1], "reason": "x", "is_sender_allowed": 0}, "is_sender_allowed"),
        ({"ids": [1], "reason": "x", "recipients": [""]}, "recipients"),
        ({"ids": [*range(1, 1002)], "reason": "x"}, "ids"),
        ({"ids": [1], "reason": "x" * 1001}, "reason"),
        ({"ids": [1], "reason": "x", "recipient": ["a"]}, "recipient"),
        ({"ids": [1], "reason": "x", "elsewhere": "no address"}, "elsewhere"),
    ],
)
def test_it_names_what_is_wrong_with_a_body(body: dict[str, Any], name: str, api: Client) -> None:
    response = post(api, "release/", **body)
    assert response.status_code == 400
    assert name in response.json()


def test_requests_are_made_and_decided(
    held: QuarantinedMessage, helpdesk: Actor, senior: Actor, next_hop: Handler
) -> None:
    desk = token_client(helpdesk.user, scopes.REQUEST)
    assert outcomes(post(desk, "request/", ids=[held.pk], reason="waits")) == [(held.pk, "done")]
    chief = token_client(senior.user, scopes.APPROVE)
    (wish,) = chief.get(f"{ROOT}requests/?state=open").json()["results"]
    assert (wish["held"], wish["requested_by"], wish["decided_by"]) == (held.pk, "hana", None)
    path = f"requests/{wish['id']}/"
    assert post(chief, f"{path}approve/").status_code == 400
    answer = post(chief, f"{path}approve/", answer="fine").json()
    assert (answer["id"], answer["outcome"]) == (held.pk, "done")
    assert post(chief, f"{path}refuse/", answer="no").json()["outcome"] == "already"
    assert len(next_hop.taken) == 1
    assert post(chief, "requests/999/approve/", answer="x").status_code == 404
    assert chief.get(f"{ROOT}requests/?state=x").status_code == 400


def test_it_refuses_a_request(
    held: QuarantinedMessage, helpdesk: Actor, senior: Actor, next_hop: Handler
) -> None:
    request_release([held.pk], helpdesk, "waits")
    wish = ReleaseRequest.objects.get()
    chief = token_client(senior.user, scopes.APPROVE)
    assert post(chief, f"requests/{wish.pk}/refuse/", answer="no").json()["outcome"] == "done"
    assert next_hop.taken == []


def test_the_audit_trail_can_be_read_and_checked(held: QuarantinedMessage, api: Client) -> None:
    post(api, "delete/", ids=[held.pk], reason="junk")
    post(api, "restore/", ids=[held.pk], reason="oops")
    newest, oldest = api.get(f"{ROOT}audit/").json()["results"]
    assert newest["previous_hash"] == oldest["hash"]
    page = api.get(f"{ROOT}audit/?page_size=1&verb=delete").json()
    assert [row["reason"] for row in page["results"]] == ["junk"]
    assert api.get(f"{ROOT}audit/?verb=x").status_code == 400


CALLS: list[tuple[str, str, str]] = [
    ("get", "", scopes.READ),
    ("get", "{}/", scopes.READ),
    ("get", "{}/content/", scopes.CONTENT),
    ("post", "release/", scopes.RELEASE),
    ("post", "delete/", scopes.DELETE),
    ("post", "restore/", scopes.DELETE),
    ("post", "request/", scopes.REQUEST),
    ("get", "requests/", scopes.APPROVE),
    ("post", "requests/1/approve/", scopes.APPROVE),
    ("post", "requests/1/refuse/", scopes.APPROVE),
    ("get", "audit/", scopes.AUDIT),
]


@pytest.mark.parametrize(("method", "path", "scope"), CALLS)
def test_it_needs_the_scope_and_the_permission(
    method: str, path: str, scope: str, held: QuarantinedMessage, admin: Actor,
    make_actor: Callable[..., Actor],
) -> None:  # fmt: skip
    url = ROOT + path.format(held.pk)
    others = [name for name in EVERY if name != scope]
    denied = getattr(token_client(admin.user, *others), method)(url)
    assert (denied.status_code, denied.json()["scope"]) == (403, scope)
    assert getattr(Client(), method)(url).status_code == 401
    allowed = getattr(token_client(admin.user, scope), method)(url)
    assert allowed.status_code in (200, 400, 404, 415)
    stranger = Client()
    stranger.force_login(make_actor("stranger", ()).user)
    assert getattr(stranger, method)(url).status_code == 403


def test_it_asks_the_same_for_ten_and_for_twenty_rows(tmp_path: Path, api: Client) -> None:
    counts = []
    api.get(ROOT)
    for start in (0, 10):
        make_many(tmp_path, 10, first=start)
        with CaptureQueriesContext(connection) as captured:
            assert len(api.get(ROOT).json()["results"]) == start + 10
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_trail_names_the_token(
    held: QuarantinedMessage, admin: Actor, api: Client, boss: Client
) -> None:
    token = ApiToken.objects.get(user=admin.user)
    post(api, "release/", ids=[held.pk], reason="x")
    names = set(QuarantineAction.objects.values_list("actor", "token"))
    assert names == {(admin.user.username, f"{token.name} (#{token.pk})")}
    assert api.get(ROOT + "audit/").json()["results"][0]["token"] == f"{token.name} (#{token.pk})"
    assert f"token {token.name}" in boss.get("/quarantine/audit/").content.decode()
    assert f"token {token.name}" in boss.get(f"/quarantine/{held.pk}/").content.decode()
    assert audit.verify().breaks == []


def test_what_went_wrong_is_a_word_for_scripts_and_a_sentence_in_their_users_language(
    tmp_path: Path, api: Client
) -> None:
    held = held_one(tmp_path)
    body = {"ids": [held.pk], "reason": "x"}
    answer = api.post(
        ROOT + "release/", body, content_type="application/json", HTTP_ACCEPT_LANGUAGE="id"
    )
    (result,) = answer.json()["results"]
    assert (result["outcome"], result["fault"]) == ("failed", "no_release_host")
    assert result["text"].startswith("Karantina ini tidak mempunyai server tujuan pelepasan")
    assert {item["fault"] for item in result["recipients"]} == {"no_release_host"}

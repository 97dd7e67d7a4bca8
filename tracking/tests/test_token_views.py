"""The page of API tokens: one's own, the secret once, the end at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tracking.models import ApiToken
from tracking.scopes import LINES, READ, WRITE_SEGMENTS
from tracking.tokens import issue_token

URL = "/tokens/"
FORM: dict[str, Any] = {"name": "grafana", "days": "30", "scopes": [READ, LINES], "networks": ""}

pytestmark = pytest.mark.django_db


def test_it_asks_for_a_login(client: Client) -> None:
    answer = client.get(URL)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/tokens/")


def test_it_makes_a_token_and_shows_the_secret_once(viewer_client: Client, viewer: User) -> None:
    answer = viewer_client.post(URL, {**FORM, "networks": "192.0.2.9/24, 127.0.0.1"})
    assert answer.status_code == 201
    assert "no-store" in answer["Cache-Control"]
    secret = answer.context["secret"]
    assert secret in answer.content.decode()
    token = ApiToken.objects.get(user=viewer)
    assert token.scopes == [LINES, READ]
    assert token.networks == ["192.0.2.0/24", "127.0.0.1/32"]
    api = Client(headers={"Authorization": f"Token {secret}"})
    assert api.get("/api/v1/messages/").status_code == 200
    again = viewer_client.get(URL).content.decode()
    assert "grafana" in again
    assert secret not in again


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "<b>"}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"days": "0"}, "days"),
        ({"days": "36500"}, "days"),
        ({"scopes": []}, "scopes"),
        ({"scopes": [WRITE_SEGMENTS]}, "scopes"),
        ({"scopes": [READ, "x"]}, "scopes"),
        ({"networks": "here"}, "networks"),
        ({"networks": "192.0.2.0/33"}, "networks"),
        ({"networks": " ".join(["192.0.2.1"] * 21)}, "networks"),
        ({"name": "taken"}, "name"),
    ],
)
def test_it_names_what_is_wrong(
    viewer_client: Client, viewer: User, given: dict[str, Any], field: str
) -> None:
    issue_token(viewer, "taken", [READ], 1)
    answer = viewer_client.post(URL, {**FORM, **given})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert ApiToken.objects.count() == 1


def test_it_sends_nothing_twice(viewer_client: Client) -> None:
    assert viewer_client.post(URL, FORM).status_code == 201
    assert viewer_client.post(URL, FORM).status_code == 422
    assert ApiToken.objects.count() == 1


def test_it_revokes_ones_own(viewer_client: Client, viewer: User) -> None:
    token, secret = issue_token(viewer, "x", [READ], 1)
    answer = viewer_client.post(f"{URL}{token.pk}/revoke/")
    assert (answer.status_code, answer["Location"]) == (303, URL)
    api = Client(headers={"Authorization": f"Token {secret}"})
    assert api.get("/api/v1/messages/").status_code == 401
    page = viewer_client.get(URL).content.decode()
    assert "revoked" in page
    assert f"{token.pk}/revoke/" not in page


def test_it_knows_nothing_of_others_tokens(viewer_client: Client) -> None:
    other = User.objects.create_superuser("other")
    token, _ = issue_token(other, "secret-project", [READ], 1)
    assert "secret-project" not in viewer_client.get(URL).content.decode()
    assert viewer_client.post(f"{URL}{token.pk}/revoke/").status_code == 404
    assert viewer_client.post(f"{URL}{9**30}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_it_changes_nothing_by_looking(viewer_client: Client, viewer: User) -> None:
    token, _ = issue_token(viewer, "x", [READ], 1)
    assert viewer_client.get(f"{URL}{token.pk}/revoke/").status_code == 405
    assert viewer_client.put(URL).status_code == 405


def test_it_offers_no_scope_to_who_has_no_permission(stranger_client: Client) -> None:
    page = stranger_client.get(URL)
    assert page.status_code == 200
    assert '<form class="panel' not in page.content.decode()
    assert stranger_client.post(URL, FORM).status_code == 422
    assert not ApiToken.objects.exists()


def test_it_asks_the_same_for_ten_and_twenty(
    viewer_client: Client, viewer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        issue_token(viewer, f"a{number}", [READ], 1)
    with django_assert_num_queries(7) as first:
        viewer_client.get(URL)
    for number in range(10):
        issue_token(viewer, f"b{number}", [READ], 1)
    with django_assert_num_queries(len(first)):
        viewer_client.get(URL)


def test_it_lets_an_admin_see_and_end_all_tokens(admin_client: Client, viewer: User) -> None:
    token, secret = issue_token(viewer, "x", [READ], 1)
    page = admin_client.get("/admin/tracking/apitoken/")
    assert page.status_code == 200
    assert "viewer" in page.content.decode()
    assert token.digest not in page.content.decode()
    assert admin_client.get(f"/admin/tracking/apitoken/{token.pk}/change/").status_code == 200
    admin_client.post(
        "/admin/tracking/apitoken/", {"action": "revoke", "_selected_action": [token.pk]}
    )
    api = Client(headers={"Authorization": f"Token {secret}"})
    assert api.get("/api/v1/messages/").status_code == 401

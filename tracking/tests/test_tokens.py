"""API tokens: what they open, and when they open nothing."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from mailgw.lib.scopes import Scope, all_scopes, register_scopes
from tracking.models import ApiToken, LogSource
from tracking.scopes import LINES, READ, WRITE_SEGMENTS
from tracking.tests.support import token_client
from tracking.tokens import issue_token, revoke_token

MESSAGES = "/api/v1/messages/"


def token_for(*arguments: str) -> str:
    out = StringIO()
    call_command("create_api_token", *arguments, stdout=out)
    return out.getvalue().strip()


def with_secret(secret: str, **extra: Any) -> Client:
    return Client(headers={"Authorization": f"Token {secret}"}, **extra)


@pytest.mark.django_db
def test_it_takes_a_named_token(viewer: User) -> None:
    secret = token_for("viewer", "grafana", "--days", "1")
    assert secret.startswith("mailgw_")
    assert with_secret(secret).get(MESSAGES).status_code == 200
    assert with_secret(secret[:-1]).get(MESSAGES).status_code == 401
    token = ApiToken.objects.get(user=viewer)
    assert (token.name, token.scopes, token.networks) == ("grafana", [READ], [])
    assert timedelta(hours=23) < token.expiry - timezone.now() < timedelta(days=1)
    assert secret not in {token.digest, token.token_key}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("nobody", "x"), "nobody"),
        (("viewer", "x" * 61), "60"),
        (("viewer", " "), "NAME"),
        (("viewer", "a\0b"), "Letters"),
        (("viewer", "x", "--days", "0"), "366"),
        (("viewer", "x", "--days", "367"), "366"),
        (("viewer", "x", "--scope", "all"), "all"),
        (("viewer", "x", "--scope", WRITE_SEGMENTS), WRITE_SEGMENTS),
        (("viewer", "x", "--network", "here"), "here"),
        (("viewer", "taken"), "name"),
    ],
)
def test_it_makes_no_bad_token(viewer: User, arguments: tuple[str, ...], problem: str) -> None:
    issue_token(viewer, "taken", [READ], 1)
    with pytest.raises(CommandError, match=problem):
        token_for(*arguments)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expiry": timedelta(seconds=-1)}, "expired"),
        ({"revoked_at": timedelta(0)}, "revoked"),
        ({"networks": ["192.0.2.0/24", "2001:db8::/32"]}, "127.0.0.1"),
    ],
)
def test_it_says_why_it_takes_a_token_no_more(
    viewer: User, change: dict[str, Any], words: str
) -> None:
    token, secret = issue_token(viewer, "x", [READ], 1)
    now = timezone.now()
    values = {
        name: now + value if isinstance(value, timedelta) else value
        for name, value in change.items()
    }
    ApiToken.objects.filter(pk=token.pk).update(**values)
    answer = with_secret(secret).get(MESSAGES)
    assert answer.status_code == 401
    assert words in answer.json()["detail"]
    assert ApiToken.objects.get().last_used_at is None


@pytest.mark.django_db
def test_it_takes_no_token_of_a_disabled_user(viewer: User) -> None:
    _, secret = issue_token(viewer, "x", [READ], 1)
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    assert with_secret(secret).get(MESSAGES).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("proxies", "extra", "status"),
    [
        (0, {"REMOTE_ADDR": "192.0.2.7"}, 200),
        (0, {"REMOTE_ADDR": "::ffff:192.0.2.7"}, 200),
        (0, {"REMOTE_ADDR": "2001:db8::1"}, 200),
        (0, {"REMOTE_ADDR": "198.51.100.1"}, 401),
        (0, {"REMOTE_ADDR": ""}, 401),
        (0, {"REMOTE_ADDR": "198.51.100.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}, 401),
        (1, {"REMOTE_ADDR": "198.51.100.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}, 200),
        (1, {"REMOTE_ADDR": "192.0.2.7", "HTTP_X_FORWARDED_FOR": "198.51.100.9"}, 401),
        (1, {"REMOTE_ADDR": "192.0.2.7", "HTTP_X_FORWARDED_FOR": "192.0.2.9, 198.51.100.9"}, 401),
    ],
)
def test_it_takes_a_token_from_its_networks(
    viewer: User, settings: Settings, proxies: int, extra: dict[str, str], status: int
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    settings.SECURE_PROXY_SSL_HEADER = None
    _, secret = issue_token(viewer, "x", [READ], 1, ["192.0.2.0/24", "2001:db8::/32"])
    assert with_secret(secret, **extra).get(MESSAGES).status_code == status


@pytest.mark.django_db
def test_it_notes_the_use_of_a_token_once_a_minute(
    viewer: User, django_assert_num_queries: Any
) -> None:
    token, secret = issue_token(viewer, "x", [READ], 1)
    client = with_secret(secret)
    client.get(MESSAGES)
    token.refresh_from_db()
    assert token.last_used_from == "127.0.0.1"
    first = token.last_used_at
    client.get(MESSAGES)
    token.refresh_from_db()
    assert token.last_used_at == first


@pytest.mark.django_db
def test_it_gives_the_name_of_an_ended_token_again(viewer: User) -> None:
    revoked, _ = issue_token(viewer, "x", [READ], 1)
    assert revoke_token(revoked)
    assert not revoke_token(revoked)
    expired, _ = issue_token(viewer, "x", [READ], 1)
    ApiToken.objects.filter(pk=expired.pk).update(expiry=timezone.now())
    issue_token(viewer, "x", [READ], 1)
    assert ApiToken.objects.filter(name="x", revoked_at=None).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["messages/", "deliveries/", "rejections/", "messages/1/"])
def test_it_names_the_scope_that_is_missing(viewer: User, path: str) -> None:
    client = token_client(viewer, LINES)
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 403
    assert answer.json()["scope"] == READ
    assert READ in answer.json()["detail"]


@pytest.mark.django_db
def test_it_gives_no_more_than_the_user_has_now(viewer: User) -> None:
    client = token_client(viewer, READ)
    viewer.groups.clear()
    answer = client.get(MESSAGES)
    assert (answer.status_code, answer.json()["permission"]) == (403, "tracking.view_message")


@pytest.mark.django_db
def test_it_pushes_lines_with_the_scope_only(viewer: User) -> None:
    LogSource.objects.create(name="relays", kind="push")
    keeper = User.objects.create_user("keeper")
    keeper.groups.add(Group.objects.get(name="admin"))
    url = "/api/v1/segments/?source=relays"
    body: dict[str, Any] = {"data": b"line\n", "content_type": "text/plain"}
    assert token_client(viewer, READ).post(url, **body).json()["scope"] == WRITE_SEGMENTS
    client = token_client(keeper, WRITE_SEGMENTS)
    assert client.post(url, **body).json() == {"segment": 1, "lines": 1}
    answer = client.post("/api/v1/segments/?source=others", **body)
    assert answer.status_code == 400
    assert "source" in answer.json()["detail"]
    assert client.get(MESSAGES).json()["scope"] == READ


def test_it_keeps_scopes_apart_by_name() -> None:
    known = all_scopes()
    register_scopes(known)
    with pytest.raises(ValueError, match=READ):
        register_scopes([Scope(READ, "Something else", "tracking.view_message")])
    assert all_scopes() == known

"""The audit trail to read and to take away, and the links of a recipient's digest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from quarantine import audit
from quarantine.digest import make_token
from quarantine.models import QuarantineAction, QuarantinedMessage
from quarantine.services.deletion import delete_messages
from quarantine.services.results import Actor
from quarantine.sync import sync_source
from quarantine.tests.conftest import client_of
from quarantine.tests.smtp_server import Handler
from quarantine.tests.support import MAIL, held_one, hold, make_source

pytestmark = pytest.mark.django_db
LIST = "/quarantine/audit/"


@pytest.fixture
def held(tmp_path: Path, next_hop: Handler) -> QuarantinedMessage:
    return held_one(tmp_path, release_to=f"127.0.0.1:{next_hop.port}")


def streamed(response: Any) -> str:
    content: Iterable[bytes] = response.streaming_content
    return b"".join(content).decode()


def test_it_shows_who_did_what(held: QuarantinedMessage, senior: Actor, boss: Client) -> None:
    delete_messages([held.pk], senior, "=junk <b>")
    page = boss.get(LIST).content.decode()
    for words in ("sari", "198.51.100.77", "Delete", "=junk &lt;b&gt;", "21C0366B0553DEC02D8"):
        assert words in page
    assert QuarantineAction.objects.get().hash in page


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("", True),
        ("actor=sari", True),
        ("actor=sar", False),
        ("verb=delete", True),
        ("verb=release", False),
        ("outcome=done", True),
        ("outcome=failed", False),
        ("quarantine_id=21C0366B0553DEC02D8", True),
        ("recipient=x", False),
        ("since=2020-01-01T00:00", True),
        ("until=2020-01-01T00:00", False),
        ("before=2", True),
        ("before=1", False),
        ("after=0", True),
        ("before=x&after=" + "9" * 40, True),
    ],
)
def test_it_finds_actions(
    query: str, is_found: object, held: QuarantinedMessage, senior: Actor, boss: Client
) -> None:
    delete_messages([held.pk], senior, "junk for a test")
    response = boss.get(f"{LIST}?{query}")
    assert response.status_code == 200
    assert ("junk for a test" in response.content.decode()) is is_found


@pytest.mark.parametrize(
    "query", ["verb=x", "since=x", "until=9999-12-31T23:59:59Z", "actor=%00",
              "since=2026-02-01T00:00&until=2026-01-01T00:00"],
)  # fmt: skip
def test_it_says_what_is_wrong_with_a_filter(query: str, boss: Client) -> None:
    response = boss.get(f"{LIST}?{query}")
    assert response.status_code == 422
    assert "field-error" in response.content.decode()


def test_it_gives_the_trail_to_take_away_and_writes_that_down(
    held: QuarantinedMessage, senior: Actor, boss: Client
) -> None:
    delete_messages([held.pk], senior, "=junk")
    assert boss.get(f"{LIST}export.csv/").status_code == 405
    csv = streamed(boss.post(f"{LIST}export.csv/"))
    assert csv.startswith("number,at,actor,")
    assert "'=junk" in csv
    lines = streamed(boss.post(f"{LIST}export.ndjson/")).splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["verb"] for row in rows] == ["delete", "export_audit", "export_audit"]
    assert rows[1]["previous_hash"] == rows[0]["hash"]
    assert boss.post(f"{LIST}export.exe/").status_code == 404
    assert audit.verify().breaks == []


def test_the_trail_is_for_auditors_only(chief: Client, make_actor: Callable[..., Actor]) -> None:
    for response in (chief.get(LIST), chief.post(f"{LIST}export.csv/")):
        assert response.status_code == 403
    assert not QuarantineAction.objects.exists()
    auditor = client_of(make_actor("auditor", ("view_quarantinedmessage", "audit")))
    assert "No such action" in auditor.get(LIST).content.decode()


def test_a_digest_link_shows_and_only_a_post_acts(
    held: QuarantinedMessage, next_hop: Handler, client: Client
) -> None:
    path = f"/quarantine/digest/{make_token(held.pk, 'alice@example.com', 'release')}/"
    response = client.get(path)
    page = response.content.decode()
    assert response.status_code == 200
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    for words in ("Grüße", "sender@example.net", "Release it to me"):
        assert words in page
    assert "first line" not in page
    assert next_hop.taken == []
    done = client.post(path)
    assert "on its way to you" in done.content.decode()
    assert [mail.recipients for mail in next_hop.taken] == [["alice@example.com"]]
    again = client.post(path).content.decode()
    assert "Already done" in again
    assert len(next_hop.taken) == 1


def test_a_digest_link_of_no_use_says_so(
    held: QuarantinedMessage, settings: Settings, client: Client
) -> None:
    good = make_token(held.pk, "alice@example.com", "release")
    for token in ("x", good[:-2], "x" * 5000, make_token(10**6, "a@example.com", "release")):
        for response in (client.get(f"/quarantine/digest/{token}/"),
                         client.post(f"/quarantine/digest/{token}/")):  # fmt: skip
            assert response.status_code == 410
            assert "notice-error" in response.content.decode()
    settings.QUARANTINE_DIGEST_LINK_DAYS = -1
    assert "too old" in client.get(f"/quarantine/digest/{good}/").content.decode()


def test_a_digest_link_never_opens_a_virus(tmp_path: Path, client: Client) -> None:
    hold(tmp_path, "21C0366B0553DEC02D8", MAIL, "virus")
    sync_source(make_source(tmp_path))
    token = make_token(QuarantinedMessage.objects.get().pk, "alice@example.com", "release")
    assert client.post(f"/quarantine/digest/{token}/").status_code == 410


def test_a_digest_link_deletes_the_recipients_own_mail(tmp_path: Path, client: Client) -> None:
    hold(tmp_path, "21C0366B0553DEC02D8", MAIL.replace(b",bruno@example.com", b""))
    sync_source(make_source(tmp_path))
    held = QuarantinedMessage.objects.get()
    path = f"/quarantine/digest/{make_token(held.pk, 'alice@example.com', 'delete')}/"
    assert "Delete it" in client.get(path).content.decode()
    client.post(path)
    held.refresh_from_db()
    assert held.state == "deleted"
    assert QuarantineAction.objects.get().actor == "recipient alice@example.com"

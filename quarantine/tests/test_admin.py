"""Sources are kept in the admin pages, which say what makes no sense."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from mailgw.celery import app
from quarantine import tasks
from quarantine.backends.base import Ability
from quarantine.checks import check_quarantine
from quarantine.connect import abilities_of
from quarantine.models import QuarantinedMessage, QuarantineSource
from quarantine.tests.support import held_one, make_source

pytestmark = pytest.mark.django_db
ADD = "/admin/quarantine/quarantinesource/add/"


@pytest.fixture
def admin_client(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def source(**values: str) -> dict[str, str]:
    return {"name": "pmg", "kind": "pmg_spool", "location": "/var/spool/pmg"} | values


def test_a_source_is_added(admin_client: Client) -> None:
    response = admin_client.post(ADD, source(release_to="127.0.0.1:10025"))
    assert response.status_code == 302
    assert QuarantineSource.objects.get().release_to == "127.0.0.1:10025"
    assert admin_client.get("/admin/quarantine/quarantinesource/").status_code == 200


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"location": "var/spool"}, "no absolute path"),
        ({"release_to": "somewhere"}, "is not HOST:PORT"),
        ({"kind": "pmg_api", "location": "http://pmg"}, "no https://HOST:PORT"),
        ({"kind": "pmg_api", "location": "https://pmg", "tls_fingerprint": "12"}, "SHA-256"),
        ({"name": "../x"}, "valid"),
    ],
)
def test_it_says_what_makes_no_sense(
    admin_client: Client, values: dict[str, str], text: str
) -> None:
    response = admin_client.post(ADD, source(**values))
    assert text in response.content.decode()
    assert not QuarantineSource.objects.exists()


def test_a_source_that_holds_mail_stays(admin_client: Client, tmp_path: Path) -> None:
    held = held_one(tmp_path)
    url = f"/admin/quarantine/quarantinesource/{held.source.pk}/delete/"
    admin_client.post(url, {"post": "yes"})
    assert QuarantinedMessage.objects.exists()


def test_it_says_what_a_kind_of_source_can_do(tmp_path: Path) -> None:
    assert Ability.ALLOW_SENDER in abilities_of(make_source(tmp_path, kind="pmg_api", name="a"))
    assert Ability.OTHER_RECIPIENT in abilities_of(make_source(tmp_path, kind="amavis", name="b"))


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("QUARANTINE_KEEP_DAYS", {"spma": 3}, "E001"),
        ("QUARANTINE_KEEP_DAYS", {"spam": -3}, "E001"),
        ("QUARANTINE_DIGEST_KINDS", ["virus"], "E002"),
        ("QUARANTINE_DIGEST_LANGUAGE", "xx", "E003"),
        ("QUARANTINE_DIGEST_DOMAINS", ["example.com"], "E004"),
    ],
)
def test_each_check_names_its_setting(
    settings: Settings, name: str, value: object, number: str
) -> None:
    assert check_quarantine(None) == []
    setattr(settings, name, value)
    assert [item.id for item in check_quarantine(None)] == [f"quarantine.{number}"]


def test_beat_calls_tasks_that_exist() -> None:
    called = {
        entry["task"]
        for entry in app.conf.beat_schedule.values()
        if entry["task"].startswith("quarantine.")
    }
    assert called == {
        "quarantine.sync_sources",
        "quarantine.tie_releases",
        "quarantine.finish_actions",
        "quarantine.prune",
        "quarantine.send_digests",
    }
    assert called <= set(app.tasks)


def test_tasks_with_nothing_to_do_do_nothing() -> None:
    assert tasks.sync_sources() == []
    assert tasks.sync_one_source(0) == {}
    assert tasks.finish_actions() == {"resumed": 0, "purged": 0, "told": 0}
    assert tasks.tie_releases_to_log() == 0
    assert tasks.send_recipients_digests() == 0
    assert tasks.mail_request_answer(0) is False


def test_one_task_reads_one_source(tmp_path: Path) -> None:
    held = held_one(tmp_path)
    QuarantinedMessage.objects.all().delete()
    held.source.shelves.all().delete()
    assert tasks.sync_sources() == [held.source.pk]
    assert tasks.sync_one_source(held.source.pk)["added"] == 1
    QuarantineSource.objects.update(is_enabled=False)
    assert tasks.sync_one_source(held.source.pk) == {}

"""The first admin is made once; static files are collected when one changed."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import RequestFactory
from pytest_django import Settings


def prepare() -> dict[str, object]:
    output = StringIO()
    call_command("prepare_console", stdout=output)
    report: dict[str, object] = json.loads(output.getvalue().splitlines()[-1])
    return report


@pytest.fixture(autouse=True)
def static_root(settings: Settings, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = tmp_path
    return tmp_path


@pytest.mark.django_db
def test_it_makes_the_first_admin_and_tells_the_password_once(rf: RequestFactory) -> None:
    password = prepare()["admin_password"]
    assert isinstance(password, str)
    assert authenticate(rf.get("/"), username="admin", password=password) == User.objects.get()
    assert prepare()["admin_password"] is None


@pytest.mark.django_db
def test_it_says_whether_there_are_logs() -> None:
    assert prepare()["has_logs"] is False


@pytest.mark.django_db
def test_it_collects_static_files_only_when_one_changed(static_root: Path) -> None:
    prepare()
    stamp = static_root / ".fingerprint"
    collected_at = stamp.stat().st_mtime_ns
    assert (static_root / "vendor/tabler/css/tabler.min.css").exists()
    prepare()
    assert stamp.stat().st_mtime_ns == collected_at
    stamp.write_text("of other files")
    prepare()
    assert stamp.read_text() != "of other files"

"""The command ``follow_logs``: which logs it follows."""

from __future__ import annotations

import threading
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands

from tracking.choices import SourceKind
from tracking.ingest.follow import Follower
from tracking.intake import raw_lines
from tracking.management.commands.follow_logs import Wanted
from tracking.models import LogSegment, LogSource

pytestmark = pytest.mark.django_db


def stored() -> list[bytes]:
    return sorted(raw_lines(segment) for segment in LogSegment.objects.all())


def follow(wanted: Wanted) -> None:
    """What one look at the paths finds."""
    follower = Follower(wanted.sources, lambda _source: True, threading.Event())
    while follower.poll():
        continue


def test_it_follows_logs_that_come_to_a_directory_later(tmp_path: Path) -> None:
    wanted = Wanted([tmp_path], None, "UTC")
    follow(wanted)
    assert stored() == []
    (tmp_path / "smtp-ext.log").write_text("one\n")
    follow(wanted)
    (tmp_path / "mx.log").write_text("two\n")
    follow(wanted)
    assert stored() == [b"one\n", b"two\n"]
    assert LogSource.objects.filter(is_followed=True, time_zone="UTC").count() == 2


def test_it_leaves_other_sources_alone_when_paths_are_given(tmp_path: Path) -> None:
    other = tmp_path / "other" / "mail.log"
    other.parent.mkdir()
    other.write_text("other\n")
    LogSource.objects.create(name="other", kind=SourceKind.FILE, path=str(other), is_followed=True)
    given = tmp_path / "mail.log"
    given.write_text("given\n")
    follow(Wanted([given], None, "UTC"))
    assert stored() == [b"given\n"]
    follow(Wanted([], None, "UTC"))
    assert stored() == [b"given\n", b"other\n"]


def test_it_takes_one_name_for_one_log_only(tmp_path: Path) -> None:
    for name in ("mail.log", "mx.log"):
        (tmp_path / name).touch()
    with pytest.raises(CommandError, match="one log file only"):
        call_command("follow_logs", str(tmp_path), source="relay", stdout=StringIO())


def test_every_command_of_the_compose_file_exists() -> None:
    compose = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text())
    commands = [
        service["command"][2]
        for service in compose["services"].values()
        if service["command"][:2] == ["python", "manage.py"]
    ]
    assert commands == ["follow_logs"]
    assert set(commands) <= set(get_commands())

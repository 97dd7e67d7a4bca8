"""Sync: each held mail becomes one row, whatever happens between."""

from __future__ import annotations

import errno
import json
import os
import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.utils import timezone

from quarantine import audit, sync
from quarantine.backends.pmg_spool import PmgSpool
from quarantine.choices import HeldState
from quarantine.models import QuarantineAction, QuarantinedMessage
from quarantine.services.deletion import delete_messages
from quarantine.services.release import Wish, release_messages
from quarantine.services.results import Actor
from quarantine.sync import sync_source
from quarantine.tests.smtp_server import Handler
from quarantine.tests.support import age, hold, make_source, unpack_spool
from tracking.choices import QuarantineKind
from tracking.models import QuarantineDeletion
from tracking.tests.support import ingest, unpack

pytestmark = pytest.mark.django_db
NAME = "21C0366B0553DEC02D8"


def states() -> dict[str, str]:
    return dict(QuarantinedMessage.objects.values_list("quarantine_id", "state"))


def test_it_reads_a_real_spool_once(tmp_path: Path) -> None:
    source = make_source(unpack_spool(tmp_path))
    first = sync_source(source)
    assert (first.added, first.unreadable, first.failure, first.is_whole) == (106, 0, "", True)
    again = sync_source(source)
    assert (again.added, again.shelves, again.gone) == (0, 0, 0)
    assert QuarantinedMessage.objects.count() == 106
    assert source.synced_at is not None


def test_it_ties_held_mail_to_the_log(tmp_path: Path) -> None:
    source = make_source(unpack_spool(tmp_path))
    sync_source(source)
    ingest(unpack("pmg/syslog.xz"), "pmg")
    report = sync_source(source)
    assert report.linked > 90
    held = QuarantinedMessage.objects.get(quarantine_id="21C06E6B0553EC1E98A")
    assert held.message_ref is not None
    assert held.rules[0] == "Block Spam (Level 10)" or held.rules[0]
    assert held.client_ip == "198.51.100.6"


def test_it_notices_what_was_released_elsewhere(tmp_path: Path) -> None:
    """PMG's own pages delivered 21C0706B… to its one recipient and 21C07B6B… to one of two."""
    source = make_source(unpack_spool(tmp_path))
    ingest(unpack("pmg/syslog.xz"), "pmg")
    sync_source(source)
    whole = QuarantinedMessage.objects.get(quarantine_id="21C0706B0553E73E0C3")
    assert (whole.state, whole.released_recipients) == (HeldState.RELEASED, ["a@outside.test"])
    part = QuarantinedMessage.objects.get(quarantine_id="21C07B6B0553EA23DFF")
    assert part.state == HeldState.HELD
    assert part.released_recipients == ["alice@example.com"]
    noted = QuarantineAction.objects.filter(verb="notice", held_id=whole.pk)
    assert [row.recipient for row in noted] == ["a@outside.test"]
    assert sync_source(source).released == 0


def test_it_marks_what_went_and_what_came_back(tmp_path: Path) -> None:
    path = hold(tmp_path, NAME)
    hold(tmp_path, "21C0AA6B0553DEC02D8")
    source = make_source(tmp_path)
    sync_source(source)
    kept = path.read_bytes()
    path.unlink()
    assert sync_source(source).gone == 1
    assert states()[NAME] == HeldState.REMOVED
    assert sync_source(source).gone == 0
    path.write_bytes(kept)
    assert sync_source(source).back == 1
    assert set(states().values()) == {HeldState.HELD}
    trail = QuarantineAction.objects.order_by("number").values_list("actor", "verb", "detail")
    assert list(trail) == [
        ("system", "notice", "removed_file:"),
        ("system", "notice", "back:"),
    ]
    assert audit.verify().breaks == []


def test_a_deletion_here_whose_file_went_is_final(tmp_path: Path, senior: Actor) -> None:
    path = hold(tmp_path, NAME)
    source = make_source(tmp_path)
    sync_source(source)
    delete_messages([QuarantinedMessage.objects.get().pk], senior, "x")
    path.unlink()
    assert sync_source(source).gone == 1
    held = QuarantinedMessage.objects.get()
    assert (held.state, held.delete_after) == (HeldState.GONE, None)


def test_a_released_mail_whose_file_went_stays_released(
    tmp_path: Path, senior: Actor, next_hop: Handler
) -> None:
    path = hold(tmp_path, NAME)
    source = make_source(tmp_path, release_to=f"127.0.0.1:{next_hop.port}")
    sync_source(source)
    release_messages([QuarantinedMessage.objects.get().pk], senior, Wish("x"))
    path.unlink()
    assert sync_source(source).gone == 0
    held = QuarantinedMessage.objects.get()
    assert (held.state, held.is_at_source) == (HeldState.RELEASED, False)


DELETED = "marked quarantined mail 'C0R53T1' as deleted (/var/spool/pmg/spam/D8/{name}) for {who}"


def log_of_deletion(who: str, seconds: int = 0) -> str:
    at = timezone.now().replace(microsecond=0) - timedelta(minutes=5) + timedelta(seconds=seconds)
    return f"{at.isoformat()} pmg pmgdaemon[9]: {DELETED.format(name=NAME, who=who)}\n"


def test_it_notices_a_deletion_in_the_filters_own_pages(tmp_path: Path, chief: Client) -> None:
    """The file stays until PMG's retention takes it: only the log tells."""
    hold(tmp_path, NAME)
    source = make_source(tmp_path)
    sync_source(source)
    ingest(log_of_deletion("alice@example.com"), "first")
    assert sync_source(source).deleted == 1
    assert sync_source(source).deleted == 0
    held = QuarantinedMessage.objects.get()
    assert (held.state, held.removed_recipients) == (HeldState.HELD, ["alice@example.com"])
    assert held.waiting_recipients == ["bruno@example.com"]
    ingest(log_of_deletion("bruno@example.com", 1), "second")
    ingest(log_of_deletion("bruno@example.com", 1), "the same by another way")
    assert sync_source(source).deleted == 1
    hold(tmp_path, "21C0AA6B0553DEC02D8")
    sync_source(source)
    held.refresh_from_db()
    assert (held.state, held.is_at_source) == (HeldState.REMOVED, True)
    noted = QuarantineAction.objects.filter(verb="notice", held_id=held.pk).order_by("number")
    assert [row.recipient for row in noted] == ["alice@example.com", "bruno@example.com"]
    assert {row.detail for row in noted} == {"removed_log:"}
    page = chief.get(f"/quarantine/{held.pk}/").content.decode()
    assert "Removed outside this console" in page
    assert "Removed elsewhere" in chief.get("/quarantine/?state=removed").content.decode()


def test_it_notices_the_deletions_of_a_real_log(tmp_path: Path) -> None:
    """The same mails that PMG's own tables have as done, and that were not delivered."""
    source = make_source(unpack_spool(tmp_path))
    ingest(unpack("pmg/syslog.xz"), "pmg")
    assert sync_source(source).deleted > 0
    removed = QuarantinedMessage.objects.exclude(removed_recipients=[])
    assert QuarantineDeletion.objects.count() >= removed.count() > 0
    assert {held.state for held in removed if held.waiting_recipients} <= {HeldState.HELD}
    assert HeldState.REMOVED in {held.state for held in removed}


def test_it_marks_a_whole_shelf_that_went(tmp_path: Path) -> None:
    hold(tmp_path, NAME)
    source = make_source(tmp_path)
    sync_source(source)
    shutil.rmtree(tmp_path / "spam" / "D8")
    assert sync_source(source).gone == 1


def test_it_takes_an_absent_mount_for_a_failure_and_not_for_gone_mail(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    hold(spool, NAME)
    source = make_source(spool)
    sync_source(source)
    spool.rename(tmp_path / "away")
    report = sync_source(source)
    source.refresh_from_db()
    assert "can't be opened" in report.failure
    assert "can't be opened" in source.failure
    assert states() == {NAME: HeldState.HELD}


def test_it_goes_on_where_a_limited_run_ended(tmp_path: Path) -> None:
    for number in range(7):
        hold(tmp_path, f"21C03{number}6B0553DEC02D8")
    source = make_source(tmp_path)
    runs = [sync_source(source, limit=3) for _ in range(4)]
    assert [run.added for run in runs] == [3, 3, 1, 0]
    assert [run.is_whole for run in runs] == [False, False, True, True]


def test_it_tells_of_files_it_cannot_read_and_tries_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(tmp_path, NAME).write_bytes(b"Delivered-To: a@exam")
    source = make_source(tmp_path)
    report = sync_source(source)
    assert report.unreadable == 1
    assert "still being written" in source.failure
    hold(tmp_path, NAME)
    assert sync_source(source).added == 1
    assert source.failure == ""


def test_a_shelf_that_cannot_be_read_is_told_and_its_mail_stays_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root nothing is forbidden, so the system's answer is put in its place."""
    hold(tmp_path, NAME)
    hold(tmp_path, "21C0AA6B0553DEC02AA")
    source = make_source(tmp_path)
    sync_source(source)
    hold(tmp_path, "21C0AB6B0553DEC02AB")
    real = os.open

    def forbidding(path: str, flags: int, **named: int) -> int:
        if path == "D8":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags, **named)

    monkeypatch.setattr(os, "open", forbidding)
    report = sync_source(source)
    assert (report.added, report.gone, report.unreadable) == (1, 0, 1)
    assert "Permission denied" in source.failure
    assert set(states().values()) == {HeldState.HELD}


class Killed(BaseException):
    """The process dies here."""


def test_it_goes_on_after_being_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = unpack_spool(tmp_path)
    source = make_source(spool)
    real, calls = PmgSpool.describe, iter(range(1000))

    def dying(self: PmgSpool, key: str) -> object:
        if next(calls) == 40:
            raise Killed
        return real(self, key)

    monkeypatch.setattr(PmgSpool, "describe", dying)
    with pytest.raises(Killed):
        sync_source(source)
    monkeypatch.setattr(PmgSpool, "describe", real)
    some = QuarantinedMessage.objects.count()
    assert 0 < some <= 40
    assert sync_source(source).added == 106 - some
    assert QuarantinedMessage.objects.count() == 106


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(tmp_path, NAME)
    source = make_source(tmp_path)
    begun, go_on = threading.Event(), threading.Event()
    real = PmgSpool.shelves

    def waiting(self: PmgSpool) -> Iterator[object]:
        begun.set()
        go_on.wait(10)
        return real(self)

    monkeypatch.setattr(PmgSpool, "shelves", waiting)

    def run() -> None:
        sync_source(source)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(10)
    assert sync_source(source).is_busy
    go_on.set()
    thread.join(10)
    assert states() == {NAME: HeldState.HELD}


def test_it_reads_a_hundred_thousand_names_without_their_files(tmp_path: Path) -> None:
    """A shelf that has not changed is not read: its names would be listed for nothing."""
    hold(tmp_path, NAME)
    source = make_source(tmp_path)
    assert sync_source(source).shelves == 1
    assert sync_source(source).shelves == 0
    hold(tmp_path, "21C0AA6B0553DEC02D9")
    assert sync_source(source).shelves == 1


def test_the_command_prints_a_line_for_each_source(tmp_path: Path) -> None:
    hold(tmp_path, NAME)
    output = StringIO()
    options = ["--kind", "pmg_spool", "--location", str(tmp_path)]
    call_command("add_quarantine_source", "pmg", *options)
    call_command("sync_quarantine", "--source", "pmg", stdout=output)
    report = json.loads(output.getvalue())
    assert (report["source"], report["added"]) == ("pmg", 1)


def test_the_command_fails_when_a_source_does(tmp_path: Path) -> None:
    make_source(tmp_path)
    with pytest.raises(CommandError, match="Not read: pmg"):
        call_command("sync_quarantine", stdout=StringIO())
    with pytest.raises(CommandError, match="There is no quarantine source 'nosuch'"):
        call_command("sync_quarantine", "--source", "nosuch", stdout=StringIO())


def test_one_failing_source_does_not_stop_the_others(tmp_path: Path) -> None:
    make_source(tmp_path / "nowhere", name="a")
    hold(tmp_path, NAME)
    make_source(tmp_path, name="b")
    reports = sync.sync_all()
    assert [(report.added, bool(report.failure)) for report in reports] == [(0, True), (1, False)]
    age(tmp_path)


def test_it_keeps_hostile_header_text_as_text(tmp_path: Path) -> None:
    raw = (
        b"Delivered-To: a@example.com\nReturn-Path: \xff\xfe\0@example.net\n"
        b"Subject: =?utf-8?b?AAECgICA?= \xe2\x80\xae <script>\nFrom: " + b"x" * 5000 + b"\n\nbody\n"
    )
    hold(tmp_path, NAME, raw)
    assert sync_source(make_source(tmp_path)).added == 1
    held = QuarantinedMessage.objects.get()
    assert held.kind == QuarantineKind.SPAM
    assert "\0" not in held.subject
    assert "\u202e" not in held.subject
    assert "<script>" in held.subject
    assert len(held.header_from) == 1000

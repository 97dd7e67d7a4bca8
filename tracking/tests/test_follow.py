"""Following log files: whatever happens to them, each line is stored once and in order."""

from __future__ import annotations

import gzip
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from tracking.choices import SourceKind
from tracking.ingest import follow
from tracking.ingest.follow import Follower
from tracking.ingest.sources import read_file
from tracking.intake import PositionTaken, raw_lines
from tracking.models import LogFile, LogSource

pytestmark = pytest.mark.django_db


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    return tmp_path / "mail.log"


@pytest.fixture
def source(log_file: Path) -> LogSource:
    return LogSource.objects.create(
        name="mail.log", kind=SourceKind.FILE, path=str(log_file), is_followed=True
    )


@pytest.fixture
def started() -> list[int]:
    """The sources that a worker was told of."""
    return []


@pytest.fixture
def make_follower(source: LogSource, started: list[int]) -> Callable[[], Follower]:
    def start(source_id: int) -> bool:
        started.append(source_id)
        return True

    return lambda: Follower(lambda: LogSource.objects.all(), start, threading.Event())


@pytest.fixture
def follower(make_follower: Callable[[], Follower]) -> Follower:
    return make_follower()


def append(path: Path, text: str) -> None:
    with path.open("a") as stream:
        stream.write(text)


def poll(follower: Follower) -> None:
    """Rounds until there is nothing more at once."""
    while follower.poll():
        continue


def stored(source: LogSource) -> str:
    segments = source.segments.order_by("number")
    return b"".join(raw_lines(segment) for segment in segments).decode()


def test_it_stores_lines_as_they_come_and_tells_a_worker(
    source: LogSource, log_file: Path, follower: Follower, started: list[int]
) -> None:
    log_file.write_text("one\n")
    poll(follower)
    append(log_file, "two\nthree\n")
    poll(follower)
    poll(follower)
    assert stored(source) == "one\ntwo\nthree\n"
    assert source.segments.count() == 2
    assert started == [source.pk, source.pk]


def test_it_leaves_an_unfinished_line_until_its_end_comes(
    source: LogSource, log_file: Path, follower: Follower
) -> None:
    log_file.write_text("on")
    poll(follower)
    assert not LogFile.objects.exists()
    append(log_file, "e\ntw")
    poll(follower)
    assert stored(source) == "one\n"
    append(log_file, "o\n")
    poll(follower)
    assert stored(source) == "one\ntwo\n"


def test_it_reads_the_rest_of_a_renamed_file_before_the_new_one(
    source: LogSource, log_file: Path, follower: Follower
) -> None:
    log_file.write_text("one\n")
    poll(follower)
    append(log_file, "two\n")
    renamed = log_file.rename(f"{log_file}.1")
    log_file.write_text("four\n")
    append(renamed, "three\n")
    poll(follower)
    assert stored(source) == "one\ntwo\nthree\nfour\n"


def test_it_reads_what_a_slow_writer_adds_to_the_renamed_file(
    source: LogSource, log_file: Path, follower: Follower
) -> None:
    log_file.write_text("one\n")
    poll(follower)
    renamed = log_file.rename(f"{log_file}.1")
    poll(follower)
    append(renamed, "two\n")
    poll(follower)
    log_file.write_text("three\n")
    poll(follower)
    append(renamed, "late\n")
    poll(follower)
    assert stored(source) == "one\ntwo\nthree\nlate\n"


def test_it_takes_the_unfinished_last_line_of_a_renamed_file_that_is_quiet(
    source: LogSource, log_file: Path, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_file.write_text("one\ntw")
    poll(follower)
    log_file.rename(f"{log_file}.1")
    poll(follower)
    assert stored(source) == "one\n"
    monkeypatch.setattr(follow, "_QUIET_SECONDS", -1.0)
    poll(follower)
    assert stored(source) == "one\ntw"
    assert not next(iter(follower.logs.values())).former


def test_it_reads_files_that_came_and_went_between_two_looks(
    source: LogSource, log_file: Path, follower: Follower
) -> None:
    log_file.write_text("one\n")
    poll(follower)
    log_file.rename(f"{log_file}.2")
    log_file.write_text("two\n")
    log_file.rename(f"{log_file}.1")
    log_file.write_text("three\n")
    poll(follower)
    assert stored(source) == "one\ntwo\nthree\n"


@pytest.mark.parametrize("is_compressed", [False, True])
def test_it_reads_what_was_rotated_while_it_did_not_run(
    source: LogSource,
    log_file: Path,
    make_follower: Callable[[], Follower],
    is_compressed: bool,  # noqa: FBT001
) -> None:
    log_file.write_text("one\n")
    poll(make_follower())
    append(log_file, "two\n")
    rotated = log_file.rename(f"{log_file}.1")
    if is_compressed:
        Path(f"{rotated}.gz").write_bytes(gzip.compress(rotated.read_bytes()))
        rotated.unlink()
    log_file.write_text("three\n")
    poll(make_follower())
    assert stored(source) == "one\ntwo\nthree\n"


def test_it_does_not_read_the_past_of_a_log_that_is_new_to_it(
    source: LogSource, log_file: Path, follower: Follower
) -> None:
    Path(f"{log_file}.1").write_text("old\n")
    log_file.write_text("new\n")
    poll(follower)
    assert stored(source) == "new\n"


def test_it_survives_copying_and_truncating(
    source: LogSource, log_file: Path, follower: Follower
) -> None:
    log_file.write_text("one\n")
    poll(follower)
    append(log_file, "two\n")
    shutil.copyfile(log_file, f"{log_file}.1")
    os.truncate(log_file, 0)
    poll(follower)
    append(log_file, "three\n")
    poll(follower)
    assert stored(source) == "one\ntwo\nthree\n"


def test_it_sees_a_truncated_file_that_is_longer_again(
    source: LogSource, log_file: Path, follower: Follower
) -> None:
    log_file.write_text("one\n")
    poll(follower)
    shutil.copyfile(log_file, f"{log_file}.1")
    log_file.write_text("another\nand more\n")
    poll(follower)
    assert stored(source) == "one\nanother\nand more\n"


def test_it_waits_for_a_directory_that_is_missing(
    source: LogSource, tmp_path: Path, follower: Follower, caplog: pytest.LogCaptureFixture
) -> None:
    late = tmp_path / "late" / "mail.log"
    LogSource.objects.filter(pk=source.pk).update(path=str(late))
    poll(follower)
    poll(follower)
    assert sum("No such file" in record.getMessage() for record in caplog.records) == 1
    late.parent.mkdir()
    late.write_text("one\n")
    poll(follower)
    assert stored(source) == "one\n"


def test_it_says_once_that_it_may_not_read_and_tries_again(
    source: LogSource,
    log_file: Path,
    follower: Follower,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    log_file.write_text("one\n")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(follow, "Tail", refuse)
        poll(follower)
        poll(follower)
    assert sum("Permission denied" in record.getMessage() for record in caplog.records) == 1
    poll(follower)
    assert stored(source) == "one\n"


def test_it_loses_nothing_while_the_database_is_away(
    source: LogSource,
    log_file: Path,
    follower: Follower,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    log_file.write_text("one\n")
    poll(follower)

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the connection is lost")

    with monkeypatch.context() as patch:
        patch.setattr(follow, "add_segment", fail)
        patch.setattr(connection, "close", lambda: None)  # it holds the test's rows
        append(log_file, "two\n")
        assert not follower.poll()
        log_file.rename(f"{log_file}.1")
        log_file.write_text("three\n")
        assert not follower.poll()
    assert sum("connection is lost" in record.getMessage() for record in caplog.records) == 1
    poll(follower)
    assert stored(source) == "one\ntwo\nthree\n"


def test_it_tells_a_worker_later_while_the_broker_is_away(
    source: LogSource, log_file: Path, follower: Follower, caplog: pytest.LogCaptureFixture
) -> None:
    log_file.write_text("one\n")
    follower.start = lambda _: False
    poll(follower)
    poll(follower)
    assert sum("broker" in record.getMessage() for record in caplog.records) == 1
    told: list[int] = []
    follower.start = lambda source_id: not told.append(source_id)  # type: ignore[func-returns-value]
    poll(follower)
    poll(follower)
    assert told == [source.pk]


def test_two_followers_of_one_file_store_its_lines_once(
    source: LogSource, log_file: Path, make_follower: Callable[[], Follower]
) -> None:
    followers = [make_follower(), make_follower()]
    wanted = ""
    for number in range(10):
        append(log_file, f"line {number}\n")
        wanted += f"line {number}\n"
        for each in followers[:: 1 if number % 3 else -1]:
            poll(each)
    assert stored(source) == wanted


def test_logs_that_begin_alike_are_two_logs(
    source: LogSource, log_file: Path, follower: Follower
) -> None:
    other = log_file.with_name("mail.info.log")
    second = LogSource.objects.create(
        name="info", kind=SourceKind.FILE, path=str(other), is_followed=True
    )
    log_file.write_text("the same\n")
    poll(follower)
    other.write_text("the same\nother\n")
    poll(follower)
    append(log_file, "one\n")
    poll(follower)
    assert stored(source) == "the same\none\n"
    assert stored(second) == "the same\nother\n"


def test_a_rotated_file_that_is_read_by_hand_changes_nothing(
    source: LogSource, log_file: Path, follower: Follower
) -> None:
    log_file.write_text("one\ntwo\n")
    poll(follower)
    rotated = log_file.rename(f"{log_file}.1")
    log_file.write_text("three\n")
    poll(follower)
    assert read_file(source, rotated) == 0
    assert read_file(source, log_file) == 0


def test_it_follows_every_log_of_a_directory(
    source: LogSource, tmp_path: Path, follower: Follower
) -> None:
    LogSource.objects.filter(pk=source.pk).update(kind=SourceKind.DIRECTORY, path=str(tmp_path))
    (tmp_path / "mail.log").write_text("one\n")
    (tmp_path / "maillog").write_text("two\n")
    (tmp_path / "notes.txt").write_text("no log\n")
    poll(follower)
    assert sorted(stored(source).split()) == ["one", "two"]


def test_it_lets_go_of_a_source_that_is_deleted(
    source: LogSource, log_file: Path, follower: Follower
) -> None:
    log_file.write_text("one\n")
    poll(follower)
    source.delete()
    append(log_file, "two\n")
    poll(follower)
    poll(follower)
    assert follower.logs == {}


def test_a_position_is_taken_once(
    source: LogSource, log_file: Path, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else stored the lines between this follower's look and its write."""
    log_file.write_text("one\n")
    poll(follower)
    append(log_file, "two\n")

    def be_late(*_: object, **__: object) -> None:
        raise PositionTaken

    with monkeypatch.context() as patch:
        patch.setattr(follow, "add_segment", be_late)
        assert follower.poll()
    read_file(source, log_file)
    poll(follower)
    assert stored(source).startswith("one\n")
    assert stored(source).count("two\n") == 1

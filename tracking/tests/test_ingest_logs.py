"""``ingest_logs``: several logs at once give what one after the other gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tracking.ingest.parallel import ParallelRunner, SerialRunner, make_runner
from tracking.ingest.pipeline import Counts, process_batch
from tracking.ingest.segments import ParsedSegment
from tracking.ingest.store.lookup import reset_caches
from tracking.models import LogSegment, LogSource
from tracking.tests.support import deliveries, rejections, unpack
from tracking.tests.test_truth import truth, wrong_recipients

HOSTS = ("smtp-ext", "smtp-pre", "smtp-tr", "mx1")


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """The relays' logs, each in a directory of its own."""
    reset_caches()
    for host in HOSTS:
        (tmp_path / host).mkdir()
        (tmp_path / host / "mail.log").write_bytes(unpack(f"isp-lab/{host}.log.xz"))
    return tmp_path


def read(lab: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, float]:
    paths = [str(lab / host) for host in HOSTS]
    call_command("ingest_logs", *paths, "--timezone", "UTC", *options)
    summary: dict[str, float] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return summary


def answers() -> list[str]:
    rows = deliveries() + rejections()
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("cores", [1, 2, 4])
def test_it_gives_the_same_answers_on_any_number_of_cores(
    cores: int, lab: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(cores)))
    summary = read(lab, capsys)
    mails = truth("isp-lab/truth.jsonl.xz")
    assert wrong_recipients(mails, deliveries(), rejections()) == []
    assert (summary["lines"], summary["deliveries"], len(answers())) == (32494, 6072, 4369)
    assert LogSource.objects.count() == len(HOSTS)


@pytest.mark.django_db(transaction=True)
def test_it_takes_nothing_twice(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read(lab, capsys)
    rows = answers()
    assert read(lab, capsys)["lines"] == 0
    assert answers() == rows


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("cores", [{0}, {0, 1}])
def test_a_source_that_fails_stops_only_itself(
    lab: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, cores: set[int]
) -> None:
    def fail_for_one(batch: list[ParsedSegment]) -> Counts:
        if any("mx1" in item.hosts for item in batch):
            raise RuntimeError("no room")
        return process_batch(batch)

    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: cores)
    with monkeypatch.context() as broken:
        for module in ("parallel", "pipeline"):
            broken.setattr(f"tracking.ingest.{module}.process_batch", fail_for_one)
        with pytest.raises(RuntimeError, match="no room"):
            read(lab, capsys)
    still = LogSource.objects.exclude(failure="")
    assert [source.failure for source in still] == ["RuntimeError"]
    waiting = LogSegment.objects.filter(processed_at=None)
    assert {segment.source_id for segment in waiting} == {source.pk for source in still}
    read(lab, capsys)
    mails = truth("isp-lab/truth.jsonl.xz")
    assert wrong_recipients(mails, deliveries(), rejections()) == []


@pytest.mark.django_db
def test_it_stays_in_a_transaction_that_others_cannot_see() -> None:
    assert isinstance(make_runner([1, 2], lambda _done: None), SerialRunner)


def test_it_starts_no_process_that_would_not_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 1})
    monkeypatch.setattr("tracking.ingest.parallel.connection.in_atomic_block", False)
    monkeypatch.setattr("threading.active_count", lambda: 1)
    assert isinstance(make_runner([1], lambda _done: None), ParallelRunner)
    monkeypatch.setattr("threading.active_count", lambda: 2)
    assert isinstance(make_runner([1], lambda _done: None), SerialRunner)
    monkeypatch.setattr("threading.active_count", lambda: 1)
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0})
    assert isinstance(make_runner([1], lambda _done: None), SerialRunner)


@pytest.mark.django_db
def test_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such file"):
        call_command("ingest_logs", str(tmp_path / "absent"))
    with pytest.raises(CommandError, match="no log files"):
        call_command("ingest_logs", str(tmp_path))

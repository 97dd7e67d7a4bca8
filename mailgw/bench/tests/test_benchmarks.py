"""Every benchmark for real, at a tiny size."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from mailgw.bench import ingest, latency, pages, quarantine, search
from mailgw.bench.result import BenchError, Result
from mailgw.bench.searching import KINDS


@pytest.fixture
def pflogsumm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of that name that reads its file and takes a while."""
    program = tmp_path / "pflogsumm"
    program.write_text('#!/bin/sh\nsleep 0.1\nexec wc -l "$1"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


@pytest.mark.usefixtures("pflogsumm")
def test_it_measures_ingest_at_two_sizes() -> None:
    results = {result.name: result for result in ingest.run([30, 200])}
    speeds = [result for result in results.values() if result.unit == "lines/s"]
    memories = [result for result in results.values() if result.unit == "MiB"]
    databases = [result for result in results.values() if result.unit == "byte/byte"]
    assert [len(kind) for kind in (speeds, memories, databases)] == [2, 2, 2]
    assert all(result.value > 0 for result in results.values())
    assert all(result.peer and result.peer.name == "pflogsumm" for result in speeds)
    assert [result.peer is None for result in memories] == [True, False]
    assert memories[1].ratio == round(memories[1].value / memories[0].value, 3)


def test_it_says_how_to_get_its_peer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(BenchError, match="apt-get install pflogsumm"):
        ingest._pflogsumm(tmp_path / "log")


def test_it_measures_latency() -> None:
    results = list(latency.run([30], mails=3))
    assert [result.name for result in results] == ["latency p50", "latency p95"]
    assert 0 < results[0].value <= results[1].value


def test_it_measures_each_kind_of_search() -> None:
    results = list(search.run([60, 130], mails=3))
    assert len(results) == (2 + 3) * len(KINDS)  # growth, at the second size
    assert all(result.value > 0 for result in results)
    assert [field_names(result) for result in results] == [
        ["name", "peer", "ratio", "unit", "value"]
    ] * len(results)


def test_it_measures_the_lists_of_a_quarantine() -> None:
    results = list(quarantine.run([300], looks=2))
    assert {"quarantine 300 open", "quarantine 300 deep page"} <= {item.name for item in results}
    assert all(item.value > 0 and item.peer for item in results)


def test_it_measures_the_pages_of_stats() -> None:
    results = list(pages.run([200], looks=1))
    assert {"page 200 dashboard year p95", "page 200 traffic-chart day p95"} <= {
        item.name for item in results
    }
    assert results[-1].name == "recompute an hour of 10 mails"
    assert all(item.value > 0 and item.peer for item in results)


def field_names(result: Result) -> list[str]:
    return sorted(json.loads(result.as_json()))

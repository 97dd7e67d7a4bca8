"""The arithmetic of the benchmarks and the shape of what they print."""

from __future__ import annotations

import json

import pytest

from mailgw.bench.__main__ import parse, sizes_of
from mailgw.bench.memory import PeakMemory, high_water_mark
from mailgw.bench.result import BenchError, Peer, Result, percentile, size_name


def test_it_prints_five_fields() -> None:
    result = Result("ingest 1M", 60_000, "lines/s", Peer("pflogsumm", 180_000))
    assert json.loads(result.as_json()) == {
        "name": "ingest 1M",
        "value": 60_000,
        "unit": "lines/s",
        "peer": {"name": "pflogsumm", "value": 180_000},
        "ratio": 0.333,
    }


def test_a_figure_without_a_peer_has_no_ratio() -> None:
    assert Result("latency p50", 0.4, "s").ratio is None
    assert Result("search", 1.0, "ms", Peer("grep", 0.0)).ratio is None


@pytest.mark.parametrize(
    ("percent", "expected"), [(0, 1.0), (50, 10.0), (95, 19.0), (96, 20.0), (100, 20.0)]
)
def test_percentiles_are_measured_values(percent: float, expected: float) -> None:
    assert percentile([float(n) for n in range(20, 0, -1)], percent) == expected
    assert percentile([3.0], percent) == 3.0


def test_no_measurement_is_no_percentile() -> None:
    with pytest.raises(BenchError):
        percentile([], 50)


@pytest.mark.parametrize(
    ("count", "name"),
    [(1_009_328, "1M"), (297_761, "0.3M"), (1_000_000, "1M"), (100_000, "0.1M"),
     (15_000_000, "15M"), (21_000, "21k"), (700, "700")],
)  # fmt: skip
def test_sizes_read_as_people_say_them(count: int, name: str) -> None:
    assert size_name(count) == name


def test_the_peak_is_read_from_the_kernel() -> None:
    assert high_water_mark("Name:\tpython\nVmHWM:\t   2048 kB\nVmRSS:\t 1 kB\n") == 2 * 2**20
    assert high_water_mark("Name:\tgone\nState:\tZ\n") == 0


def test_the_peaks_of_a_family_add_up() -> None:
    peak = PeakMemory(1)
    peak.peaks = {10: 5, 11: 7}
    assert peak.total == 12


def test_it_takes_sizes_and_names() -> None:
    options = parse(["--messages", "300,20", "ingest"])
    assert (options.names, options.messages) == (["ingest"], [20, 300])
    assert sizes_of("5") == [5]


@pytest.mark.parametrize("arguments", [["nonsense"], ["--messages", "0"], ["--messages", "x"]])
def test_it_says_what_it_does_not_know(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(arguments)
    assert "bin/bench" in capsys.readouterr().err

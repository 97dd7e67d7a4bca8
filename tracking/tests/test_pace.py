"""Batches of several logs cover the same time, however much each of them tells of it."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.choices import SourceKind
from tracking.ingest import bulk
from tracking.ingest.bulk import BulkReader, Reading
from tracking.ingest.files import read_chunks, recut
from tracking.ingest.pace import bytes_until, last_time
from tracking.intake import raw_lines
from tracking.models import LogSegment, LogSource


def line(host: str, second: int, text: str = "connect from unknown[192.0.2.1]") -> bytes:
    stamp = f"2026-11-24T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000000+00:00"
    return f"{stamp} {host} postfix/smtpd[1]: {text}\n".encode()


def log(host: str, seconds: range, each: int = 1) -> bytes:
    return b"".join(line(host, second) * each for second in seconds)


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str, bytes], Reading]:
    def make_reading(name: str, content: bytes) -> Reading:
        path = tmp_path / name
        path.write_bytes(content)
        source = LogSource.objects.create(name=name, kind=SourceKind.FILE)
        return Reading(source, [path])

    return make_reading


def hours(numbers: list[tuple[int, int]]) -> dict[str, tuple[str, str]]:
    """The first and the last stamp of each source of a batch."""
    found = {}
    for source, number in numbers:
        segment = LogSegment.objects.select_related("source").get(source=source, number=number)
        lines = raw_lines(segment).splitlines()
        found[segment.source.name] = (lines[0][11:19].decode(), lines[-1][11:19].decode())
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_batch_is_of_one_time(
    pack: Callable[[bytes], bytes],
    make: Callable[[str, bytes], Reading],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "BATCH_BYTES", 100_000)
    steady = log("mx", range(0, 7200, 2))
    sudden = log("out", range(300, 400), each=4) + log("out", range(3000, 6000, 10))
    late = log("tr", range(5000, 7000, 20))
    names = {"mx": steady, "out": sudden, "tr": late}
    ending = ".log.gz" if pack is gzip.compress else ".log"
    reader = BulkReader(
        [make(n + ending, pack(raw)) for n, raw in names.items()], lambda _text: None
    )
    batches = [hours(numbers) for numbers in reader.batches()]
    begins: list[str] = []
    for batch in batches:
        leader = batch["mx" + ending]
        begins.append(leader[0])
        for first, last in batch.values():
            assert leader[0] <= first <= last <= leader[1] or batch is batches[-1]
    assert begins == sorted(begins)
    assert len(begins) > 3
    for name, raw in names.items():
        segments = LogSegment.objects.filter(source__name=name + ending).order_by("number")
        assert b"".join(map(raw_lines, segments)) == raw


@pytest.mark.django_db
def test_lines_without_a_time_are_read_to_their_end(
    make: Callable[[str, bytes], Reading], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH_BYTES", 1000)
    logs = {"a.log": b"nothing that has a time\n" * 400, "b.log": b"\xff\0\n" * 900}
    reader = BulkReader([make(name, raw) for name, raw in logs.items()], lambda _text: None)
    assert list(reader.batches())
    for name, raw in logs.items():
        segments = LogSegment.objects.filter(source__name=name).order_by("number")
        assert b"".join(map(raw_lines, segments)) == raw
    assert reader.problems == []


def second_of(raw: bytes) -> int | None:
    return int(raw) if raw.strip().isdigit() else None


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(-1, 51))
def test_it_cuts_before_the_first_later_line(numbers: list[int], until: int) -> None:
    raw = b"".join(b"%d\n" % number for number in sorted(numbers))
    end = bytes_until(raw, until, second_of)
    assert raw[:end] == b"".join(b"%d\n" % n for n in sorted(numbers) if n <= until)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(b"1\n2\n", 2), (b"1\n2", 2), (b"1\n?\n?\n", 1), (b"?\n", None), (b"", None)],
)
def test_the_last_time_is_that_of_the_last_line_with_one(raw: bytes, expected: int | None) -> None:
    assert last_time(raw, second_of) == expected


@given(st.binary(max_size=300), st.integers(1, 50), st.lists(st.integers(0, 40), min_size=1))
def test_lines_are_the_same_however_they_are_cut(raw: bytes, size: int, lengths: list[int]) -> None:
    lengths = [*lengths, 7]
    turns = iter(range(10_000))

    def cut(at_hand: bytes) -> int:
        return min(lengths[next(turns) % len(lengths)], len(at_hand))

    chunks = read_chunks(io.BufferedReader(io.BytesIO(raw)), size, take_partial=True)
    assert b"".join(recut(chunks, size, cut)) == raw


def test_what_was_read_before_a_stream_failed_comes_first() -> None:
    def failing() -> Iterator[bytes]:
        yield b"one\n"
        yield b"two\n"
        raise EOFError

    runs = recut(failing(), 100, lambda at_hand: min(4, len(at_hand)))
    assert [next(runs), next(runs)] == [b"one\n", b"two\n"]
    with pytest.raises(EOFError):
        next(runs)

"""Files into segments: every line once, whatever the file's form, name or state."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from django.core.management import CommandError, call_command

from tracking.ingest.pipeline import run_source
from tracking.ingest.sources import DamagedFile, read_file
from tracking.ingest.store.lookup import reset_caches
from tracking.intake import raw_lines
from tracking.models import LogSegment, LogSource, UnsupportedShape
from tracking.tests.support import deliveries, make_source

pytestmark = pytest.mark.django_db

Compress = Callable[[bytes], bytes]
FORMS: dict[str, Compress] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}
LINES = "".join(
    f"2026-11-20T03:{number // 60:02}:{number % 60:02}.000000+00:00 out1 postfix/smtp[7]: "
    f"4A{number:08X}: to=<r{number}@far.example>, relay=none, delay=1, delays=0/0/0/1, "
    f"dsn=2.0.0, status=sent (250 {os.urandom(20).hex()})\n"
    for number in range(3000)
).encode()


@pytest.fixture(autouse=True)
def _caches() -> None:
    """The tests before this one have taken back what the process knows."""
    reset_caches()


@pytest.fixture
def source() -> LogSource:
    return make_source("files")


def stored(source: LogSource | None = None) -> bytes:
    segments = LogSegment.objects.order_by("source", "number")
    return b"".join(raw_lines(s) for s in segments if source is None or s.source_id == source.pk)


@pytest.mark.parametrize("form", FORMS)
def test_it_reads_archives_of_every_form(form: str, source: LogSource, tmp_path: Path) -> None:
    path = tmp_path / f"mail.log.1.{form}"
    path.write_bytes(FORMS[form](LINES))
    read_file(source, path)
    assert stored() == LINES


@pytest.mark.parametrize("form", ["gz", "bz2", "xz", "zst"])
def test_it_reads_archives_of_several_parts(form: str, source: LogSource, tmp_path: Path) -> None:
    path = tmp_path / f"mail.log.1.{form}"
    path.write_bytes(FORMS[form](LINES[:5000]) + FORMS[form](LINES[5000:]))
    read_file(source, path)
    assert stored() == LINES


@pytest.mark.parametrize("form", FORMS)
def test_it_keeps_what_is_good_of_an_archive_that_is_cut(
    form: str, source: LogSource, tmp_path: Path
) -> None:
    path = tmp_path / f"mail.log.1.{form}"
    whole = FORMS[form](LINES)
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(DamagedFile, match=rf"mail\.log\.1\.{form}"):
        read_file(source, path)
    good = stored()
    assert LINES.startswith(good)
    assert good.endswith(b"\n") or not good
    assert len(good) > len(LINES) // 3 or form == "bz2"
    path.write_bytes(whole)
    read_file(source, path)
    assert stored() == LINES


@pytest.mark.parametrize("form", FORMS)
def test_it_says_which_archive_is_spoilt(form: str, source: LogSource, tmp_path: Path) -> None:
    path = tmp_path / f"mail.log.1.{form}"
    whole = bytearray(FORMS[form](LINES))
    middle = len(whole) // 2
    whole[middle : middle + 200] = bytes(200)
    path.write_bytes(whole)
    with pytest.raises(DamagedFile, match=rf"mail\.log\.1\.{form}"):
        read_file(source, path)
    assert LINES.startswith(stored()) or form == "gz"


def again(path: Path) -> Path:
    return path


def rotated(path: Path) -> Path:
    return path.rename(path.with_name("mail.log.1"))


def archived(path: Path) -> Path:
    archive = path.with_name("mail.log.2.gz")
    archive.write_bytes(gzip.compress(path.read_bytes()))
    return archive


def copied(path: Path) -> Path:
    other = path.with_name("elsewhere")
    other.mkdir()
    return Path(shutil.copy(path, other / "maillog"))


def half_copied(path: Path) -> Path:
    half = path.with_name("half.log")
    half.write_bytes(path.read_bytes()[:100_001])
    return half


def begun(path: Path) -> Path:
    beginning = path.with_name("beginning.log")
    beginning.write_bytes(path.read_bytes()[:300])
    return beginning


@pytest.mark.parametrize("change", [again, rotated, archived, copied, half_copied, begun])
def test_what_was_read_is_not_read_again(
    change: Callable[[Path], Path], source: LogSource, tmp_path: Path
) -> None:
    path = tmp_path / "mail.log"
    path.write_bytes(LINES)
    read_file(source, path)
    run_source(source.pk)
    before = deliveries()
    other = make_source("another")
    assert read_file(other, change(path)) == 0
    run_source(other.pk)
    assert stored() == LINES
    assert deliveries() == before


def test_a_half_copy_that_was_read_first_is_read_on(source: LogSource, tmp_path: Path) -> None:
    half, whole = tmp_path / "half.log", tmp_path / "mail.log"
    half.write_bytes(LINES[: LINES.find(b"\n", 70_000) + 1])
    whole.write_bytes(LINES)
    read_file(source, half)
    read_file(make_source("another"), whole)
    assert stored() == LINES
    assert stored(source) == LINES


def test_a_file_that_grows_is_read_on(source: LogSource, tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    for end in (10, 70, 300, 301, 1500, 90_000, len(LINES)):
        path.write_bytes(LINES[:end])
        read_file(source, path)
    assert stored() == LINES


def test_a_file_that_began_anew_is_another_file(source: LogSource, tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    path.write_bytes(LINES[:90_000])
    read_file(source, path)
    path.write_bytes(LINES[200_000:])
    read_file(source, path)
    assert len(stored()) == LINES[:90_000].rfind(b"\n") + 1 + len(LINES) - 200_000


def test_the_last_line_of_a_file_that_nobody_writes_needs_no_end(
    source: LogSource, tmp_path: Path
) -> None:
    path = tmp_path / "mail.log"
    path.write_bytes(LINES.rstrip(b"\n"))
    read_file(source, path)
    assert stored() == LINES[: LINES.rstrip(b"\n").rfind(b"\n") + 1]
    os.utime(path, (1, 1_700_000_000))
    read_file(source, path)
    assert stored() == LINES.rstrip(b"\n")


JUNK: dict[str, tuple[bytes, dict[str, int]]] = {
    "empty": (b"", {"lines": 0}),
    "one long line": (b"x" * 1_000_000 + b"\n", {"lines": 1, "invalid": 1}),
    "NUL": (
        b"\0" * 5000 + b"\n" + LINES.splitlines(keepends=True)[0],
        {"invalid": 1, "deliveries": 1},
    ),
    "broken UTF-8": (
        b"Nov 20 10:00:00 h postfix/smtpd[1]: connect from \xff\xfe\x80[192.0.2.1]\n\xc3\n",
        {"lines": 2, "invalid": 1},
    ),
    "CRLF": (
        LINES[: LINES.find(b"\n") + 1].replace(b"\n", b"\r\n"),
        {"lines": 1, "invalid": 0, "deliveries": 1},
    ),
    "only junk": (b"once upon a time\n\n\t\n%PDF-1.7\n" * 10, {"lines": 40, "invalid": 30}),
    "an unknown program": (
        b"Nov 20 10:00:00 h teapot[1]: short and stout\n" * 3,
        {"lines": 3, "invalid": 0, "unsupported": 3},
    ),
}


@pytest.mark.parametrize("name", JUNK)
def test_it_counts_and_keeps_what_it_cannot_read(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, counts = JUNK[name]
    path = tmp_path / "mail.log"
    path.write_bytes(raw)
    os.utime(path, (1_795_168_800, 1_795_168_800))
    call_command("ingest_logs", str(path))
    summary: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {key: summary[key] for key in counts} == counts
    assert stored() == raw
    assert summary["bytes"] == len(raw)


def test_it_shows_an_example_of_what_it_does_not_know(tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    path.write_bytes(b"Nov 20 10:00:00 h teapot[1]: spout 7 of pot@tea.example\n" * 3)
    call_command("ingest_logs", str(path))
    shape = UnsupportedShape.objects.get()
    assert (shape.program, shape.line_count) == ("teapot", 3)
    assert shape.example == "spout 7 of pot@tea.example"


def test_one_bad_file_does_not_keep_the_others_out(tmp_path: Path) -> None:
    (tmp_path / "mail.log.2.gz").write_bytes(gzip.compress(LINES)[:2000])
    (tmp_path / "mail.log.1").write_bytes(b"Nov 19 10:00:00 h teapot[1]: one\n")
    (tmp_path / "mail.log").write_bytes(b"Nov 20 10:00:00 h teapot[1]: two\n")
    with pytest.raises(CommandError, match=r"mail\.log\.2\.gz"):
        call_command("ingest_logs", str(tmp_path))
    assert stored().endswith(b"teapot[1]: one\nNov 20 10:00:00 h teapot[1]: two\n")


def test_it_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(LINES)

    monkeypatch.setattr("sys.stdin", Stdin)
    call_command("ingest_logs", "-", "--source", "piped")
    assert stored(LogSource.objects.get(name="piped")) == LINES
    assert len(deliveries()) == 3000

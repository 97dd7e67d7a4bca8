# ruff: noqa: E501 - log lines stand as they were written

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.ingest.header import MAX_SOURCES, HeaderReader, Origin, decode_lines, split_tag
from tracking.tests.reading import AT, REFERENCE, STAMP


def reader() -> HeaderReader:
    return HeaderReader(UTC, REFERENCE, None, None)


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (b"", []),
        (b"\n\n\r\n", []),
        (b"one\ntwo", ["one", "two"]),
        (b"one\r\ntwo\r", ["one", "two"]),
        (b"a\rb\r\n", ["a\rb"]),
        (b"one \n two   \n \n\n", ["one", " two"]),
        (b"a\x00b\n", ["a\ufffdb"]),
        (b"one\n\x00\x00\x00two\n\x00\n", ["one", "two", "\ufffd"]),
        (b"\xe4llice\n", ["\ufffdllice"]),
        (b"\xed\xa0\x80\n", ["\ufffd\ufffd\ufffd"]),
        ("a\u2028b\x0bc\x1cd\x85e\n".encode(), ["a\u2028b\x0bc\x1cd\x85e"]),
    ],
)
def test_it_splits_at_line_feeds_only(raw: bytes, lines: list[str]) -> None:
    assert decode_lines(raw) == lines


@given(st.binary(max_size=300))
def test_it_decodes_any_bytes_to_text_a_database_takes(raw: bytes) -> None:
    for line in decode_lines(raw):
        assert line
        assert "\0" not in line
        line.encode()


@pytest.mark.parametrize(
    ("tag", "service", "program"),
    [
        ("postfix/smtp", "", "smtp"),
        ("postfix/submission/smtpd", "submission", "smtpd"),
        ("postfix-ext/smtp", "ext", "smtp"),
        ("postfix-192.0.2.4/smtp", "192.0.2.4", "smtp"),
        ("postfix-ext/submission/smtpd", "ext/submission", "smtpd"),
        ("postfix/amavis/smtp", "amavis", "smtp"),
        ("relay2/smtpd", "relay2", "smtpd"),
        ("amavis", "", "amavis"),
        ("/usr/sbin/cron", "", "cron"),
    ],
)
def test_it_splits_tags(tag: str, service: str, program: str) -> None:
    assert split_tag(tag) == (service, program)


SMTPD: Origin = (AT, "mx1", "", "smtpd", "568")
WHOLE_SECOND: Origin = (AT - 376_339, *SMTPD[1:])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"{STAMP} MX1 postfix/smtpd[568]: a: b", (SMTPD, "a: b")),
        (f"<22>{STAMP} mx1 postfix/smtpd[568]: a", (SMTPD, "a")),
        ("Nov 24 11:15:56 mx1 postfix/smtpd[568]: a", (WHOLE_SECOND, "a")),
        ("<22>Nov 24 11:15:56 mx1 postfix/smtpd[568]: a", (WHOLE_SECOND, "a")),
        (f"<22>1 {STAMP} mx1 postfix/smtpd 568 - - a", (SMTPD, "a")),
        (f"1 {STAMP} mx1 postfix/smtpd 568 - - \ufeffa", (SMTPD, "a")),
        (f'<22>1 {STAMP} mx1 postfix/smtpd 568 ID7 [a@1 b="x\\"] y"][c d="e"] a', (SMTPD, "a")),
        (f"<22>1 {STAMP} mx1 postfix/smtpd 568 - -", (SMTPD, "")),
        (f"{STAMP} mx1 postfix/smtpd[568]: ", (SMTPD, "")),
        (f"{STAMP} mx1 postfix/smtpd[568]:", (SMTPD, "")),
        (f"{STAMP} mx1 postfix/smtpd[568 a: b", (SMTPD, "a: b")),
        (f"{STAMP} mx1 postfix-ext/submission/smtpd[568 a", ((AT, "mx1", "ext/submission", "smtpd", "568"), "a")),
        (f"{STAMP} mx1 postfix-ext/submission/smtpd[1 b", ((AT, "mx1", "ext/submission", "smtpd", "1"), "b")),
        (f"{STAMP} mx1 rsyslogd: start", ((AT, "mx1", "", "rsyslogd", ""), "start")),
        (f"<22>1 {STAMP} mx1 rsyslogd - - - start", ((AT, "mx1", "", "rsyslogd", ""), "start")),
        (f"{STAMP} mx1 last message repeated 2 times", ((AT, "mx1", "", "", ""), "last message repeated 2 times")),
        ("Nov 24 11:15:56.376339 mx1 postfix/smtpd[568]: a", (SMTPD, "a")),
        ("2026-11-24 11:15:56.376339 mx1 postfix/smtpd[568]: a", (SMTPD, "a")),
        ("2026-11-24 11:15:56 mx1 postfix/smtpd[568]: a", (WHOLE_SECOND, "a")),
        ("Nov 24 2026 11:15:56.376339 mx1 postfix/smtpd[568]: a", (SMTPD, "a")),
        ("2026 Nov 24 11:15:56 mx1 postfix/smtpd[568]: a", (WHOLE_SECOND, "a")),
        ("Tue 2026-11-24 11:15:56 UTC mx1 postfix/smtpd[568]: a", (WHOLE_SECOND, "a")),
        ("1795518956.376339 mx1 postfix/smtpd[568]: a", (SMTPD, "a")),
        ("Nov 24 11:15:56 <mail.info> mx1 postfix/smtpd[568]: a", (WHOLE_SECOND, "a")),
        (f"{STAMP} mx1 postfix/smtpd[568]: [ID 197553 mail.info] a", (SMTPD, "a")),
        (f"{STAMP} mx1 postfix/smtpd[568]:  a", (SMTPD, "a")),
        (f"2026-11-24T12:00:00Z log1 {STAMP} mx1 postfix/smtpd[568]: a", (SMTPD, "a")),
        (f"2026-11-24T12:00:00.123456789Z {STAMP} mx1 postfix/smtpd[568]: a", (SMTPD, "a")),
        (f"{STAMP} mx1 deliver(bob@example.org): a", ((AT, "mx1", "", "deliver", ""), "a")),
        (f"{STAMP} 2001:db8::1 postfix/smtpd[568]: a", ((AT, "2001:db8::1", "", "smtpd", "568"), "a")),
    ],
)  # fmt: skip
def test_it_reads_headers(line: str, expected: tuple[Origin, str]) -> None:
    headers = reader()
    assert headers.read(line) == expected
    assert headers.read(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "",
        "postfix/smtpd[568]: a",
        f"{STAMP}",
        f"{STAMP} mx1",
        f"{STAMP} mx1 no tag here",
        f"{STAMP} postfix/smtpd[568]: a",
        f"{STAMP}  postfix/smtpd[568]: a",
        f"<22><22>{STAMP} mx1 postfix/smtpd[568]: a",
        f"<2222>{STAMP} mx1 postfix/smtpd[568]: a",
        f"<22>1 {STAMP} mx1 postfix/smtpd 568 - [broken a",
        "<22>1 - mx1 postfix/smtpd 568 - - a",
        f"{STAMP} {'h' * 300} postfix/smtpd[568]: a",
        f"{STAMP} mx1 {'t' * 300}[568]: a",
        "Nov 24 11:15:56mx1 postfix/smtpd[568]: a",
        "at com.example.Main(Main.java:7)",
    ],
)
def test_it_refuses_lines_without_a_header(line: str) -> None:
    headers = reader()
    headers.read(f"{STAMP} mx1 postfix/smtpd[568]: a")
    assert headers.read(line) is None


def test_it_reads_a_day_of_one_digit() -> None:
    found = reader().read("Nov 4 11:15:56 mx1 postfix/smtpd[568]: a")
    assert found == reader().read("Nov  4 11:15:56 mx1 postfix/smtpd[568]: a")
    assert found is not None


def test_a_header_in_a_header_may_not_hold_a_third() -> None:
    headers = reader()
    assert headers.read(f"{STAMP} log1 " * 3 + "mx1 postfix/smtpd[568]: a") is None
    assert headers.read(f"{STAMP} log1 " * 50_000) is None
    assert headers.read(f"{STAMP} " + "<mail.info> " * 50_000) is None
    assert headers.read(f"{STAMP} log1 {STAMP} mx1 postfix/smtpd[568]: a") == (SMTPD, "a")


def test_it_does_not_take_a_text_for_a_header_it_knows() -> None:
    headers = reader()
    headers.read(f"{STAMP} mx1 postfix/smtpd[568]: a")
    assert headers.read(f"{STAMP[:26]}Z mx1 postfix/smtpd[568]: a") == (SMTPD, "a")
    assert headers.read("2026-11-24T11:15:56.376Z aZ mx1 postfix/smtpd[568]: a") is None
    assert headers.read(f"{STAMP[:20]}junk!!{STAMP[26:]} mx1 postfix/smtpd[568]: a") is None


def test_it_forgets_the_last_line_when_one_ends_with_its_stamp() -> None:
    headers = reader()
    assert headers.read(STAMP) is None
    assert headers.read(f"{STAMP}x") is None
    assert headers.read(f"{STAMP} mx1 postfix/smtpd[568]: a") == (SMTPD, "a")


def test_it_follows_seconds_and_zones() -> None:
    headers = reader()
    stamps = ["56.000001+00:00", "56.000002+01:00", "56.000003+00:00", "57.000004+00:00"]
    lines = [f"2026-11-24T11:15:{stamp} mx1 postfix/smtpd[568]: a" for stamp in stamps]
    read = [headers.read(line) for line in lines]
    assert [header[0][0] - WHOLE_SECOND[0] for header in read if header] == [
        1,
        2 - 3_600_000_000,
        3,
        1_000_004,
    ]


def test_its_memory_is_bounded() -> None:
    headers = reader()
    for pid in range(MAX_SOURCES + 10):
        headers.read(f"{STAMP} mx1 postfix/smtpd[{pid}]: a")
    assert len(headers._sources) <= MAX_SOURCES

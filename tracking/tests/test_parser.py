# ruff: noqa: E501 - log lines stand as they were written
"""The whole parser: true lines through it, junk against it."""

from __future__ import annotations

import time
from datetime import UTC
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracking.ingest import records
from tracking.ingest.parser import PARSERS, LineParser
from tracking.ingest.records import InvalidHeader, Record, UnsupportedLine
from tracking.tests.reading import AT, REFERENCE, STAMP, read_line

LINES = (
    "2026-11-24T11:15:56.293578+00:00 smtp-ext postfix/smtpd[583]: NOQUEUE: filter: RCPT from unknown[192.0.2.21]: <unknown[192.0.2.21]>: Client host triggers FILTER smtp:[192.0.2.3]:2525; from=<ann@example.org> to=<bob@example.net> proto=ESMTP helo=<[192.0.2.21]>",
    "2026-11-24T11:15:56.729503+00:00 mx1 postfix/smtpd[642]: 4jYgGh59lNzDX4S: client=mx1.example.org[192.0.2.4], orig_queue_id=4jYgGh2gkJzDX4Q, orig_client=out30.example.net[192.0.2.30]",
    "Nov 24 09:07:48 pmg postfix/smtpd[3405]: proxy-accept: END-OF-MESSAGE: 250 2.5.0 OK (21C0A86B055BCC4E870); from=<ann@example.org> to=<bob@example.net> proto=ESMTP helo=<x>",
    "Nov 24 09:07:48 pmg postfix/postscreen[620]: NOQUEUE: reject: RCPT from [192.0.2.6]:36801: 550 5.5.1 Protocol error; from=<ann@example.org>, to=<bob@example.net>, proto=ESMTP, helo=<bot.example>",
    "2026-11-24T11:15:56.310211+00:00 mx1 postfix/cleanup[604]: 4jYgGh2BPxzDX46: info: header Subject: schedule 396 from unknown[192.0.2.61]; from=<ann@example.org> to=<bob@example.net> proto=ESMTP helo=<spoof61.example>",
    "Nov  4 09:07:48 pmg postfix/cleanup[1372]: D7BA023004B: message-id=<first.1@example.org>#012",
    "<22>Nov 24 09:07:48 pmg postfix/qmgr[1354]: D7BA023004B: from=<ann@example.org>, size=705, nrcpt=1 (queue active)",
    "2026-11-24T11:16:01.558480+00:00 mx1 postfix/relay/smtp[650]: 4jYgGn3tHDzDX8V: to=<user5@example.net>, orig_to=<fwd2@example.net>, relay=192.0.2.21[192.0.2.21]:25, delay=0.01, delays=0/0.01/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 9AD5F6051C)",
    "<22>1 2026-11-24T11:16:01Z mx1 postfix/bounce 705 - - 4jYgGk4dmszDX76: sender non-delivery notification: 4jYgGk50sKzDX72",
    "2026-11-24T11:16:01+07:00 mx1 postfix-ext/submission/smtpd[568 warning: 5EA3E230949: queue file size limit exceeded",
    "Nov 24 09:01:07 pmg pmg-smtp-filter[1447]: 21C0156B0552BEEFB48: accept mail to <bob@example.com> (1E523230545) (rule: default-accept)",
    "Nov 24 09:01:07 pmg pmg-smtp-filter[1447]: 21C0156B0552BEEFB48: bcc to <archive@example.com> (rule: BCC archive (legal, 7y), 092B82308F2)",
    "Nov 24 09:01:07 pmg pmgdaemon[3280]: marked quarantined mail 'C0R53T159010121' as deleted (/var/spool/pmg/spam/FF/21C07B6B0553EA23DFF) for bruno@example.com",
    "2026-11-24T11:15:57.891357+00:00 mx1 amavis[102]: (00102-03-6) Blocked BANNED (application/octet-stream,.exe,setup.exe) {BouncedInbound,Quarantined}, [192.0.2.7]:48727 <ann@example.org> -> <bob@example.net>, quarantine: Z/banned-ZomfKD8pmK27, Queue-ID: 4jYgGj0Y8wzDWkT, Message-ID: <L1@x>, mail_id: ZomfKD8pmK27, Hits: -, size: 1819, 84 ms",
    "2026-11-24T11:15:56.769293+00:00 mx1 amavis[102]: (00102-02) t0rdKBKESb14 FWD from <ann@example.org> -> <bob@example.net>, BODY=7BIT 250 2.0.0 from MTA(smtp:[192.0.2.4]:10025): 250 2.0.0 Ok: queued as 4jYgGh59lNzDX4S",
    "Nov 24 09:01:07 mx1 rspamd[9]: <a1b2c3>; task; rspamd_task_write_log: id: <x@y>, qid: <4F1A2401AA>, ip: 192.0.2.1, from: <ann@example.org>, (default: F (no action): [1.00/15.00] [A(1.00){}]), len: 1, time: 1ms",
)  # fmt: skip

TAGS = sorted({f"postfix/{program}" for program in PARSERS} | set(PARSERS) | {"unheard-of"})
PIECES = (
    '; from=<"', "; from=<", " to=<", ">, to=<", "> proto=ESMTP helo=<", " sasl_username=<", ": ",
    ">, ", ">, relay=", ", status=sent (", "queued as 9AD5F6051C", " as ", ")", ") {", "}, [192.0.2.1]:1 <",
    "> -> <", ", mail_id: ", ", Message-ID: ", '"', "\\", '\\"', "<", ">", "[", "]", " (rule: ", "4954719674E: ",
    "NOQUEUE: reject: RCPT from ", "(00102-03-6) Passed CLEAN (", "21C0156B0552BEEFB48: accept mail to <",
    "rspamd_task_write_log: id: <", "message-id=", "#012", "...", "\ufffd", "\u0661", "<22>", "1 ",
)  # fmt: skip


def assert_fits(value: Any, hint: Any) -> None:
    """A field holds what its annotation says."""
    if get_origin(hint) is tuple:
        assert isinstance(value, tuple)
        assert all(isinstance(item, get_args(hint)[0]) for item in value)
    else:
        assert isinstance(value, hint)


def assert_sound(record: Record) -> None:
    """A record made without its constructor has all its fields, each of its type."""
    hints = get_type_hints(type(record))
    assert len(record) == len(hints)
    for name, hint in hints.items():
        assert_fits(getattr(record, name), hint)


def parser() -> LineParser:
    return LineParser(UTC, REFERENCE)


@pytest.mark.parametrize("line", LINES)
def test_it_reads_true_lines(line: str) -> None:
    record = read_line(line)
    assert not isinstance(record, InvalidHeader | UnsupportedLine)
    assert type(record).__name__ in records.__all__
    assert_sound(record)


def test_it_keeps_lines_of_unknown_programs_and_without_a_header() -> None:
    text = "hello: to=<x>, relay=none"
    assert read_line(f"{STAMP} MX1 unheard-of[7]: {text}") == UnsupportedLine(
        AT, "mx1", "", "unheard-of", "7", text
    )
    assert read_line(text) == InvalidHeader(text)


def test_it_goes_on_from_the_line_before() -> None:
    before = AT - 330 * 86_400 * 1_000_000
    line = "Dec 31 00:00:00 mx1 postfix/qmgr[7]: 4954719674E: removed"
    record = LineParser(UTC, REFERENCE, year=2020, previous=before).parse(line)
    assert not isinstance(record, InvalidHeader)
    assert abs(record.at - before) < 4 * 86_400 * 1_000_000


@given(st.text(max_size=200))
def test_no_text_is_too_odd(line: str) -> None:
    assert_sound(read_line(line))


@given(st.sampled_from(TAGS), st.text(max_size=200))
def test_no_text_of_a_daemon_is_too_odd(tag: str, text: str) -> None:
    assert_sound(read_line(f"{STAMP} mx1 {tag}[7]: {text}"))


@settings(max_examples=400)
@given(st.sampled_from(TAGS), st.lists(st.sampled_from(PIECES), max_size=30))
def test_no_mixture_of_log_text_is_too_odd(tag: str, pieces: list[str]) -> None:
    assert_sound(read_line(f"{STAMP} mx1 {tag}[7]: {''.join(pieces)}"))


@settings(max_examples=400)
@given(st.sampled_from(LINES), st.data())
def test_no_damage_to_a_line_is_too_odd(line: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    junk = data.draw(st.sampled_from(PIECES) | st.text(max_size=10))
    assert_sound(read_line(line[:start] + junk + line[end:]))
    assert_sound(read_line(line[:start]))


@given(st.lists(st.sampled_from(LINES), max_size=20))
def test_a_line_means_the_same_among_others(lines: list[str]) -> None:
    parse = parser().parse
    assert [parse(line) for line in lines] == [read_line(line) for line in lines]


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize(
    "start",
    [
        "postfix/smtpd[7]: NOQUEUE: reject: RCPT from mx.example.org[192.0.2.1]: 550 ",
        "postfix/smtpd[7]: ",
        "postfix/smtp[7]: 4954719674E: to=<",
        "postfix/postscreen[7]: NOQUEUE: reject: RCPT from [192.0.2.6]:36801: 550 5.5.1 x",
        "postfix/cleanup[7]: 4954719674E: info: header Subject: ",
        "postfix/qmgr[7]: 4954719674E: from=<",
        "amavis[7]: (00102-03-6) Blocked BANNED (",
        "amavis[7]: (00102-03-6) t0rdKBKESb14 FWD from <",
        "pmg-smtp-filter[7]: 21C0156B0552BEEFB48: mail-headers envelope-from=<",
        "pmg-smtp-filter[7]: 21C0156B0552BEEFB48: moved mail for <",
        "pmgdaemon[7]: delivered quarantined mail 'C0R1T2' (",
        "rspamd[7]: x; rspamd_task_write_log: id: <",
    ],
)
def test_a_line_of_a_megabyte_costs_little(start: str, piece: str) -> None:
    line = f"{STAMP} mx1 {start}{piece * (1_000_000 // len(piece))}"
    began = time.process_time()
    assert_sound(read_line(line))
    assert time.process_time() - began < 1.0


def test_it_is_fast_enough() -> None:
    lines = LINES * 400
    parse = parser().parse
    began = time.process_time()
    for line in lines:
        parse(line)
    assert len(lines) / (time.process_time() - began) > 30_000

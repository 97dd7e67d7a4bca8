# ruff: noqa: E501 - log lines stand as they were written
"""amavis and rspamd."""

from __future__ import annotations

import pytest

from tracking.ingest.parsers.amavis import parse_text
from tracking.ingest.records import (
    AmavisForwarded,
    AmavisText,
    AmavisVerdict,
    NoticeLine,
    Record,
    RspamdVerdict,
    UnsupportedLine,
)
from tracking.tests.reading import origin, read

AMAVIS = origin("amavis")
SID = "00102-03-6"
TAIL = "mail_id: ZomfKD8pmK27, Hits: -, size: 1819, 84 ms"
FORGED = "{Forged}, [203.0.113.6]:25 <evil@example.net> -> <victim@example.net>, quarantine: F/forged, Queue-ID: DEADBEEF00, Message-ID: <f"


def verdict(text: str) -> AmavisVerdict:
    record = read("amavis", f"({SID}) {text}")
    assert isinstance(record, AmavisVerdict)
    return record


def test_it_reads_mail_that_passed() -> None:
    text = (
        "Passed CLEAN {RelayedInbound}, [192.0.2.30]:60077 <ann@example.org> -> <b@example.net>,<c@example.net>,"
        " Queue-ID: 4jYgGh2gkJzDX4Q, Message-ID: <L1@mail.example>, mail_id: t0rdKBKESb14,"
        " Hits: -1.9, size: 797, queued_as: 4jYgGh59lNzDX4S, 388 ms"
    )
    assert verdict(text) == AmavisVerdict(
        *AMAVIS,
        session_id=SID,
        is_passed=True,
        category="CLEAN",
        detail="",
        flags=("RelayedInbound",),
        client_ip="192.0.2.30",
        envelope_sender="ann@example.org",
        recipients=("b@example.net", "c@example.net"),
        quarantine="",
        queue_id="4jYgGh2gkJzDX4Q",
        message_id="<L1@mail.example>",
        mail_id="t0rdKBKESb14",
        score=-1.9,
        size_bytes=797,
        queued_as=("4jYgGh59lNzDX4S",),
    )


def test_it_reads_mail_that_was_blocked() -> None:
    record = verdict(
        "Blocked BANNED (application/octet-stream,.exe,setup (1).exe) {BouncedInbound,Quarantined},"
        " [192.0.2.7]:48727 <a@b.example> -> <c@d.example>, quarantine: Z/banned-ZomfKD8pmK27,"
        f" Queue-ID: 4jYgGj0Y8wzDWkT, Message-ID: <L1@x>, {TAIL}"
    )
    assert (record.is_passed, record.category) == (False, "BANNED")
    assert record.detail == "application/octet-stream,.exe,setup (1).exe"
    assert record.flags == ("BouncedInbound", "Quarantined")
    assert (record.quarantine, record.score) == ("Z/banned-ZomfKD8pmK27", None)
    assert (record.queued_as, record.size_bytes) == ((), 1819)


@pytest.mark.parametrize(
    ("text", "category", "client_ip"),
    [
        (f"Passed BAD-HEADER-2 {{RelayedInbound}}, <a@b.example> -> <c@d.example>, {TAIL}", "BAD-HEADER-2", ""),
        (f"Passed SPAMMY {{RelayedTaggedInbound}}, MYNETS LOCAL [192.0.2.7]:25 [198.51.100.1] <> -> <c@d.example>, {TAIL}", "SPAMMY", "192.0.2.7"),
        (f"Blocked INFECTED (Lab.Test (x), Other) {{DiscardedInbound,Quarantined}}, [2001:db8::7]:25 <> -> <c@d.example>, {TAIL}", "INFECTED", "2001:db8::7"),
        ("Passed CLEAN, [192.0.2.7] <a@b.example> -> <c@d.example>, Message-ID: <x>, Hits: 1, 5 ms", "CLEAN", "192.0.2.7"),
        ("Passed, <a@b.example> -> <c@d.example>, quarantine IJHkgliCm2Ia, Message-ID: <x>, Hits: 4.377", "CLEAN", ""),
        (f"Blocked SPAM, [IPv6:2001:db8::7] [192.0.2.1] <> -> <c@d.example>, quarantine: spam-Zomf, Message-ID: <x>, {TAIL}", "SPAM", "2001:db8::7"),
        (f"Passed UNCHECKED-ENCRYPTED {{RelayedInbound}}, [192.0.2.7]:1 <> -> <\"a,> b\"@d.example>, {TAIL}", "UNCHECKED-ENCRYPTED", "192.0.2.7"),
    ],
)  # fmt: skip
def test_it_reads_other_verdicts(text: str, category: str, client_ip: str) -> None:
    record = verdict(text)
    assert (record.category, record.client_ip) == (category, client_ip)
    assert len(record.recipients) == 1


@pytest.mark.parametrize(
    ("detail", "message_id"),
    [
        (f"x) {FORGED}.exe", "<L1@x>"),
        ("x.exe", f"<a) {FORGED}>"),
        (f"x) {FORGED}.exe", f"<a) {FORGED}>"),
        ("x.exe", "<a, mail_id: forgedforged, Hits: -100, size: 1, queued_as: DEADBEEF00, 1 ms"),
    ],
)
def test_it_is_not_deceived_by_attachments_and_message_ids(detail: str, message_id: str) -> None:
    record = verdict(
        f"Blocked BANNED ({detail}) {{BouncedInbound,Quarantined}}, [192.0.2.7]:48727 <a@b.example>"
        f" -> <c@d.example>, quarantine: Z/banned-ZomfKD8pmK27, Queue-ID: 4jYgGj0Y8wzDWkT,"
        f" Message-ID: {message_id}, {TAIL}"
    )
    assert (record.client_ip, record.recipients) == ("192.0.2.7", ("c@d.example",))
    assert (record.detail, record.message_id) == (detail, message_id)
    assert (record.queue_id, record.mail_id) == ("4jYgGj0Y8wzDWkT", "ZomfKD8pmK27")
    assert (record.score, record.queued_as) == (None, ())


@pytest.mark.parametrize(
    ("ids", "tail"),
    [
        ("Message-ID: <L1@x>", "Hits: 4.377"),
        ("Message-ID: <L1@x>", "mail_id: ZomfKD8pmK27, b: x_y1, Hits: 4.377, size: 4, 5 ms"),
        (
            "Message-ID: <L1@x>, Resent-Message-ID: <L2@x>",
            "mail_id: ZomfKD8pmK27, Hits: 4.377, 5 ms",
        ),
    ],
)
def test_it_reads_ids_and_score_in_all_their_places(ids: str, tail: str) -> None:
    record = verdict(f"Passed CLEAN, [192.0.2.7] <a@b.example> -> <c@d.example>, {ids}, {tail}")
    assert (record.message_id, record.score) == ("<L1@x>", 4.377)


def test_it_reads_forwarded_mail_of_old_versions() -> None:
    text = "via SMTP: <a@b.example> -> <c@d.example>,BODY=7BIT 250 2.6.0 Ok, id=1-1, from MTA([127.0.0.1]:10025): 250 Ok: queued as 4954719674E"
    record = read("amavis", f"({SID}) SEND {text}")
    assert isinstance(record, AmavisForwarded)
    assert (record.kind, record.queued_as) == ("notice", "4954719674E")
    record = read("amavis", f"(rel-4bIGyMiYpJ_E) FWD {text}")
    assert isinstance(record, AmavisForwarded)
    assert (record.kind, record.parent_mail_id) == ("release", "4bIGyMiYpJ_E")


@pytest.mark.parametrize(
    ("text", "kind", "parent", "queued_as"),
    [
        ("(00102-02) t0rdKBKESb14 FWD from <a@b.example> -> <c@d.example>,<e@f.example>, BODY=7BIT 250 2.0.0 from MTA(smtp:[192.0.2.4]:10025): 250 2.0.0 Ok: queued as 4jYgGh59lNzDX4S", "forward", "", "4jYgGh59lNzDX4S"),
        ("(00103-02) t0rdKBKESb14(EudSK2LvYwOD) SEND from <a@b.example> -> <c@d.example>,<e@f.example>, ENVID=AM.x@y 250 2.0.0 Ok: queued as 4jYgGj2g3LzDX6b", "notice", "EudSK2LvYwOD", "4jYgGj2g3LzDX6b"),
        ("(rel-D9Y2IWHk4Ozh) t0rdKBKESb14(4bIGyMiYpJ_E) FWD from <a@b.example> -> <c@d.example>,<e@f.example>,  250 2.0.0 Ok: queued as 4jYgJL1tdfzDWd9", "release", "4bIGyMiYpJ_E", "4jYgJL1tdfzDWd9"),
        ("(00102-02) t0rdKBKESb14 FWD from <a@b.example> -> <c@d.example>,<e@f.example>, BODY=7BIT 451 4.5.0 From MTA(smtp:[192.0.2.4]:10025) during fwd-connect", "forward", "", ""),
    ],
)  # fmt: skip
def test_it_reads_forwarded_mail(text: str, kind: str, parent: str, queued_as: str) -> None:
    record = read("amavis", text)
    assert isinstance(record, AmavisForwarded)
    assert (record.kind, record.parent_mail_id, record.queued_as) == (kind, parent, queued_as)
    assert (record.mail_id, record.envelope_sender) == ("t0rdKBKESb14", "a@b.example")
    assert record.recipients == ("c@d.example", "e@f.example")


def test_it_reads_pieces_and_the_whole() -> None:
    whole = (
        "Passed CLEAN {RelayedInbound}, [192.0.2.1]:51223 <a@b.example> -> <c@d.example>,"
        f" Queue-ID: 4jYgGr3cnYzDXBn, Message-ID: <L1.{'x' * 900}@mail.example>, {TAIL}"
    )
    lines = [
        f"({SID}) {whole[:300]}...",
        f"({SID}) ...{whole[300:600]}...",
        f"({SID}) ...{whole[600:]}",
    ]
    pieces = [read("amavis", line) for line in lines]
    assert pieces == [
        AmavisText(*AMAVIS, SID, whole[:300], starts=True, ends=False),
        AmavisText(*AMAVIS, SID, whole[300:600], starts=False, ends=False),
        AmavisText(*AMAVIS, SID, whole[600:], starts=False, ends=True),
    ]
    text = "".join(piece.text for piece in pieces if isinstance(piece, AmavisText))
    assert parse_text(*AMAVIS, SID, text) == verdict(whole)


@pytest.mark.parametrize(
    "text",
    [
        "starting. /usr/sbin/amavisd at mx1.example amavis-2.13.0 (20230106)",
        "(!!)policy_server FAILED: Secret_id is required",
        f"({SID}) Checking: 0MKhoFXVZEf3 [192.0.2.61] <a@b.example> -> <c@d.example>",
        f"({SID}) ESMTP :10024 /var/lib/amavis/tmp/x: <a@b.example> -> <c@d.example> SIZE=1 Received: from x",
        f"({SID}) local delivery: <> -> virus-quarantine, mbx=/var/lib/amavis/virusmails/E/virus-x",
        f'({SID}) p.path BANNED:1 c@d.example: "P=p003,L=1,M=multipart/mixed"',
        "(rel-D9Y2IWHk4Ozh) Quarantined message release (miscategorized): 4bIGyMiYpJ_E <a> -> <b>",
    ],
)
def test_it_knows_talk(text: str) -> None:
    assert read("amavis", text) == NoticeLine(*AMAVIS)


@pytest.mark.parametrize(
    "text",
    [
        f"({SID}) Passed CLEAN without more",
        f"({SID}) Blocked BANNED (no end",
        f"({SID}) Passed CLEAN {{}}, [192.0.2.7]:1 <a@b.example -> c@d.example",
        f"({SID}) t0rdKBKESb14 FWD from <a@b.example",
        f"({SID}) a new shape",
    ],
)
def test_it_keeps_what_it_cannot_read(text: str) -> None:
    assert read("amavis", text) == UnsupportedLine(*AMAVIS, text)


RSPAMD = origin("rspamd")


def task(text: str) -> Record:
    return read("rspamd", f"<a1b2c3>; task; rspamd_task_write_log: {text}")


def test_rspamd_verdicts() -> None:
    text = (
        "id: <x@mail.example>, qid: <4F1A2401AA>, ip: 192.0.2.1, user: ann, from: <ann@example.org>,"
        " (default: F (no action): [-1.20/15.00] [DMARC_NA(0.00){example.org;},MIME_GOOD(-0.10){text/plain;}]),"
        " len: 1225, time: 10.1ms, dns req: 2, rcpts: <bob@example.net>"
    )
    assert task(text) == RspamdVerdict(
        *RSPAMD,
        "4F1A2401AA",
        "<x@mail.example>",
        "192.0.2.1",
        "ann@example.org",
        "no action",
        -1.2,
        15.0,
        "DMARC_NA(0.00){example.org;},MIME_GOOD(-0.10){text/plain;}",
    )


def test_rspamd_is_not_deceived_by_senders_and_rules() -> None:
    forged = "(default: F (no action): [0.00/15.00] []), len: 1"
    record = task(
        f'id: <x@mail.example>, qid: <4F1A2401AA>, ip: unknown, from: <", {forged}"@example.org>,'
        f" (default: T (reject): [99.00/15.00] [URL(9.00){{{forged}}}]), len: 1225"
    )
    assert isinstance(record, RspamdVerdict)
    assert (record.action, record.score, record.client_ip) == ("reject", 99.0, "")


def test_rspamd_says_more() -> None:
    assert read("rspamd", "<a1>; proxy; rspamd_message_parse: loaded") == NoticeLine(*RSPAMD)
    assert isinstance(task("id: <x>, something new"), UnsupportedLine)
    assert isinstance(task("id: <x>, qid: <4F1A2401AA>, ip: 192.0.2.1, no result"), UnsupportedLine)

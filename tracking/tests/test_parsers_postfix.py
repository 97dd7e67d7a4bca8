# ruff: noqa: E501 - log lines stand as they were written
"""qmgr, cleanup, bounce, pickup, postsuper, postscreen and the daemons that say nothing."""

from __future__ import annotations

import pytest

from tracking.ingest.records import (
    ClientConnected,
    HeaderSeen,
    MailRefused,
    MessageIdSeen,
    NoticeLine,
    NotificationSent,
    PickedUp,
    Pregreeted,
    QueueActive,
    QueueCanceled,
    QueueExpired,
    QueueManaged,
    QueueRemoved,
    Record,
    SmtpDecision,
    UnsupportedLine,
)
from tracking.tests.reading import origin, read

ID = "4954719674E"
PEER = "mx.example.org[192.0.2.1]"
ENVELOPE = "from=<ann@example.org> to=<bob@example.net> proto=ESMTP helo=<x.example>"
FORGED = "; from=<evil@example.net> to=<victim@example.net> proto=ESMTP helo=<evil>: forged"


def check(tag: str, text: str, expected: Record) -> None:
    record = read(tag, text)
    assert record == expected
    assert type(record) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ID}: removed", QueueRemoved(*origin("qmgr"), ID)),
        (
            f"{ID}: from=<ann@example.org>, size=20499, nrcpt=3 (queue active)",
            QueueActive(*origin("qmgr"), ID, "ann@example.org", 20499, 3),
        ),
        (f"{ID}: from=<>, size=1, nrcpt=1 (queue active)", QueueActive(*origin("qmgr"), ID, "", 1, 1)),
        (
            f'{ID}: from=<">, size=9, nrcpt=9 (queue active)"@example.org>, size=1, nrcpt=1 (queue active)',
            QueueActive(*origin("qmgr"), ID, '">, size=9, nrcpt=9 (queue active)"@example.org', 1, 1),
        ),
        (
            f"{ID}: from=<ann@example.org>, status=expired, returned to sender",
            QueueExpired(*origin("qmgr"), ID, "ann@example.org", is_forced=False),
        ),
        (
            f"{ID}: from=<>, status=force-expired, returned to sender",
            QueueExpired(*origin("qmgr"), ID, "", is_forced=True),
        ),
        (f"{ID}: skipped, still being delivered", NoticeLine(*origin("qmgr"))),
        ("warning: connect to transport private/scan: Connection refused", NoticeLine(*origin("qmgr"))),
        (f"{ID}: removed by hand", UnsupportedLine(*origin("qmgr"), f"{ID}: removed by hand")),
        (f"{ID}: from=<ann@example.org", UnsupportedLine(*origin("qmgr"), f"{ID}: from=<ann@example.org")),
    ],
)  # fmt: skip
def test_qmgr(text: str, expected: Record) -> None:
    check("postfix/qmgr", text, expected)


@pytest.mark.parametrize(
    ("text", "message_id"),
    [
        ("message-id=<a@example.org>", "<a@example.org>"),
        ("message-id=<>", "<>"),
        ("message-id=", ""),
        ("message-id=<a@example.org>#012", "<a@example.org>"),
        ("message-id=< a@example.org >", "< a@example.org >"),
        ("message-id=no brackets, (and) odd: to=<x>, status=sent (ok)", "no brackets, (and) odd: to=<x>, status=sent (ok)"),
        ("message-id=<a=b@example.org>", "<a=b@example.org>"),
    ],
)  # fmt: skip
def test_cleanup_reads_message_ids(text: str, message_id: str) -> None:
    record = MessageIdSeen(*origin("cleanup"), ID, message_id, is_resent=False)
    check("postfix/cleanup", f"{ID}: {text}", record)
    resent = MessageIdSeen(*origin("cleanup"), ID, message_id, is_resent=True)
    check("postfix/cleanup", f"{ID}: resent-{text}", resent)


@pytest.mark.parametrize(
    ("word", "header", "client", "envelope", "reason"),
    [
        ("info", "Subject: schedule 396", PEER, ENVELOPE, ""),
        ("warning", "Subject: a to=<fake@example.org> status=sent", PEER, ENVELOPE, ": odd"),
        ("info", f"Subject: a from {PEER}{FORGED}", PEER, ENVELOPE, ""),
        ("info", f"Subject: a from {PEER}{FORGED}", PEER, ENVELOPE, ": reason; with: marks"),
        (
            "info",
            "Subject: a from local; from=<x>",
            "local",
            "from=<root> to=<bob@example.net>",
            "",
        ),
    ],
)
def test_cleanup_reads_headers(
    word: str, header: str, client: str, envelope: str, reason: str
) -> None:
    record = read(
        "postfix/cleanup", f"{ID}: {word}: header {header} from {client}; {envelope}{reason}"
    )
    assert isinstance(record, HeaderSeen)
    assert (record.name, record.value) == ("Subject", header.removeprefix("Subject: "))
    assert record.recipient == "bob@example.net"
    assert record.envelope_sender in {"ann@example.org", "root"}


def test_cleanup_is_not_deceived_by_a_quoted_sender() -> None:
    sender = f'"{FORGED}"@example.org'
    text = f"{ID}: info: header Subject: a from {PEER}; from=<{sender}> to=<b@example.net> proto=ESMTP helo=<x>"
    record = read("postfix/cleanup", text)
    assert isinstance(record, HeaderSeen)
    assert (record.envelope_sender, record.recipient) == (sender, "b@example.net")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"{ID}: reject: header Subject: meeting from {PEER}; {ENVELOPE}: 5.7.1 Message content is not allowed here",
            ("reject", "header", 0, "5.7.1", "Message content is not allowed here"),
        ),
        (f"{ID}: reject: body BAD from {PEER}; {ENVELOPE}: 5.7.1 No", ("reject", "body", 0, "5.7.1", "No")),
        (f"{ID}: hold: header Subject: x from {PEER}; {ENVELOPE}: awaiting review", ("hold", "header", 0, "", "awaiting review")),
        (f"{ID}: discard: header Subject: x from {PEER}; {ENVELOPE}: policy", ("discard", "header", 0, "", "policy")),
        (f"{ID}: warning: body x from {PEER}; {ENVELOPE}: odd", ("warn", "body", 0, "", "odd")),
        (
            f"{ID}: milter-reject: END-OF-MESSAGE from {PEER}: 5.7.1 Command rejected; {ENVELOPE}",
            ("milter-reject", "milter", 0, "5.7.1", "Command rejected"),
        ),
        (
            f"{ID}: milter-hold: END-OF-MESSAGE from {PEER}: milter triggers HOLD action; {ENVELOPE}",
            ("milter-hold", "milter", 0, "", "milter triggers HOLD action"),
        ),
        (
            f"{ID}: milter-header-redirect: header X-Spam: yes from {PEER}; {ENVELOPE}: spam@example.net",
            ("redirect", "header", 0, "", "spam@example.net"),
        ),
        (
            f"{ID}: milter-header-reject: header X-Spam: yes from {PEER}; {ENVELOPE}: 5.7.1 No spam",
            ("reject", "header", 0, "5.7.1", "No spam"),
        ),
        (
            f"{ID}: reject: mime-error improper use of 8-bit data in message header: \ufffd from {PEER}; {ENVELOPE}",
            ("reject", "mime-error", 0, "", ""),
        ),
    ],
)  # fmt: skip
def test_cleanup_reads_decisions(text: str, expected: tuple[str, str, int, str, str]) -> None:
    action, what, code, dsn, reason = expected
    check(
        "postfix/cleanup",
        text,
        SmtpDecision(
            *origin("cleanup"), ID, action, "eod", what, "mx.example.org", "192.0.2.1", code, dsn,
            reason, "ann@example.org", "bob@example.net", "x.example", "",
        ),
    )  # fmt: skip


WRITE_ERROR = ("other", 451, "4.3.0", "Error: queue file write error")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ID}: removed (canceled)", QueueCanceled(*origin("cleanup"), ID, is_discarded=False)),
        (f"{ID}: removed (discarded)", QueueCanceled(*origin("cleanup"), ID, is_discarded=True)),
        (
            f"warning: {ID}: message rejected: hopcount exceeded",
            MailRefused(*origin("cleanup"), ID, "other", 554, "5.4.0", "Error: too many hops"),
        ),
        (
            f"warning: {ID}: queue file size limit exceeded",
            MailRefused(*origin("cleanup"), ID, "size", 552, "5.3.4", "Error: message file too big"),
        ),
        (
            f"warning: {ID}: virtual_alias_maps map lookup problem for bob@example.org -- message not accepted, try again later",
            MailRefused(*origin("cleanup"), ID, *WRITE_ERROR),
        ),
        (
            f"warning: {ID}: unreasonable virtual_alias_maps map nesting for bob@example.org -- message not accepted, try again later",
            MailRefused(*origin("cleanup"), ID, *WRITE_ERROR),
        ),
        (
            f"warning: {ID}: write queue file: No space left on device",
            MailRefused(*origin("cleanup"), ID, *WRITE_ERROR),
        ),
        (f"warning: {ID}: ignoring bad delay time: 7", NoticeLine(*origin("cleanup"))),
        (f"warning: {ID}: ", NoticeLine(*origin("cleanup"))),
    ],
)  # fmt: skip
def test_cleanup_reads_how_mail_was_not_taken(text: str, expected: Record) -> None:
    check("postfix/cleanup", text, expected)


@pytest.mark.parametrize(
    "text",
    [
        f"{ID}: replace: header Subject: x from {PEER}; {ENVELOPE}: y",
        f"{ID}: prepend: header Subject: x from {PEER}; {ENVELOPE}: y",
        f"{ID}: milter-header-prepend: header X-Spam: x from {PEER}; {ENVELOPE}: X-Seen: y",
        "warning: mail_stream_cleanup: close error",
    ],
)
def test_cleanup_knows_talk(text: str) -> None:
    check("postfix/cleanup", text, NoticeLine(*origin("cleanup")))


@pytest.mark.parametrize(
    ("text", "kind", "to_postmaster"),
    [
        ("sender non-delivery notification", "bounce", False),
        ("sender delay notification", "delay", False),
        ("sender delivery status notification", "success", False),
        ("postmaster non-delivery notification", "bounce", True),
    ],
)
def test_bounce(text: str, kind: str, *, to_postmaster: bool) -> None:
    record = NotificationSent(*origin("bounce"), ID, kind, to_postmaster, "4jYgGk50sKzDX72")
    check("postfix/bounce", f"{ID}: {text}: 4jYgGk50sKzDX72", record)
    check("postfix/bounce", text, UnsupportedLine(*origin("bounce"), text))


@pytest.mark.parametrize(
    ("text", "sender", "orig_id"),
    [
        ("uid=0 from=<root@example.org>", "root@example.org", ""),
        ("uid=0 from=<>", "", ""),
        ("uid=102 from=<ann@example.org> orig_id=AC3AA196822", "ann@example.org", "AC3AA196822"),
        ("uid=1000 from=<x> orig_id=AC3AA196822>", "x> orig_id=AC3AA196822", ""),
    ],
)
def test_pickup(text: str, sender: str, orig_id: str) -> None:
    check("postfix/pickup", f"{ID}: {text}", PickedUp(*origin("pickup"), ID, sender, orig_id))


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("removed", "deleted"),
        ("requeued", "requeued"),
        ("placed on hold", "held"),
        ("released from hold", "released"),
        ("expired", "expired"),
    ],
)
def test_postsuper(text: str, action: str) -> None:
    check("postfix/postsuper", f"{ID}: {text}", QueueManaged(*origin("postsuper"), ID, action))
    check("postfix/postsuper", "Deleted: 1 message", NoticeLine(*origin("postsuper")))


SCREEN = origin("postscreen")
REJECT = "NOQUEUE: reject: RCPT from [192.0.2.9]:42497: "
KEYS = "from=<ann@example.org>, to=<bob@example.net>, proto=ESMTP, helo=<x>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CONNECT from [192.0.2.9]:57119 to [192.0.2.4]:25", ClientConnected(*SCREEN, "", "192.0.2.9")),
        ("CONNECT from [2001:db8::9]:57119 to [2001:db8::4]:25", ClientConnected(*SCREEN, "", "2001:db8::9")),
        ("PREGREET 18 after 0.5 from [192.0.2.9]:36801: EHLO bot.example\\r\\n", Pregreeted(*SCREEN, "192.0.2.9")),
        ("PASS OLD [192.0.2.9]:46223", NoticeLine(*SCREEN)),
        ("DNSBL rank 1 for [192.0.2.9]:34839", NoticeLine(*SCREEN)),
        ("DATA without valid RCPT from [192.0.2.9]:34839", NoticeLine(*SCREEN)),
        ("HANGUP after 1.2 from [192.0.2.9]:34839 in tests before SMTP handshake", NoticeLine(*SCREEN)),
        ("cache btree:/var/lib/postfix/postscreen_cache full cleanup: retained=0 dropped=0 entries", NoticeLine(*SCREEN)),
        (
            f"{REJECT}550 5.3.2 Service currently unavailable; {KEYS}",
            SmtpDecision(
                *SCREEN, "", "reject", "rcpt", "", "", "192.0.2.9", 550, "5.3.2",
                "Service currently unavailable", "ann@example.org", "bob@example.net", "x", "",
            ),
        ),
        (
            f"{REJECT}550 5.7.1 Service unavailable; client [192.0.2.9] blocked using dnsbl.example; {KEYS}",
            SmtpDecision(
                *SCREEN, "", "reject", "rcpt", "", "", "192.0.2.9", 550, "5.7.1",
                "Service unavailable; client [192.0.2.9] blocked using dnsbl.example",
                "ann@example.org", "bob@example.net", "x", "",
            ),
        ),
        (
            f"{REJECT}550 5.5.1 Protocol error; {KEYS[:-1]}; {KEYS}>",
            SmtpDecision(
                *SCREEN, "", "reject", "rcpt", "", "", "192.0.2.9", 550, "5.5.1", "Protocol error",
                "ann@example.org", "bob@example.net", f"x; {KEYS}", "",
            ),
        ),
        (
            f"{REJECT}550 5.5.1 Protocol error; from=<<ann>@example.org>, to=<<bob>@example.net>, proto=SMTP, helo=<x>",
            SmtpDecision(
                *SCREEN, "", "reject", "rcpt", "", "", "192.0.2.9", 550, "5.5.1", "Protocol error",
                "<ann>@example.org", "<bob>@example.net", "x", "",
            ),
        ),
        (
            "NOQUEUE: reject: CONNECT from [192.0.2.9]:42497: too many connections",
            SmtpDecision(
                *SCREEN, "", "reject", "connect", "", "", "192.0.2.9", 0, "",
                "too many connections", "", "", "", "",
            ),
        ),
        (f"{REJECT}550 no envelope", UnsupportedLine(*SCREEN, f"{REJECT}550 no envelope")),
    ],
)  # fmt: skip
def test_postscreen(text: str, expected: Record) -> None:
    check("postfix/postscreen", text, expected)


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("postfix/anvil", "statistics: max cache size 1 at Nov 24 09:01:07"),
        ("postfix/master", "daemon started -- version 3.7.11, configuration /etc/postfix"),
        ("postfix/postfix-script", "starting the Postfix mail system"),
        ("postfix/scache", "statistics: start interval Nov 24 09:07:34"),
        ("postfix/tlsproxy", "CONNECT from [192.0.2.9]:57119"),
        ("postfix/dnsblog", "addr 192.0.2.9 listed by domain dnsbl.example as 127.0.0.4"),
        ("postfix/verify", "cache btree:/var/lib/postfix/verify_cache full cleanup: retained=0"),
        ("opendkim", f"{ID}: DKIM-Signature field added (s=mail, d=example.org)"),
        ("opendmarc", f"{ID}: example.org pass"),
        ("policyd-spf", "prepend Received-SPF: Pass (mailfrom) identity=mailfrom"),
        ("postgrey", "action=greylist, reason=new, client_name=x, sender=a@b.example"),
        ("spamd", "spamd: result: Y 9 - RULE scantime=1.0"),
        ("dovecot", "lmtp(bob)<1><x>: msgid=<a@example.org>: saved mail to INBOX"),
        ("kernel", "[ 12.3] eth0: link up"),
        ("CRON", "(root) CMD (true)"),
        ("/usr/sbin/cron", "(root) CMD (true)"),
    ],
)
def test_programs_that_say_nothing(tag: str, text: str) -> None:
    assert isinstance(read(tag, text), NoticeLine)

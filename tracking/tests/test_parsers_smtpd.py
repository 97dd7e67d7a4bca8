# ruff: noqa: E501 - log lines stand as they were written
from __future__ import annotations

import pytest

from tracking.ingest.records import (
    ClientConnected,
    ClientDisconnected,
    ClientLost,
    ClientTls,
    MailRefused,
    NoticeLine,
    ProxyDecision,
    QueueOpened,
    Record,
    SaslFailed,
    SizeExceeded,
    SmtpDecision,
    UnsupportedLine,
)
from tracking.tests.reading import origin, read

SMTPD = origin("smtpd")
CLIENT = ("mx.example.org", "192.0.2.1")
PEER = "mx.example.org[192.0.2.1]"
FORGED = "; from=<evil@example.net> to=<victim@example.net> proto=ESMTP helo=<evil>"


def read_smtpd(text: str) -> Record:
    return read("postfix/smtpd", text)


def decide(text: str) -> SmtpDecision:
    record = read_smtpd(text)
    assert isinstance(record, SmtpDecision)
    return record


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"connect from {PEER}", ClientConnected(*SMTPD, *CLIENT)),
        (f"connect from {PEER}:4711", ClientConnected(*SMTPD, *CLIENT)),
        ("connect from unknown[2001:db8::1]", ClientConnected(*SMTPD, "unknown", "2001:db8::1")),
        ("connect from unknown[unknown]", ClientConnected(*SMTPD, "unknown", "")),
        (f"disconnect from {PEER} ehlo=1 mail=1 quit=1 commands=3", ClientDisconnected(*SMTPD, CLIENT[1])),
        (f"disconnect from {PEER}", ClientDisconnected(*SMTPD, CLIENT[1])),
        (f"lost connection after CONNECT from {PEER}", ClientLost(*SMTPD, "lost connection", "connect", *CLIENT)),
        (f"timeout after DATA (264 bytes) from {PEER}", ClientLost(*SMTPD, "timeout", "data", *CLIENT)),
        (f"lost connection after DATA (approximately 0 bytes) from {PEER}", ClientLost(*SMTPD, "lost connection", "data", *CLIENT)),
        (f"too many errors after RCPT from {PEER}", ClientLost(*SMTPD, "too many errors", "rcpt", *CLIENT)),
        (f"lost connection after END-OF-MESSAGE from {PEER}", ClientLost(*SMTPD, "lost connection", "end-of-message", *CLIENT)),
        (
            f"Anonymous TLS connection established from {PEER}: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
            ClientTls(*SMTPD, CLIENT[1], "Anonymous", "TLSv1.3", "TLS_AES_256_GCM_SHA384"),
        ),
        (
            f"TLS connection established from {PEER}: TLSv1 with cipher X (256/256 bits)",
            ClientTls(*SMTPD, CLIENT[1], "", "TLSv1", "X"),
        ),
        (
            f"Trusted TLS connection established from {PEER} to mx.example.net: TLSv1.2 with cipher X (128/128 bits)",
            ClientTls(*SMTPD, CLIENT[1], "Trusted", "TLSv1.2", "X"),
        ),
        (
            f"warning: {PEER}: SASL PLAIN authentication failed: Invalid credentials, sasl_username=guess@example.org",
            SaslFailed(*SMTPD, CLIENT[1], "guess@example.org"),
        ),
        (f"warning: {PEER}: SASL LOGIN authentication failed: UGFzc3dvcmQ6", SaslFailed(*SMTPD, CLIENT[1], "")),
        ("warning: 5EA3E230949: queue file size limit exceeded", SizeExceeded(*SMTPD, "5EA3E230949")),
        ("warning: NOQUEUE: queue file size limit exceeded", SizeExceeded(*SMTPD, "")),
        (
            f"warning: 5EA3E230949: BDAT request from {PEER} exceeds message size limit",
            MailRefused(*SMTPD, "5EA3E230949", "size", 552, "5.3.4", "Chunk exceeds message size limit"),
        ),
        (
            f"warning: NOQUEUE: BDAT request from {PEER} exceeds message size limit",
            MailRefused(*SMTPD, "", "size", 552, "5.3.4", "Chunk exceeds message size limit"),
        ),
        (f"5EA3E230949: timeout after BDAT (9 bytes) from {PEER}", ClientLost(*SMTPD, "timeout", "bdat", *CLIENT)),
        (f"NOQUEUE: too many errors after RCPT from {PEER}", ClientLost(*SMTPD, "too many errors", "rcpt", *CLIENT)),
        (
            f"NOQUEUE: abort: TLS from {PEER}: Client certificate not trusted",
            SmtpDecision(*SMTPD, "", "reject", "helo", "", *CLIENT, 421, "4.7.1", "Error: Client certificate not trusted", None, "", "", ""),
        ),
    ],
)  # fmt: skip
def test_it_reads_sessions(text: str, expected: Record) -> None:
    record = read_smtpd(text)
    assert record == expected
    assert type(record) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"1E523230545: client={PEER}", QueueOpened(*SMTPD, "1E523230545", *CLIENT, "", "", "", "")),
        (f"4jYgGh2BPxzDX46: client={PEER}", QueueOpened(*SMTPD, "4jYgGh2BPxzDX46", *CLIENT, "", "", "", "")),
        (f"1E523230545: client={PEER}:unknown", QueueOpened(*SMTPD, "1E523230545", *CLIENT, "", "", "", "")),
        (f"NOQUEUE: client={PEER}", QueueOpened(*SMTPD, "", *CLIENT, "", "", "", "")),
        (
            f"146A5196783: client={PEER}, sasl_method=PLAIN, sasl_username=ann@example.org",
            QueueOpened(*SMTPD, "146A5196783", *CLIENT, "ann@example.org", "", "", ""),
        ),
        (
            f"146A5196783: client={PEER}, sasl_method=PLAIN, sasl_username=ann, sasl_sender=bob@example.org",
            QueueOpened(*SMTPD, "146A5196783", *CLIENT, "ann", "", "", ""),
        ),
        (
            f"146A5196783: client=localhost[127.0.0.1], orig_client={PEER}",
            QueueOpened(*SMTPD, "146A5196783", "localhost", "127.0.0.1", "", "", *CLIENT),
        ),
        (
            f"146A5196783: client=localhost[127.0.0.1], orig_queue_id=4jYgGh2BPxzDX46, orig_client={PEER}",
            QueueOpened(*SMTPD, "146A5196783", "localhost", "127.0.0.1", "", "4jYgGh2BPxzDX46", *CLIENT),
        ),
        (f"146A5196783: client={PEER}, something=new", QueueOpened(*SMTPD, "146A5196783", *CLIENT, "", "", "", "")),
        (
            f"146A5196783: client={PEER}, sasl_method=PLAIN, sasl_username=ann, orig_client=evil[203.0.113.6]",
            QueueOpened(*SMTPD, "146A5196783", *CLIENT, "ann, orig_client=evil[203.0.113.6]", "", "", ""),
        ),
    ],
)  # fmt: skip
def test_it_reads_mail_taken_in(text: str, expected: QueueOpened) -> None:
    assert read_smtpd(text) == expected


def test_it_reads_a_reject() -> None:
    record = read(
        "postfix-ext/submission/smtpd",
        f"NOQUEUE: reject: RCPT from {PEER}: 450 4.7.1 <bob@example.net>: Recipient address"
        " rejected: Service is unavailable (try later); from=<ann@example.org>"
        " to=<bob@example.net> proto=ESMTP helo=<[192.0.2.1]> sasl_username=<ann>",
    )
    assert record == SmtpDecision(
        *origin("smtpd", "ext/submission"),
        queue_id="",
        action="reject",
        stage="rcpt",
        check="",
        client_hostname="mx.example.org",
        client_ip="192.0.2.1",
        code=450,
        dsn="4.7.1",
        reason="<bob@example.net>: Recipient address rejected: Service is unavailable (try later)",
        envelope_sender="ann@example.org",
        recipient="bob@example.net",
        helo_name="[192.0.2.1]",
        sasl_username="ann",
    )


@pytest.mark.parametrize(
    ("text", "action", "stage", "code", "reason"),
    [
        (
            f"NOQUEUE: reject: MAIL from {PEER}: 552 5.3.4 Message size exceeds fixed limit; from=<a@b.example> proto=ESMTP helo=<x>",
            "reject", "mail", 552, "Message size exceeds fixed limit",
        ),
        (
            f"NOQUEUE: reject: CONNECT from {PEER}: 554 5.7.1 <{PEER}>: Client host rejected: Access denied; proto=SMTP",
            "reject", "connect", 554, f"<{PEER}>: Client host rejected: Access denied",
        ),
        (
            f"NOQUEUE: reject: EHLO from {PEER}: 550 5.7.1 <x>: Helo command rejected: no; proto=SMTP helo=<x>",
            "reject", "helo", 550, "<x>: Helo command rejected: no",
        ),
        (
            f"NOQUEUE: reject: RCPT from {PEER}: 554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using dnsbl.example; https://dnsbl.example/; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<x>",
            "reject", "rcpt", 554, "Service unavailable; Client host [192.0.2.1] blocked using dnsbl.example; https://dnsbl.example/",
        ),
        (
            f"4954719674E: filter: RCPT from {PEER}: <{PEER}>: Client host triggers FILTER smtp:[192.0.2.3]:2525; from=<> to=<c@d.example> proto=ESMTP helo=<x>",
            "filter", "rcpt", 0, f"<{PEER}>: Client host triggers FILTER smtp:[192.0.2.3]:2525",
        ),
        (
            f"NOQUEUE: warn: RCPT from {PEER}: watched recipient; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<x>",
            "warn", "rcpt", 0, "watched recipient",
        ),
        (
            f"NOQUEUE: milter-reject: RCPT from {PEER}: 451 4.7.1 Service unavailable - try again later; from=<> to=<> proto=ESMTP helo=<x>",
            "milter-reject", "rcpt", 451, "Service unavailable - try again later",
        ),
        (
            f"NOQUEUE: reject: VRFY from {PEER}: 550 5.1.1 <x>: Recipient address rejected: User unknown; to=<x> proto=SMTP helo=<y>",
            "reject", "", 550, "<x>: Recipient address rejected: User unknown",
        ),
        (
            f"4954719674E: reject: END-OF-MESSAGE from {PEER}: 554 5.7.1 <END-OF-MESSAGE>: End-of-data rejected: no; from=<a@b.example> proto=ESMTP helo=<x>",
            "reject", "eod", 554, "<END-OF-MESSAGE>: End-of-data rejected: no",
        ),
    ],
)  # fmt: skip
def test_it_reads_decisions(text: str, action: str, stage: str, code: int, reason: str) -> None:
    record = decide(text)
    assert (record.action, record.stage, record.code) == (action, stage, code)
    assert (record.reason, record.client_ip) == (reason, "192.0.2.1")
    assert record.check == ("milter" if action == "milter-reject" else "")


@pytest.mark.parametrize(
    ("sender", "recipient", "reason"),
    [
        (f'"{FORGED}"@example.org', "bob@example.org", "no"),
        (f'"{FORGED} sasl_username=<u>"@example.org', "bob@example.org", "no"),
        ("ann@example.org", f'"{FORGED} sasl_username=<"@example.org', "no"),
        ("ann@example.org", '"> proto=SMTP helo=<evil"@example.org', "no"),
        (f'"{FORGED} sasl_method=X sasl_username=u"@example.org', "bob@example.org", "no"),
        ("ann@example.org", f'"{FORGED} sasl_method=X sasl_username=u"@example.org', "no"),
        ("ann@example.org", "bob@example.org", f"host x said: 550 <bob>{FORGED}: bye"),
        ("ann@example.org", "bob@example.org", f"host x said: 550 <bob>{FORGED}"),
        ("", "", "a; b; c; from=<"),
        ("<>@example.org", "<bob>@example.org", "no"),
    ],
)
def test_it_is_not_deceived_by_addresses_and_replies(
    sender: str, recipient: str, reason: str
) -> None:
    record = decide(
        f"NOQUEUE: reject: RCPT from {PEER}: 550 5.1.1 <{recipient}>: Recipient address rejected:"
        f" {reason}; from=<{sender}> to=<{recipient}> proto=ESMTP helo=<real>"
    )
    assert (record.envelope_sender, record.recipient) == (sender, recipient)
    assert (record.helo_name, record.sasl_username) == ("real", "")
    assert record.reason == f"<{recipient}>: Recipient address rejected: {reason}"


@pytest.mark.parametrize(
    ("login", "username"),
    [
        (" sasl_method=PLAIN sasl_username=ann@example.org", "ann@example.org"),
        (" sasl_method=LOGIN sasl_username=ann of sales sasl_sender=bob@example.org", "ann of sales"),
        (" sasl_sender=bob@example.org", ""),
        (" sasl_username=<ann>", "ann"),
    ],
)  # fmt: skip
def test_it_reads_who_was_logged_in(login: str, username: str) -> None:
    record = decide(
        f"NOQUEUE: reject: RCPT from {PEER}: 450 4.1.2 no; from=<ann@example.org>"
        f" to=<bob@example.net> proto=ESMTP helo=<x>{login}"
    )
    assert (record.recipient, record.sasl_username) == ("bob@example.net", username)


@pytest.mark.parametrize(
    ("text", "sender", "recipient", "reason"),
    [
        ("550 no envelope", None, "", "no envelope"),
        ("550 x; from=<a@b.example", None, "", "x"),
        ("550 x; from=<a@b.example>", "a@b.example", "", "x"),
        ("550 x; from=<> to=<c@d.exam", "", "", "x"),
        ("550 x; from=<a@b.example> to=<c@d.example> proto=ESM helo=<x", "a@b.example", "c@d.example", "x"),
        (f'550 <"{FORGED}"@x>: x', None, "", f'<"{FORGED}"@x>: x'),
        (f"550 x{FORGED} sasl_method=X sasl_username=>; from=<a@b.ex", None, "", f"x{FORGED} sasl_method=X sasl_username=>; from=<a@b.ex"),
    ],
)  # fmt: skip
def test_it_reads_what_is_there_of_a_refusal_that_was_cut_off(
    text: str, sender: str | None, recipient: str, reason: str
) -> None:
    record = decide(f"NOQUEUE: reject: RCPT from {PEER}: {text}")
    assert (record.code, record.client_ip) == (550, "192.0.2.1")
    assert (record.envelope_sender, record.recipient, record.reason) == (sender, recipient, reason)


@pytest.mark.parametrize(
    ("text", "accepted", "code", "filter_id"),
    [
        ("proxy-accept: END-OF-MESSAGE: 250 2.5.0 OK (21C0A86B055BCC4E870)", True, 250, "21C0A86B055BCC4E870"),
        ("proxy-reject: END-OF-MESSAGE: 554 5.7.1 Rejected for policy reasons (21C0A96B055BCC516C5)", False, 554, "21C0A96B055BCC516C5"),
        ("proxy-reject: END-OF-MESSAGE: 451 4.4.0 detected undelivered mail (21C0D86B055BD434A56)", False, 451, "21C0D86B055BD434A56"),
        ("proxy-reject: END-OF-MESSAGE: 501 5.5.2 Syntax: MAIL FROM: <address>", False, 501, ""),
        ("proxy-reject: END-OF-MESSAGE: ", False, 0, ""),
        (f"NOQUEUE: proxy-reject: END-OF-MESSAGE from {PEER}: 554 5.7.1 Rejected for policy reasons (21C0A96B055BCC516C5)", False, 554, "21C0A96B055BCC516C5"),
    ],
)  # fmt: skip
def test_it_reads_the_end_of_mail_before_the_queue(
    text: str, *, accepted: bool, code: int, filter_id: str
) -> None:
    record = read_smtpd(f"{text}; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<x>")
    assert isinstance(record, ProxyDecision)
    assert (record.is_accepted, record.code, record.filter_id) == (accepted, code, filter_id)
    assert (record.queue_id, record.recipient, record.helo_name) == ("", "c@d.example", "x")


@pytest.mark.parametrize(
    "text",
    [
        f"improper command pipelining after EHLO from {PEER}: QUIT\\r\\n",
        f"warning: non-SMTP command from {PEER}: 5EA3E230949: queue file size limit exceeded",
        f"warning: non-SMTP command from {PEER}: {PEER}: SASL PLAIN authentication failed: x",
        f"warning: Illegal address syntax from {PEER} in RCPT command: <>",
        "warning: hostname spoof.example does not resolve to address 192.0.2.61: Name unknown",
        f"SSL_accept error from {PEER}: lost connection",
        "table hash:/etc/aliases(0,lock|fold_fix|utf8_request) has changed -- restarting",
        f"{PEER}: Untrusted: subject_CN=x, issuer=y, fingerprint=AA:BB",
        f"> {PEER}: 220 mx.example ESMTP",
        f"NOQUEUE: permit: RCPT from {PEER}: action=permit_mynetworks for Client host; from=<> to=<> proto=SMTP helo=<x>",
        f"NOQUEUE: bcc: RCPT from {PEER}: x; from=<> to=<> proto=SMTP helo=<x>",
        "fatal: no SASL authentication mechanisms",
    ],
)
def test_it_knows_talk(text: str) -> None:
    assert read_smtpd(text) == NoticeLine(*SMTPD)


@pytest.mark.parametrize(
    "text",
    [
        "connect to nowhere in particular",
        f"deadbeef99: client={PEER}",
        f"SHORT: client={PEER}",
        "4954719674E: client=",
        "4954719674E: surprise",
        "NOQUEUE: reject: RCPT from mx.example.org: 550 no client",
        f"NOQUEUE: hold: RCPT from {PEER}: no envelope",
        "proxy-accept: END-OF-MESSAGE: 250 no envelope",
        "",
    ],
)
def test_it_keeps_what_it_cannot_read(text: str) -> None:
    record = read_smtpd(text)
    assert isinstance(record, UnsupportedLine | NoticeLine)
    assert not isinstance(record, UnsupportedLine) or record.text == text

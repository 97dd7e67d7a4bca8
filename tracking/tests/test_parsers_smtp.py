# ruff: noqa: E501 - log lines stand as they were written
from __future__ import annotations

import pytest

from tracking.ingest.records import (
    DeliveryAttempt,
    NoticeLine,
    Record,
    ServerTls,
    UnsupportedLine,
)
from tracking.tests.reading import origin, read

RELAY = "mx.example.org[192.0.2.5]:25"
FIELDS = f"relay={RELAY}, delay=0.4, delays=0.01/0.02/0/0.39, dsn=2.0.0"
FORGED = ", relay=evil[203.0.113.6]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 ok)"


def attempt(text: str, tag: str = "postfix/smtp") -> DeliveryAttempt:
    record = read(tag, text)
    assert isinstance(record, DeliveryAttempt)
    return record


def test_it_reads_a_delivery() -> None:
    text = f"4954719674E: to=<bob@example.org>, {FIELDS}, status=sent (250 2.0.0 Ok: queued as 9AD5F6051C)"
    assert read("postfix/relay/smtp", text) == DeliveryAttempt(
        *origin("smtp", "relay"),
        queue_id="4954719674E",
        recipient="bob@example.org",
        original_recipient="",
        relay=RELAY,
        relay_ip="192.0.2.5",
        relay_port="25",
        before_queue_seconds=0.01,
        in_queue_seconds=0.02,
        connect_seconds=0.0,
        transmit_seconds=0.39,
        dsn="2.0.0",
        status="sent",
        smtp_reply="250 2.0.0 Ok: queued as 9AD5F6051C",
        next_queue_id="9AD5F6051C",
        filter_id="",
    )


def test_it_reads_an_alias_and_a_used_connection() -> None:
    record = attempt(
        "4jYgGn3tHDzDX8V: to=<user5@example.org>, orig_to=<list@example.net>,"
        f" relay={RELAY}, conn_use=2, delay=0.13, delays=0.06/0.03/0.01/0.03, tls=may:none,"
        " dsn=2.0.0, status=sent (250 ok)"
    )
    assert record.original_recipient == "list@example.net"
    assert (record.queue_id, record.recipient) == ("4jYgGn3tHDzDX8V", "user5@example.org")


def test_it_reads_lines_of_old_postfix() -> None:
    record = attempt("4954719674E: to=<a@example.org>, relay=none, delay=3, status=deferred (x)")
    assert (record.dsn, record.before_queue_seconds, record.smtp_reply) == ("", -1.0, "x")


def test_it_reads_a_recipient_without_brackets() -> None:
    record = attempt(
        "4954719674E: to=root, relay=local, delay=0.05, delays=0.04/0/0/0.01, dsn=5.1.1,"
        ' status=bounced (unknown user: "root")',
        "postfix/local",
    )
    assert (record.recipient, record.relay, record.relay_ip) == ("root", "local", "")
    assert record.smtp_reply == 'unknown user: "root"'
    record = attempt(
        "4954719674E: to=ann@example.org, orig_to=root@localhost, relay=local, delay=0.05,"
        " dsn=2.0.0, status=sent (delivered to mailbox)",
        "postfix/local",
    )
    assert (record.recipient, record.original_recipient) == ("ann@example.org", "root@localhost")


def test_it_reads_long_delays() -> None:
    record = attempt(
        "4954719674E: to=<a@example.org>, relay=none, delay=4.3e+05,"
        " delays=4.3e+05/0.02/0/0, dsn=4.4.1, status=deferred (x)"
    )
    assert (record.before_queue_seconds, record.in_queue_seconds) == (430000.0, 0.02)


@pytest.mark.parametrize(
    ("relay", "ip", "port"),
    [
        ("mx.v6.example[2001:db8::1]:25", "2001:db8::1", "25"),
        ("192.0.2.4[192.0.2.4]:10024", "192.0.2.4", "10024"),
        ("mx1.example.org[private/dovecot-lmtp]", "", ""),
        ("none", "", ""),
        ("archive", "", ""),
        ("mx.example.org[999.0.2.5]:25", "", "25"),
    ],
)
def test_it_splits_relays(relay: str, ip: str, port: str) -> None:
    text = f"4954719674E: to=<a@example.org>, relay={relay}, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (ok)"
    record = attempt(text)
    assert (record.relay, record.relay_ip, record.relay_port) == (relay, ip, port)


@pytest.mark.parametrize(
    ("reply", "next_queue_id", "filter_id"),
    [
        ("250 2.0.0 Ok: queued as 9AD5F6051C", "9AD5F6051C", ""),
        ("250 2.0.0 Ok: queued as 4jYgGj2Fh4zDX5H", "4jYgGj2Fh4zDX5H", ""),
        ("250 2.0.0 Ok (queued as 9AD5F6051C).", "9AD5F6051C", ""),
        ("250 2.0.0 from MTA(smtp:[192.0.2.4]:10025): 250 2.0.0 Ok: queued as 4jYgGj2Fh4zDX5H", "4jYgGj2Fh4zDX5H", ""),
        ("forwarded as 4jYgH91L7QzDWPX", "4jYgH91L7QzDWPX", ""),
        ("250 2.5.0 OK (21C0156B0552BEEFB48)", "", "21C0156B0552BEEFB48"),
        ("250 2.7.0 BLOCKED (21C0156B0552BEEFB48)", "", "21C0156B0552BEEFB48"),
        ("250 queued as DEADBEEF by us", "", ""),
        ("250 queued as DEADBEEF for queued as a tale", "", ""),
        ("250 2.0.0 Ok: queued as DEAD", "", ""),
        ("250 2.0.0 Ok: queued as deadbeef00", "", ""),
        ("250 2.0.0 Ok: known as 9AD5F6051C", "", ""),
        ("250 2.0.0 Ok: queued as", "", ""),
        ("250 2.5.0 Fine (21C0156B0552BEEFB48)", "", ""),
        ("250 2.5.0 OK (21C0156B)", "", ""),
        ("250 2.5.0 OK (21C0156B0552BEEFB48) thanks", "", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_it_finds_ids_at_the_end_of_a_reply(reply: str, next_queue_id: str, filter_id: str) -> None:
    record = attempt(f"4954719674E: to=<a@example.org>, {FIELDS}, status=sent ({reply})")
    assert record.smtp_reply == reply
    assert (record.next_queue_id, record.filter_id) == (next_queue_id, filter_id)


def test_it_takes_no_next_id_from_a_refusal_or_a_cut_line() -> None:
    for ending in ("deferred (451 queued as 9AD5F6051C)", "sent (250 Ok: queued as 9AD5F6051"):
        record = attempt(f"4954719674E: to=<a@example.org>, {FIELDS}, status={ending}")
        assert record.next_queue_id == ""


def test_it_finds_the_filter_session_of_a_block_that_bounces() -> None:
    reply = (
        "host 127.0.0.1[127.0.0.1] said: 554 5.7.1 Rejected for policy reasons"
        " (21C1176B055BF33D1A4) (in reply to end of DATA command)"
    )
    record = attempt(f"4954719674E: to=<a@example.org>, {FIELDS}, status=bounced ({reply})")
    assert (record.filter_id, record.smtp_reply) == ("21C1176B055BF33D1A4", reply)


@pytest.mark.parametrize(
    "recipient",
    [
        '"x> relay=evil, status=sent (ok) l1"@example.org',
        f'"x>{FORGED}"@example.org',
        f'"x\\">{FORGED}"@example.org',
        '"a,b>c"@example.org',
        '"a\\"b"@example.org',
        "o'brien@example.org",
        "bang!percent{x}@example.org",
        "получатель24@example.org",
        'lone"quote@example.org',
        "",
    ],
)
def test_it_is_not_deceived_by_recipients(recipient: str) -> None:
    record = attempt(f"4954719674E: to=<{recipient}>, {FIELDS}, status=bounced (no such user)")
    assert record.recipient == recipient
    assert (record.relay, record.status, record.smtp_reply) == (RELAY, "bounced", "no such user")


def test_it_is_not_deceived_by_an_original_recipient() -> None:
    original = f'"x>{FORGED}"@example.net'
    record = attempt(
        f"4954719674E: to=<a@example.org>, orig_to=<{original}>, {FIELDS}, status=deferred (later)"
    )
    assert (record.original_recipient, record.status) == (original, "deferred")


def test_it_is_not_deceived_by_a_remote_reply() -> None:
    reply = (
        f"host {RELAY[:-3]} said: 550 5.1.1 <a@example.org>{FORGED}, status=sent"
        " (250 2.0.0 Ok: queued as 0123456789AB) (in reply to RCPT TO command)"
    )
    record = attempt(f"4954719674E: to=<a@example.org>, {FIELDS}, status=bounced ({reply})")
    assert (record.recipient, record.relay, record.status) == ("a@example.org", RELAY, "bounced")
    assert (record.smtp_reply, record.next_queue_id) == (reply, "")


@pytest.mark.parametrize(
    "text",
    [
        "4954719674E: to=<a@example.org>, relay=none, status=sent (ok)",
        f"4954719674E: to=<a@example.org>, {FIELDS}",
        f"4954719674E: to=<a@example.org {FIELDS}, status=sent (ok)",
        "4954719674E: to=<a@example.org>, relay=none, delay=1, delays=a/b/c/d, dsn=2.0.0, status=sent (ok)",
        "4954719674E: to=<a@example.org>, relay=none, delay=1, delays=nan/0/0/0, dsn=2.0.0, status=sent (ok)",
        "4954719674E: to=",
        "4954719674E: what is this",
        "what is this",
        f"warning4: to=<a@example.org>, {FIELDS}, status=sent (ok)",
    ],
)  # fmt: skip
def test_it_keeps_what_it_cannot_read(text: str) -> None:
    assert read("postfix/smtp", text) == UnsupportedLine(*origin("smtp"), text)


@pytest.mark.parametrize(
    "text",
    [
        "connect to mx.example.org[192.0.2.9]:25: Connection refused",
        "4954719674E: host mx.example.org[192.0.2.9] refused to talk to me: 421 4.3.2 no",
        "4954719674E: host mx.example.org[192.0.2.9] said: 450 to=<x> (in reply to RCPT TO command)",
        "4954719674E: lost connection with mx.example.org[192.0.2.9] while sending RCPT TO",
        "4954719674E: conversation with mx.example.org[192.0.2.9] timed out while sending RCPT TO",
        "4954719674E: enabling PIX workarounds: disable_esmtp for mx.example.org[192.0.2.9]:25",
        "4954719674E: passing <legal@example.net> to transport=local",
        "certificate verification failed for mx.example.org[192.0.2.9]:25: untrusted issuer",
        "SSL_connect error to mx.example.org[192.0.2.9]:25: -1",
        "mx.example.org[192.0.2.9]:25: re-using session with untrusted certificate",
        "server certificate verification failed for mx.example.org[192.0.2.9]:25: expired",
        "4954719674E: Cannot start TLS: handshake failure",
        "4954719674E: SASL [CACHED] authentication failed; server mx.example.org[192.0.2.9] said: 535",
        "4954719674E: replace: header Received: from x: Received: from y",
        "host mx.example.org[192.0.2.9] offers SMTPUTF8 support, but not 8BITMIME",
        "warning: no MX host for noaddr.example has a valid address record",
        "table hash:/etc/pmg/domains(0,lock|utf8_request) has changed -- restarting",
    ],
)
def test_it_knows_talk_on_the_way(text: str) -> None:
    assert read("postfix/smtp", text) == NoticeLine(*origin("smtp"))


def test_it_reads_tls_to_a_server() -> None:
    text = (
        "Untrusted TLS connection established to mx.example.org[2001:db8::5]:25: TLSv1.3 with"
        " cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519"
    )
    expected: Record = ServerTls(
        *origin("smtp"),
        "mx.example.org",
        "2001:db8::5",
        "Untrusted",
        "TLSv1.3",
        "TLS_AES_256_GCM_SHA384",
    )
    assert read("postfix/smtp", text) == expected


@pytest.mark.parametrize(
    "program", ["smtp", "lmtp", "local", "virtual", "pipe", "error", "discard", "qmgr", "cleanup"]
)
def test_every_agent_writes_the_same_shape(program: str) -> None:
    text = "4954719674E: to=<a@example.org>, relay=none, delay=1, delays=0/0/0/1, dsn=4.3.0, status=deferred (mail transport unavailable)"
    record = attempt(text, f"postfix/{program}")
    assert (record.program, record.status) == (program, "deferred")


@pytest.mark.parametrize("status", ["deliverable", "undeliverable", "undeliverable-but-not-cached"])
def test_it_reads_address_probes(status: str) -> None:
    assert (
        attempt(f"4954719674E: to=<a@example.org>, {FIELDS}, status={status} (x)").status == status
    )

# ruff: noqa: E501 - log lines stand as they were written
"""pmg-smtp-filter, pmgpolicy and pmgdaemon."""

from __future__ import annotations

import pytest

from tracking.ingest.records import (
    FilterAccepted,
    FilterBlocked,
    FilterConnected,
    FilterCopied,
    FilterFinished,
    FilterHeaders,
    FilterNdr,
    FilterQuarantined,
    FilterScore,
    FilterStarted,
    FilterVirus,
    NoticeLine,
    QuarantineActed,
    Record,
    UnsupportedLine,
)
from tracking.tests.reading import origin, read

FILTER = origin("pmg-smtp-filter")
DAEMON = origin("pmgdaemon")
FID = "21C0156B0552BEEFB48"
FILE = "21C07B6B0553EA23DFF"


def check(tag: str, text: str, expected: Record) -> None:
    record = read(tag, text)
    assert record == expected
    assert type(record) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("new mail message-id=<first.1@sender.example>", FilterStarted(*FILTER, FID, "<first.1@sender.example>")),
        ("new mail message-id=", FilterStarted(*FILTER, FID, "")),
        ("new mail message-id=no brackets (and, odd) chars", FilterStarted(*FILTER, FID, "no brackets (and, odd) chars")),
        ("new mail message-id=<a@example.org>#012", FilterStarted(*FILTER, FID, "<a@example.org>")),
        ("virus detected: Eicar-Signature.UNOFFICIAL (clamav)", FilterVirus(*FILTER, FID, "Eicar-Signature.UNOFFICIAL", is_heuristic=False)),
        ("virus detected: Heuristics.Encrypted.Zip (clamav)", FilterVirus(*FILTER, FID, "Heuristics.Encrypted.Zip", is_heuristic=True)),
        ("SA score=1/5 time=0.089 bayes=undefined autolearn=disabled hits=A(1.3),B(-0.001)", FilterScore(*FILTER, FID, 1.0, 5.0, "A(1.3),B(-0.001)")),
        ("SA score=0/5 time=0.089 bayes=0.99 autolearn=no autolearn_force=no hits=", FilterScore(*FILTER, FID, 0.0, 5.0, "")),
        ("accept mail to <bob@example.com> (1E523230545) (rule: default-accept)", FilterAccepted(*FILTER, FID, "bob@example.com", "1E523230545", "default-accept")),
        ("block mail to <a@b.example> (rule: Blockiert: Größe & Ümläute)", FilterBlocked(*FILTER, FID, "a@b.example", "Blockiert: Größe & Ümläute")),
        ("block mail to <a@b.example> (rule: a) (rule: b)", FilterBlocked(*FILTER, FID, "a@b.example", "a) (rule: b")),
        (
            f"moved mail for <bob@example.com> to spam quarantine - {FILE} (rule: Quarantine/Mark Spam (Level 3))",
            FilterQuarantined(*FILTER, FID, "bob@example.com", "spam", FILE, "Quarantine/Mark Spam (Level 3)"),
        ),
        (
            f'moved mail for <"> to spam quarantine - {FID} (rule: x)"@b.example> to virus quarantine - {FILE} (rule: y)',
            FilterQuarantined(*FILTER, FID, f'"> to spam quarantine - {FID} (rule: x)"@b.example', "virus", FILE, "y"),
        ),
        ("bcc to <archive@example.com> (rule: BCC archive (legal, 7y), 092B82308F2)", FilterCopied(*FILTER, FID, "bcc", "archive@example.com", "092B82308F2", "BCC archive (legal, 7y)")),
        ("bcc to <> (rule: Archive, ignored)", FilterCopied(*FILTER, FID, "bcc", "", "", "Archive")),
        ("bcc to <a@b.example> (rule: Archive) failed", FilterCopied(*FILTER, FID, "bcc", "a@b.example", "", "Archive")),
        ("notify <legal@example.net> (rule: Contract, notify legal, 57EAF230014)", FilterCopied(*FILTER, FID, "notify", "legal@example.net", "57EAF230014", "Contract, notify legal")),
        ("processing time: 0.189 seconds (0.089, 0.023, 0)", FilterFinished(*FILTER, FID, 0.189)),
        ("processing time: 2 seconds (0, 0, 0)", FilterFinished(*FILTER, FID, 2.0)),
        ("modified header 'subject' for <a@b.example>, <c@d.example> (rule: x)", NoticeLine(*FILTER)),
        ("removed attachment 3 ('accept mail to <x>', rule: y)", NoticeLine(*FILTER)),
        ("unable to parse message -    unexpected end of preamble", NoticeLine(*FILTER)),
        ("sender in user (bob@example.com) blocklist", NoticeLine(*FILTER)),
    ],
)  # fmt: skip
def test_it_reads_a_session(text: str, expected: Record) -> None:
    check("pmg-smtp-filter", f"{FID}: {text}", expected)


@pytest.mark.parametrize(
    ("sender", "recipients", "subject"),
    [
        ("sven@uni.example", ("olaf@example.org",), "Visit parts notes."),
        ("", ("a@example.org", "b@example.org"), ""),
        ('"> envelope-to=<x> from=y"@uni.example', ("olaf@example.org",), "x"),
        ("sven@uni.example", ("olaf@example.org",), 'to=<x@y.example>, status=sent (250 ok) " subject="b'),
    ],
)  # fmt: skip
def test_it_reads_headers(sender: str, recipients: tuple[str, ...], subject: str) -> None:
    text = (
        f"{FID}: mail-headers envelope-from=<{sender}> envelope-to=<{', '.join(recipients)}>"
        f' from=""Sven" <sven@uni.example>" to="x" subject="{subject}"'
    )
    check("pmg-smtp-filter", text, FilterHeaders(*FILTER, FID, sender, recipients, subject))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sent NDR for rejecting recipients - 876BB230003", FilterNdr(*FILTER, "876BB230003")),
        ("sending NDR for rejecting recipients failed", NoticeLine(*FILTER)),
        (f"reject mail {FID}", NoticeLine(*FILTER)),
        (
            '2026/11/24-09:01:07 CONNECT TCP Peer: "[127.0.0.1]:50444" Local: "[127.0.0.1]:10024"',
            FilterConnected(*FILTER, "10024"),
        ),
        ("2026/11/24-09:02:50 Server closing!", NoticeLine(*FILTER)),
        ("fast exit because of errors (free 248639488 bytes)", NoticeLine(*FILTER)),
        ("DBI connect('dbname=x',...) failed: could not connect#012#011Is it running", NoticeLine(*FILTER)),
        ("WARNING: message: _normalize() was given characters", NoticeLine(*FILTER)),
        ("a foreign line", UnsupportedLine(*FILTER, "a foreign line")),
        (f"{FID}: something new", UnsupportedLine(*FILTER, f"{FID}: something new")),
        (f"{FID}: accept mail to <x> (SHORT) (rule: y)", UnsupportedLine(*FILTER, f"{FID}: accept mail to <x> (SHORT) (rule: y)")),
        ("DEADBEEF: accept mail to <x> (1E523230545) (rule: y)", UnsupportedLine(*FILTER, "DEADBEEF: accept mail to <x> (1E523230545) (rule: y)")),
    ],
)  # fmt: skip
def test_it_reads_what_names_no_session(text: str, expected: Record) -> None:
    check("pmg-smtp-filter", text, expected)


@pytest.mark.parametrize(
    "text",
    ["SPF says pass", "defer greylisted mail", "found 2 expired mails in greylisting database"],
)
def test_the_policy_daemon_names_no_mail(text: str) -> None:
    check("pmgpolicy", text, NoticeLine(*origin("pmgpolicy")))


@pytest.mark.parametrize(
    ("text", "action", "recipient"),
    [
        (f"delivered quarantined mail 'C0R53T159010120' (/var/spool/pmg/spam/FF/{FILE}) to ann@example.com", "delivered", "ann@example.com"),
        (f"delivered quarantined mail 'C0R53T159010120' (/var/spool/pmg/spam/FF/{FILE})", "delivered", ""),
        (f"delivered quarantined mail 'C0R53T159010120' (/var/spool/pmg/spam/FF/{FILE}) to \ufffdllice@example.com", "delivered", "\ufffdllice@example.com"),
        (f"marked quarantined mail 'C0R53T159010120' as deleted (/var/spool/pmg/spam/FF/{FILE}) for ann@example.com", "deleted", "ann@example.com"),
        (f"quarantined mail 'C0R53T159010120' (/var/spool/pmg/spam/FF/{FILE}) has already been delivered or marked as deleted for ann@example.com!", "repeated", "ann@example.com"),
        (f"deliver quarantined mail 'C0R53T159010120' (/var/spool/pmg/spam/FF/{FILE}) to ann@example.com failed: ", "failed", "ann@example.com"),
        (f"delete quarantined mail 'C0R53T159010120' (/var/spool/pmg/spam/FF/{FILE}) for ann@example.com failed: gone", "failed", "ann@example.com"),
    ],
)  # fmt: skip
def test_the_daemon_acts_on_the_quarantine(text: str, action: str, recipient: str) -> None:
    check("pmgdaemon", text, QuarantineActed(*DAEMON, action, "C0R53T159010120", FILE, recipient))


@pytest.mark.parametrize("text", ["successful auth for user 'qm@pmg'", "worker 2834 started"])
def test_the_daemon_says_more(text: str) -> None:
    check("pmgdaemon", text, NoticeLine(*DAEMON))

"""The whole pipeline against the truth of two real runs: every recipient right.

isp-lab: four Postfix relays and amavis. pmg: Proxmox's filter, after-queue and before-queue. The
truth was recorded by the senders and the receiving servers, not taken from the logs.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import UTC, datetime
from queue import Queue
from typing import Any

import pytest
from celery.signals import task_postrun

from tracking.ingest.store.lookup import reset_caches
from tracking.intake import add_segment
from tracking.tasks import process_source
from tracking.tests.support import cut, deliveries, ingest, make_source, rejections, unpack
from tracking.tests.test_order import of_whole_seconds

HOSTS = ("smtp-ext", "smtp-pre", "smtp-tr", "mx1")

# What the logs of isp-lab cannot tell, by kind of mail.
UNLOGGED_REJECTIONS = {
    "rcptlimit": "smtpd answers 452 to the recipients over the limit without a line in the log",
}
# What the log of pmg cannot tell, or its truth does not know: (phase, kind) and why.
PMG_UNDECIDED = {
    ("A", "out-local"): "delivered to the alias of root, which the truth does not follow",
    ("A", "two-msgid"): "delivered; the truth looks for the first of two Message-IDs",
    ("A", "no-msgid"): "delivered; the truth cannot find mail without a Message-ID",
    ("C", "bq-no-msgid"): "delivered; the truth cannot find mail without a Message-ID",
    ("E5", "db-down-virus"): "the log says quarantined, the file is there, PMG's table has no row",
    ("E6", "verify-nouser"): "deleted from the queue before any line named its recipient",
    ("E6", "verify-ok"): "two mails with one Message-ID, and one was deleted unnamed",
}

Row = dict[str, Any]


def truth(name: str) -> list[Row]:
    return [json.loads(line) for line in unpack(name).decode().splitlines()]


def by_first_hop(rows: list[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row["hops"][0])].append(row)
    return found


def wrong_recipients(mails: list[Row], rows: list[Row], refused: list[Row]) -> list[Any]:
    """Every recipient of isp-lab whose answer is not the true one."""
    exported = by_first_hop(rows)
    by_message_id: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_message_id[row["message_id"]].append(row)
    wrong: list[Any] = []
    for mail in mails:
        if mail["queue_id"]:
            found = exported.get((mail["host"], mail["queue_id"]), [])
            found = [r for r in found if r["envelope_sender"] in {mail["sender"], None}]
        else:
            found = by_message_id.get(mail["message_id"], [])
        for wanted in mail["recipients"]:
            problem = problem_with(mail, wanted, found, refused)
            if problem:
                wrong.append((mail["lab_id"], mail["kind"], wanted["rcpt"], problem))
    return wrong


def problem_with(mail: Row, wanted: Row, found: list[Row], refused: list[Row]) -> str:
    result = wanted["result"]
    if result == "rejected":
        return "" if is_refused(mail, wanted, refused) else "no such rejection"
    if result == "lost":
        # The client vanished before the end: no recipient was logged, no mail may be shown.
        return "shown as mail" if any(r["disposition"] == "delivered" for r in found) else ""
    own = [r for r in found if wanted["rcpt"] in (r["recipient"], r["original_recipient"])]
    if not own:
        return "not found"
    for row in own:
        problem = problem_with_row(wanted, row)
        if problem:
            return problem
    hops = wanted.get("hops")
    if hops and not all(row["hops"] in hops for row in own):
        return f"hops {own[0]['hops']}, not {hops}"
    return ""


def problem_with_row(wanted: Row, row: Row) -> str:
    words = {"sent": {"delivered"}, "queued": {"queued", "held", "deferred"}}
    if row["disposition"] not in words.get(wanted["result"], {wanted["result"]}):
        return f"{row['disposition']}, not {wanted['result']}"
    if wanted["result"] == "quarantined":
        kind = row["quarantine_kind"]
        return "" if kind == wanted["category"] else f"{kind}, not {wanted['category']}"
    if wanted.get("dsn") and row["dsn"] != wanted["dsn"]:
        return f"dsn {row['dsn']}, not {wanted['dsn']}"
    return ""


def is_refused(mail: Row, wanted: Row, refused: list[Row]) -> bool:
    if mail["kind"] in UNLOGGED_REJECTIONS:
        return True
    return any(
        row["host"] == mail["host"]
        and row["client_ip"] == mail["client_ip"]
        and row["recipient"] in (wanted["rcpt"], None)
        and row["code"] == wanted["code"]
        and row["stage"] == wanted["stage"]
        for row in refused
    )


@pytest.fixture
def lab_logs() -> dict[str, bytes]:
    return {host: unpack(f"isp-lab/{host}.log.xz") for host in HOSTS}


@pytest.mark.django_db(transaction=True)
def test_it_gives_every_recipient_of_the_lab_the_right_ending(
    lab_logs: dict[str, bytes], celery_worker: object
) -> None:
    """Files of four relays, each its own source, processed by a Celery worker."""
    reset_caches()
    sources = []
    for host, raw in lab_logs.items():
        source = make_source(host)
        for part in cut(raw, 300_000):
            add_segment(source, part)
        sources.append(source)
    ended: Queue[str] = Queue()

    def note(task_id: str, **_: object) -> None:
        ended.put(task_id)

    task_postrun.connect(note)
    for source in sources:
        process_source.delay(source.pk)
    for _ in sources:
        ended.get(timeout=120)
    mails = truth("isp-lab/truth.jsonl.xz")
    assert wrong_recipients(mails, deliveries(), rejections()) == []
    assert sum(len(mail["recipients"]) for mail in mails) == 3967


@pytest.mark.django_db
@pytest.mark.parametrize("order", [HOSTS, HOSTS[::-1], ("smtp-pre", "mx1", "smtp-ext", "smtp-tr")])
def test_it_does_not_matter_which_relay_is_read_first(
    order: tuple[str, ...], lab_logs: dict[str, bytes]
) -> None:
    for host in order:
        ingest(lab_logs[host], host)
    wrong = wrong_recipients(truth("isp-lab/truth.jsonl.xz"), deliveries(), rejections())
    assert wrong == []


@pytest.mark.django_db
def test_it_does_not_matter_where_the_segments_are_cut(lab_logs: dict[str, bytes]) -> None:
    """The same answers from one central log of all relays, cut anywhere."""
    lines = sorted(line for raw in lab_logs.values() for line in raw.splitlines(keepends=True))
    ingest(b"".join(lines), "central", segment_bytes=17_001)
    wrong = wrong_recipients(truth("isp-lab/truth.jsonl.xz"), deliveries(), rejections())
    assert wrong == []


def pmg_rows(rows: list[Row], outcome: Row) -> list[Row]:
    """The exported rows of a mail: by the queue id or filter id it was answered with."""
    reply = outcome["data_reply"] or ""
    queued = re.search(r"queued as (\w+)|\(([0-9A-F]{16,25})\)", reply)
    name = (queued[1] or queued[2]) if queued else ""
    own = [row for row in rows if row["hops"][0][1] == name]
    if not own:
        own = [
            row
            for row in rows
            if row["message_id"] == outcome["msgid"]
            and abs(datetime.fromisoformat(row["first_seen"]).timestamp() - outcome["t"]) < 100
        ]
    wanted = outcome["rcpt"].lower()
    return [
        row
        for row in own
        if wanted in (row["recipient"].lower(), (row["original_recipient"] or "").lower())
    ]


def pmg_problem(outcome: Row, rows: list[Row], refused: list[Row]) -> str:
    words = outcome["outcome"]
    codes = [word.split()[-1] for word in words if word.startswith("rejected")]
    if codes:
        return "" if is_pmg_refused(outcome, int(codes[0]), refused) else "no such rejection"
    own = pmg_rows(rows, outcome)
    if not own:
        return "" if not outcome["data_reply"] else "not found"
    row = own[0]
    kinds = {"S": "spam", "V": "virus", "A": "attachment"}
    held = [kinds[w.split("-")[1][0]] for w in words if w.startswith("quarantine")]
    if held and row["quarantine_kind"] != held[0]:
        return f"{row['quarantine_kind']}, not {held[0]}"
    if held and held[0] != "attachment":
        return "" if row["disposition"] == "quarantined" else row["disposition"]
    if "delivered" in words:
        return "" if row["disposition"] == "delivered" else row["disposition"]
    return row["disposition"] if row["disposition"] in {"delivered", "quarantined"} else ""


def is_pmg_refused(outcome: Row, code: int, refused: list[Row]) -> bool:
    return any(
        row["code"] == code
        and row["client_ip"] == outcome["client_ip"]
        and row["recipient"] in (outcome["rcpt"], None)
        for row in refused
    ) or any(
        # A before-queue refusal names the first recipient only.
        row["code"] == code
        and row["envelope_sender"] == outcome["mail_from"]
        and row["stage"] == "eod"
        for row in refused
    )


@pytest.mark.django_db
@pytest.mark.parametrize("segment_bytes", [0, 40_000])
def test_it_gives_every_recipient_of_pmg_the_right_ending(segment_bytes: int) -> None:
    ingest(unpack("pmg/syslog.xz"), "pmg", segment_bytes=segment_bytes)
    rows, refused = deliveries(), rejections()
    outcomes = truth("pmg/outcomes.jsonl.xz")
    wrong = {
        (outcome["phase"], outcome["kind"]): problem
        for outcome in outcomes
        if (problem := pmg_problem(outcome, rows, refused))
    }
    assert {name: text for name, text in wrong.items() if name not in PMG_UNDECIDED} == {}
    assert len(outcomes) == 925


@pytest.mark.django_db
def test_it_counts_lines_that_come_by_two_ways_once(lab_logs: dict[str, bytes]) -> None:
    """The relays' own logs and a central log of the same lines, cut at other places."""
    for host, raw in lab_logs.items():
        ingest(raw, host, segment_bytes=700_000)
    before = (deliveries(), rejections())
    lines = sorted(line for raw in lab_logs.values() for line in raw.splitlines(keepends=True))
    ingest(b"".join(lines), "central", segment_bytes=250_000)
    assert (deliveries(), rejections()) == before


@pytest.mark.django_db
@pytest.mark.parametrize("is_filter_first", [True, False])
def test_it_gives_the_right_endings_with_the_filter_on_a_host_of_its_own(
    lab_logs: dict[str, bytes], *, is_filter_first: bool
) -> None:
    """Its lines are a source of their own, read before or after all relays."""
    lines = lab_logs["mx1"].splitlines(keepends=True)
    judged = [line for line in lines if b" amavis[" in line]
    own = b"".join(line for line in lines if b" amavis[" not in line)
    sources = [*lab_logs.items(), ("mx1", own)]
    scan = b"".join(judged).replace(b" mx1 ", b" scan ")
    sources.insert(0 if is_filter_first else len(sources), ("scan", scan))
    for source, raw in sources:
        if raw is not lab_logs["mx1"]:
            ingest(raw, source)
    wrong = wrong_recipients(truth("isp-lab/truth.jsonl.xz"), deliveries(), rejections())
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("is_exact_first", [True, False])
def test_it_counts_lines_once_when_one_way_has_whole_seconds(
    lab_logs: dict[str, bytes], *, is_exact_first: bool
) -> None:
    """A central log of RFC 3164 beside the relays' own."""
    lines = sorted(line for raw in lab_logs.values() for line in raw.splitlines(keepends=True))
    ways = [*lab_logs.items(), ("central", b"".join(of_whole_seconds(lines)))]
    for source, raw in ways if is_exact_first else reversed(ways):
        ingest(raw, source, reference_at=datetime(2026, 11, 24, 23, tzinfo=UTC))
    rows, refused = deliveries(), rejections()
    assert wrong_recipients(truth("isp-lab/truth.jsonl.xz"), rows, refused) == []
    hops = [(*row["hops"][0], row["recipient"]) for row in rows]
    assert len(hops) == len(set(hops))
    assert len(refused) == 274


@pytest.mark.django_db
def test_it_counts_lines_once_when_the_two_ways_overlap_in_time(
    lab_logs: dict[str, bytes],
) -> None:
    """The central log is half read, the relays' own logs are read, the rest comes after."""
    lines = sorted(line for raw in lab_logs.values() for line in raw.splitlines(keepends=True))
    half = len(lines) // 2
    ingest(b"".join(lines[:half]), "central")
    for host, raw in lab_logs.items():
        ingest(raw, host)
    ingest(b"".join(lines[half:]), "central")
    rows = deliveries()
    assert wrong_recipients(truth("isp-lab/truth.jsonl.xz"), rows, rejections()) == []
    hops = [(*row["hops"][0], row["recipient"]) for row in rows]
    assert len(hops) == len(set(hops))

"""Segments of several sources in one batch: the same answers as one after the other."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from itertools import zip_longest

import pytest
from django.db import transaction

from tracking.ingest.bulk import Batch
from tracking.ingest.parallel import SerialRunner
from tracking.ingest.pipeline import process_batch
from tracking.ingest.segments import parse_segment
from tracking.ingest.store.lookup import reset_caches
from tracking.intake import add_segment
from tracking.models import FilterVerdict, LogSource
from tracking.tests.mail_log import DAY, QUARANTINED, one_mail
from tracking.tests.support import cut, deliveries, ingest, make_source, rejections
from tracking.tests.test_logs import LOGS, NAMES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Of the test before, which was taken back."""
    reset_caches()


def by_host(text: str) -> dict[str, str]:
    found: dict[str, str] = defaultdict(str)
    for line in text.splitlines(keepends=True):
        found[line.split(" ")[1]] += line
    return found


FILTER_ELSEWHERE = "72_filters_on_another_host"
# Stamps of RFC 3339, so that the host is the second word.
LOGS_OF_SEVERAL_HOSTS = [
    name
    for name in NAMES
    if (text := (LOGS / f"{name}.log").read_text()).startswith("20") and len(by_host(text)) > 1
]


def answers() -> list[list[str]]:
    return [sorted(json.dumps(row) for row in rows) for rows in (deliveries(), rejections())]


def process(parts: dict[str, list[bytes]]) -> None:
    """Each source's segments side by side with those of the others."""
    numbers: list[list[tuple[int, int]]] = []
    for name, raws in parts.items():
        source = make_source(name)
        numbers.append([(source.pk, add_segment(source, raw).number) for raw in raws])
    runner = SerialRunner([pairs[0][0] for pairs in numbers], lambda _done: None)
    for taken in zip_longest(*numbers):
        batch: Batch = [pair for pair in taken if pair is not None]
        runner.take(batch)
    runner.finish()


def test_there_are_logs_of_several_hosts() -> None:
    assert len(LOGS_OF_SEVERAL_HOSTS) >= 3


@pytest.mark.parametrize("name", LOGS_OF_SEVERAL_HOSTS)
@pytest.mark.parametrize("seed", range(6))
def test_batches_of_any_cut_give_the_same_answers(name: str, seed: int) -> None:
    text = (LOGS / f"{name}.log").read_text()
    with transaction.atomic():
        ingest(text)
        expected = answers()
        transaction.set_rollback(True)
    reset_caches()
    chance = random.Random(seed)  # noqa: S311
    hosts = list(by_host(text).items())
    chance.shuffle(hosts)
    process({host: list(cut(part.encode(), chance.randint(1, 2000))) for host, part in hosts})
    assert answers() == expected


@pytest.mark.parametrize("is_filter_first", [True, False])
@pytest.mark.parametrize("segment_bytes", [0, 1])
def test_what_a_filter_elsewhere_kept_is_known_whichever_source_is_read_first(
    *, is_filter_first: bool, segment_bytes: int
) -> None:
    """And once, though the mail's own source is read on after the verdict."""
    hosts = by_host((LOGS / f"{FILTER_ELSEWHERE}.log").read_text())
    for host in sorted(hosts, reverse=is_filter_first):
        ingest(hosts[host], host, segment_bytes=segment_bytes)
    found = {row["message_id"]: row for row in deliveries()}
    assert found["<rs@out.example>"]["disposition"] == "delivered"
    held = found["<am@out.example>"]
    assert (held["disposition"], held["quarantine_kind"]) == ("quarantined", "spam")
    assert FilterVerdict.objects.filter(quarantine_id__gt="").count() == 1


def test_a_verdict_on_a_mail_of_another_message_id_is_not_for_this_one() -> None:
    text = (LOGS / f"{FILTER_ELSEWHERE}.log").read_text()
    hosts = by_host(text.replace("Message-ID: <am@out.example>", "Message-ID: <other@out.example>"))
    for host, part in hosts.items():
        ingest(part, host)
    (held,) = (row for row in deliveries() if row["message_id"] == "<am@out.example>")
    assert held["disposition"] == "discarded"


def test_sources_that_share_a_host_count_its_lines_once() -> None:
    raw = [QUARANTINED.encode()]
    process({"central": raw, "own": raw})
    assert [row["disposition"] for row in deliveries()] == ["quarantined"]


def test_a_mail_joins_a_hop_that_is_only_kept() -> None:
    """The filter's session is open, so its mail is at hand again, but has no line in this batch."""
    received = QUARANTINED.replace("unknown[198.19.153.26]", "out1.example[198.19.153.26]")
    handed = one_mail(
        "3A1B2C4D5E",
        "<spam@notice.example>",
        stamp=f"{DAY}T03:30:00.000000+00:00",
        recipient="dewi@satu.example",
        sender="offers@notice.example",
        reply="250 2.0.0 Ok: queued as A49BB28FC4",
    )
    later = one_mail("A49BB28FC9", host="mx1", stamp=f"{DAY}T03:31:00.000000+00:00")
    process({"mx1": [received.encode(), later.encode()], "out1": [b"\n", handed.encode()]})
    mail = next(row for row in deliveries() if row["message_id"] == "<spam@notice.example>")
    assert mail["hops"] == [["out1", "3A1B2C4D5E"], ["mx1", "A49BB28FC4"]]
    assert mail["disposition"] == "quarantined"


def test_a_segment_that_is_not_the_next_is_left_out() -> None:
    source = make_source()
    first, second = (
        add_segment(source, one_mail(queue_id).encode())
        for queue_id in ("4A00000001", "4A00000002")
    )
    assert process_batch([parse_segment(source, second)]).lines == 0
    assert process_batch([parse_segment(source, first)]).lines == 7
    assert process_batch([parse_segment(source, first)]).lines == 0
    assert LogSource.objects.get().next_to_process == 2
    assert len(deliveries()) == 1


def test_a_mail_joins_one_that_waited_for_days_and_is_stored() -> None:
    """Handed over long after it came, in another source's lines, which were read before."""
    hosts = by_host((LOGS / "79_handed_over_days_later.log").read_text())
    for host in ("smtp-ext", "smtp-pre"):
        ingest(hosts[host], host)
    (mail,) = deliveries()
    assert mail["hops"] == [["smtp-ext", "3A1B2C4D01"], ["smtp-pre", "5B1B2C4D02"]]
    assert mail["disposition"] == "bounced"

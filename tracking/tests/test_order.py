"""Where segments are cut and how processes' lines are interleaved does not matter."""

from __future__ import annotations

import json
import random
from collections import defaultdict, deque
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracking.ingest.pipeline import run_source
from tracking.ingest.store.lookup import reset_caches
from tracking.intake import add_segment
from tracking.tests.support import deliveries, make_source, rejections
from tracking.tests.test_logs import LOGS, NAMES, notices

pytestmark = pytest.mark.django_db

# Lines with microseconds, to move them by less than a second.
EXACT = [
    name
    for name in NAMES
    if "time_zone" not in json.loads((LOGS / f"{name}.json").read_text())
    and (LOGS / f"{name}.log").read_bytes().startswith(b"2")
]
JITTER = 0.1
TIMES = ("first_seen", "last_seen")
many = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
Answers = list[list[str]]


def answers(parts: list[bytes], *, without: tuple[str, ...] = ()) -> Answers:
    """What comes of these segments, in a database that is as it was before."""
    with transaction.atomic():
        reset_caches()
        source = make_source()
        for part in parts:
            add_segment(source, part)
        run_source(source.pk)
        mails = [{k: v for k, v in row.items() if k not in without} for row in deliveries()]
        found = [sorted(map(_said, rows)) for rows in (mails, rejections(), notices())]
        transaction.set_rollback(True)
    return found


def _said(row: Any) -> str:
    return json.dumps(row, sort_keys=True)


def interleave(lines: list[bytes], seed: int) -> list[bytes]:
    """Each line up to JITTER later, but those of one process in their order."""
    chance = random.Random(seed)  # noqa: S311
    processes: dict[tuple[bytes, bytes], deque[bytes]] = defaultdict(deque)
    moved = []
    for line in lines:
        stamp, host, tag, _ = line.split(b" ", 3)
        processes[host, tag].append(line)
        at = datetime.fromisoformat(stamp.decode()).timestamp() + chance.uniform(0, JITTER)
        moved.append((at, (host, tag)))
    moved.sort()
    return [processes[process].popleft() for _, process in moved]


@cache
def answers_to_all(name: str, *, without: tuple[str, ...] = ()) -> Answers:
    """Of the log in one segment; always the same, so asked for once."""
    return answers([b"".join(lines_of(name))], without=without)


def lines_of(name: str) -> list[bytes]:
    return (LOGS / f"{name}.log").read_bytes().splitlines(keepends=True)


@many
@given(name=st.sampled_from(EXACT), data=st.data())
def test_any_cut_into_segments_gives_the_same_answers(name: str, data: st.DataObject) -> None:
    lines = lines_of(name)
    ends = sorted(data.draw(st.sets(st.integers(1, len(lines)), max_size=8)) | {len(lines)})
    parts = [b"".join(lines[a:b]) for a, b in zip([0, *ends], ends, strict=False)]
    assert answers(parts) == answers_to_all(name)


@many
@given(name=st.sampled_from(EXACT), seed=st.integers(0, 2**32))
def test_lines_of_processes_may_overtake_each_other(name: str, seed: int) -> None:
    """A mail's times may be those of the lines read first and last, so off by as much."""
    lines = lines_of(name)
    moved = interleave(lines, seed)
    wanted = answers_to_all(name, without=TIMES)
    assert answers([b"".join(moved)], without=TIMES) == wanted
    assert answers(moved, without=TIMES) == wanted


def of_whole_seconds(lines: list[bytes]) -> list[bytes]:
    """As RFC 3164 has them, in the order that they have."""
    written = []
    for line in lines:
        stamp, rest = line.split(b" ", 1)
        at = datetime.fromisoformat(stamp.decode())
        written.append(f"{at:%b} {at.day:2} {at:%H:%M:%S} ".encode() + rest)
    return written


@many
@given(name=st.sampled_from(EXACT), seed=st.integers(0, 2**32))
def test_lines_of_whole_seconds_may_overtake_each_other(name: str, seed: int) -> None:
    lines = lines_of(name)
    moved = of_whole_seconds(interleave(lines, seed))
    wanted = answers([b"".join(of_whole_seconds(lines))], without=TIMES)
    assert answers([b"".join(moved)], without=TIMES) == wanted


def test_it_says_when_mail_came_although_its_first_line_is_read_last() -> None:
    lines = lines_of("38_lines_out_of_order")
    opening = next(number for number, line in enumerate(lines) if b"client=" in line)
    late = [b"".join(lines[:opening]), b"".join(lines[opening:])]
    assert answers(late) == answers([b"".join(lines)])

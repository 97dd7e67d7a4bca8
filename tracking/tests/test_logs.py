"""What a log says, as pairs of files: logs/NN_behaviour.log and what must come of it in .json.

The .json names for each delivery and rejection the fields that matter, and under ``notices``
[kind, host, queue id, host and queue id of the mail that it is about] for what is not plain mail.
Every pair is read whole, line by line, and each host by itself, the last one first.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tracking.choices import MessageKind
from tracking.tests.support import deliveries, ingest, rejections

LOGS = Path(__file__).parent / "logs"
NAMES = sorted(path.stem for path in LOGS.glob("*.log"))
Row = dict[str, Any]
Ingest = Callable[..., object]

_NOTICES = """
SELECT m.kind, l.name, h.queue_id, k.name, a.queue_id
FROM tracking_message m
JOIN tracking_hop h ON h.id = m.id
JOIN tracking_relay l ON l.id = h.relay_id
LEFT JOIN tracking_hop a ON a.id = m.related_id
LEFT JOIN tracking_relay k ON k.id = a.relay_id
WHERE m.kind <> 0 OR m.related_id IS NOT NULL
ORDER BY m.received_at, m.id
"""


def notices() -> list[list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(_NOTICES)
        return [[MessageKind(kind).name.lower(), *rest] for kind, *rest in cursor.fetchall()]


def left_over(wanted: list[Row], rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """What is wanted and not there, and what is there and not wanted."""
    missing, rest = [], list(rows)
    for want in wanted:
        found = [row for row in rest if all(row[name] == want[name] for name in want)]
        if found:
            rest.remove(found[0])
        else:
            missing.append(want)
    return missing, rest


def read_whole(raw: bytes, **options: Any) -> None:
    ingest(raw, **options)


def read_line_by_line(raw: bytes, **options: Any) -> None:
    ingest(raw, segment_bytes=1, **options)


def read_hosts_by_themselves(raw: bytes, **options: Any) -> None:
    """The last host first."""
    hosts: dict[bytes, list[bytes]] = defaultdict(list)
    for line in raw.splitlines(keepends=True):
        is_bsd = line[3:4] == b" "
        hosts[line.split()[3 if is_bsd else 1]].append(line)
    for host, lines in reversed(hosts.items()):
        ingest(b"".join(lines), host.decode(), **options)


@pytest.mark.django_db
@pytest.mark.parametrize("read", [read_whole, read_line_by_line, read_hosts_by_themselves])
@pytest.mark.parametrize("name", NAMES)
def test_it_understands_the_log(name: str, read: Ingest) -> None:
    wanted = json.loads((LOGS / f"{name}.json").read_text())
    options = {"time_zone": wanted.get("time_zone", "UTC")}
    if "reference_at" in wanted:
        options["reference_at"] = datetime.fromisoformat(wanted["reference_at"])
    read((LOGS / f"{name}.log").read_bytes(), **options)
    assert left_over(wanted["deliveries"], deliveries()) == ([], [])
    assert left_over(wanted["rejections"], rejections()) == ([], [])
    assert sorted(map(str, notices())) == sorted(map(str, wanted["notices"]))


def test_there_is_a_pair_for_each_behaviour() -> None:
    assert sorted(path.stem for path in LOGS.glob("*.json")) == NAMES
    assert len(NAMES) >= 35

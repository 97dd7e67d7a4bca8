"""Which hosts a source may speak for: whoever can push a line could name any number of them."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from tracking.ingest.correlator import RELEVANT
from tracking.ingest.records import UnsupportedLine
from tracking.models import LogSource

MAX_HOSTS = 200
_REFUSED = "refused"
_HOST = itemgetter(1)


def admit_hosts(source: LogSource, records: list[Any]) -> list[Any]:
    """Lines about mail of other hosts become unsupported lines; they stay in their segment.

    With a list of allowed hosts the others are refused; without one, those beyond MAX_HOSTS, in
    the order in which they came. ``source.hosts`` gets the new ones.
    """
    named = dict.fromkeys(_HOST(record) for record in records if type(record) in RELEVANT)
    known = set(source.hosts)
    new = [host for host in named if host not in known]
    if source.allowed_hosts:
        refused = named.keys() - set(source.allowed_hosts)
        words = "host is not allowed"
    else:
        refused = set(new[max(MAX_HOSTS - len(known), 0) :])
        words = "too many hosts"
    source.hosts = [*source.hosts, *(host for host in new if host not in refused)]
    if not refused:
        return records
    return [
        _refuse(record, words) if type(record) in RELEVANT and record[1] in refused else record
        for record in records
    ]


def _refuse(record: Any, words: str) -> UnsupportedLine:
    """Counted by the reason; quoted, so that every host has the same shape."""
    host = record.host.replace('"', "_")[:255]
    return UnsupportedLine(record.at, record.host, "", _REFUSED, "", f'{words}: "{host}"')

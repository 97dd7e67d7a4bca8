"""Which hosts a source may speak for: whoever can push a line could name any number of them."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from tracking.ingest.records import UnsupportedLine
from tracking.ingest.segments import ParsedSegment
from tracking.models import LogSource

MAX_HOSTS = 200
_REFUSED = "refused"
_HOST = itemgetter(1)


def admit_hosts(source: LogSource, parsed: ParsedSegment) -> None:
    """Lines about mail of other hosts become unsupported lines; they stay in their segment.

    With a list of allowed hosts the others are refused; without one, those beyond MAX_HOSTS, in
    the order in which they came. ``source`` must know the hosts of all segments before.
    """
    known = set(source.hosts)
    if source.allowed_hosts:
        refused = parsed.hosts - set(source.allowed_hosts)
        words = "host is not allowed"
    elif len(known | parsed.hosts) > MAX_HOSTS:
        new = [host for host in dict.fromkeys(map(_HOST, parsed.items)) if host not in known]
        refused = set(new[max(MAX_HOSTS - len(known), 0) :])
        words = "too many hosts"
    else:
        return
    if refused:
        parsed.unsupported += [_refuse(r, words) for r in parsed.items if r.host in refused]
        parsed.items = [record for record in parsed.items if record.host not in refused]
        parsed.hosts -= refused


def _refuse(record: Any, words: str) -> UnsupportedLine:
    """Counted by the reason; quoted, so that every host has the same shape."""
    host = record.host.replace('"', "_")[:255]
    return UnsupportedLine(record.at, record.host, "", _REFUSED, "", f'{words}: "{host}"')

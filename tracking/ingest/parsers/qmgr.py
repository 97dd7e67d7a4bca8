"""qmgr: the life of a queue id.

    QID: from=<F>, size=20499, nrcpt=1 (queue active)
    QID: from=<F>, status=expired, returned to sender
    QID: from=<F>, status=force-expired, returned to sender
    QID: removed
    QID: to=<R>, relay=none, delay=..., dsn=4.4.1, status=deferred (...)     (qmgr's own verdict)
    QID: skipped, still being delivered

The sender is the client's text and may be quoted: it ends where the rest fits.
"""

from __future__ import annotations

import re

from tracking.ingest.header import Origin
from tracking.ingest.parsers import smtp
from tracking.ingest.parsers.notices import parse_chatter
from tracking.ingest.parsers.reading import is_queue_id, new
from tracking.ingest.records import QueueActive, QueueExpired, QueueRemoved, Record

_ACTIVE = re.compile(
    r"from=<(.*)>, size=([0-9]{1,18}), nrcpt=([0-9]{1,9}) \(queue active\)", re.DOTALL
).fullmatch
_EXPIRED = {"expired, returned to sender": False, "force-expired, returned to sender": True}


def parse(origin: Origin, text: str) -> Record:
    """A line of qmgr or oqmgr."""
    queue_id, _, rest = text.partition(": ")
    if not is_queue_id(queue_id):
        return parse_chatter(origin, text)
    if rest == "removed":
        return new(QueueRemoved, (*origin, queue_id))
    if rest.startswith("from=<"):
        return _parse_from(origin, queue_id, rest) or parse_chatter(origin, text)
    return smtp.parse(origin, text)


def _parse_from(origin: Origin, queue_id: str, rest: str) -> Record | None:
    if match := _ACTIVE(rest):
        sender, size, count = match.groups()
        return new(QueueActive, (*origin, queue_id, sender, int(size), int(count)))
    sender, _, status = rest[6:].rpartition(">, status=")
    if status in _EXPIRED:
        return QueueExpired(*origin, queue_id, sender, _EXPIRED[status])
    return None

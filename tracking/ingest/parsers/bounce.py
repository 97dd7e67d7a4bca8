"""bounce: notifications tied to the mail they are about.

QID: sender non-delivery notification: CHILD
QID: sender delay notification: CHILD
QID: sender delivery status notification: CHILD
QID: postmaster non-delivery notification: CHILD
"""

from __future__ import annotations

from tracking.ingest.header import Origin
from tracking.ingest.parsers.notices import parse_chatter
from tracking.ingest.parsers.reading import is_queue_id
from tracking.ingest.records import NotificationSent, Record

_KINDS = {"non-delivery": "bounce", "delay": "delay", "delivery status": "success"}


def parse(origin: Origin, text: str) -> Record:
    """A line of bounce, defer or trace (one program, ``bounce``)."""
    queue_id, _, rest = text.partition(": ")
    words, _, child = rest.partition(" notification: ")
    receiver, _, kind = words.partition(" ")
    if (
        is_queue_id(queue_id)
        and is_queue_id(child)
        and kind in _KINDS
        and receiver in {"sender", "postmaster"}
    ):
        to_postmaster = receiver == "postmaster"
        return NotificationSent(*origin, queue_id, _KINDS[kind], to_postmaster, child)
    return parse_chatter(origin, text)

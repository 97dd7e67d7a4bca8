"""pickup and postsuper: local submission, requeued mail, and what the administrator did.

pickup[220]: QID: uid=0 from=<root@example.org>
pickup[220]: QID: uid=102 from=<F> orig_id=OLD
postsuper[777]: QID: removed | requeued | placed on hold | released from hold | expired
postsuper[777]: Deleted: 1 message
"""

from __future__ import annotations

from tracking.ingest.header import Origin
from tracking.ingest.parsers.notices import parse_chatter
from tracking.ingest.parsers.reading import is_queue_id
from tracking.ingest.records import NoticeLine, PickedUp, QueueManaged, Record

_ACTIONS = {
    "removed": "deleted",
    "requeued": "requeued",
    "placed on hold": "held",
    "released from hold": "released",
    "expired": "expired",
}
_TOTALS = (
    "Deleted: ", "Requeued: ", "Placed on hold: ", "Released from hold: ", "Expired: ",
    "Force-expired: ",
    "Renamed ", "name mismatch", "scanning ", "fixed ", "skipping ", "bogus ", "orphaned ",
)  # fmt: skip


def parse_pickup(origin: Origin, text: str) -> Record:
    """A line of pickup. A local user may choose any sender, so the line is read from its end."""
    queue_id, _, rest = text.partition(": ")
    uid, opening, rest = rest.partition(" from=<")
    if not (is_queue_id(queue_id) and uid.startswith("uid=") and opening):
        return parse_chatter(origin, text)
    if rest.endswith(">"):
        return PickedUp(*origin, queue_id, rest[:-1], "")
    sender, _, orig_id = rest.rpartition("> orig_id=")
    if is_queue_id(orig_id):
        return PickedUp(*origin, queue_id, sender, orig_id)
    return parse_chatter(origin, text)


def parse_postsuper(origin: Origin, text: str) -> Record:
    """A line of postsuper."""
    queue_id, _, rest = text.partition(": ")
    if is_queue_id(queue_id) and rest in _ACTIONS:
        return QueueManaged(*origin, queue_id, _ACTIONS[rest])
    if text.startswith(_TOTALS):
        return NoticeLine(*origin)
    return parse_chatter(origin, text)

"""pmgdaemon and pmgproxy: what was done with quarantined mail.

delivered quarantined mail 'C0R53T159010120' (/var/spool/pmg/spam/FF/21C07B6B0553EA23DFF) to R
marked quarantined mail 'C0R53T159010121' as deleted (/var/spool/pmg/...) for R
quarantined mail 'C0R67T29983879' (/var/spool/pmg/...) has already been delivered
    or marked as deleted for R
deliver quarantined mail 'C0R15T17900450' (/var/spool/pmg/...) to R failed: ERROR
delete quarantined mail 'C0R15T17900450' (/var/spool/pmg/...) for R failed: ERROR
"""

from __future__ import annotations

import re

from tracking.ingest.header import Origin
from tracking.ingest.records import NoticeLine, QuarantineActed, Record

_ROW = r"quarantined mail '(C[0-9]{1,18}R[0-9]{1,18}T[0-9]{1,18})'"
_FILE = r"\((?:[^\s()]{0,300}/)?([0-9A-F]{1,40})\)"
_SHAPES = {
    "delivered": re.compile(rf"delivered {_ROW} {_FILE}(?: to (.*))?", re.DOTALL),
    "deleted": re.compile(rf"marked {_ROW} as deleted {_FILE}(?: for (.*))?", re.DOTALL),
    "repeated": re.compile(
        rf"{_ROW} {_FILE} has already been delivered or marked as deleted(?: for (.*?)!?)?",
        re.DOTALL,
    ),
    "failed": re.compile(
        rf"(?:deliver|delete) {_ROW} {_FILE} (?:to|for) (.*?) failed: .*", re.DOTALL
    ),
}


def parse(origin: Origin, text: str) -> Record:
    """A line of pmgdaemon: all but the quarantine's are about logins and the daemon itself."""
    if "quarantined mail '" in text[:30]:
        for action, shape in _SHAPES.items():
            if match := shape.fullmatch(text):
                return QuarantineActed(*origin, action, match[1], match[2], match[3] or "")
    return NoticeLine(*origin)

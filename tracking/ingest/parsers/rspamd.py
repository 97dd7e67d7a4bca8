"""rspamd: one line for each mail.

    <a1b2c3>; task; rspamd_task_write_log: id: <MID>, qid: <QID>, ip: 192.0.2.1, user: U,
        from: <F>, (default: F (no action): [1.00/15.00] [RULE(1.00){},RULE2(0.00){x;y;}]),
        len: 100, time: 10ms, ...

rspamd replaces blanks in a message id, so the first ``>, qid: <`` is its own.
"""

from __future__ import annotations

import re

from tracking.ingest.header import Origin
from tracking.ingest.parsers.reading import find_path_end, is_queue_id, read_ip
from tracking.ingest.records import NoticeLine, Record, RspamdVerdict, UnsupportedLine

_TASK = re.compile(r".{0,120}?rspamd_task_write_log: id: <", re.DOTALL)
_FIELDS = re.compile(
    r"(\S{0,1000}?)>(?:, qid: <([^\s<>]{0,30})>)?, ip: (unknown|[0-9A-Fa-f:.]{0,45})"
    r"(?:, user: [^,<>]{0,300})?(?:, (?:smtp_)?from: <)?"
)
_RESULT = re.compile(
    r", \((?:[A-Za-z_]{1,40}): [A-Z] \(([a-z ]{1,30})\):"
    r" \[(-?[0-9]{1,9}(?:\.[0-9]{1,9})?)/(-?[0-9]{1,9}(?:\.[0-9]{1,9})?)\] \["
)


def parse(origin: Origin, text: str) -> Record:
    """A line of rspamd: a verdict, or anything else it has to say."""
    task = _TASK.match(text)
    if task is None:
        return NoticeLine(*origin)
    fields = _FIELDS.match(text, task.end())
    if fields is None:
        return UnsupportedLine(*origin, text)
    sender_end = find_path_end(text, fields.end()) if fields[0].endswith("<") else -1
    result = _RESULT.search(text, max(sender_end, fields.end()), fields.end() + 5000)
    if result is None:
        return UnsupportedLine(*origin, text)
    queue_id = fields[2] if is_queue_id(fields[2] or "") else ""
    sender = text[fields.end() : sender_end] if sender_end > 0 else ""
    return RspamdVerdict(
        *origin,
        queue_id,
        f"<{fields[1]}>",
        read_ip(fields[3]),
        sender,
        result[1],
        float(result[2]),
        float(result[3]),
        _read_rules(text[result.end() :]),
    )


def _read_rules(text: str) -> str:
    """The rules up to the ``])`` that ends them; their options may hold brackets."""
    return text.partition("]), len: ")[0].removesuffix("])")

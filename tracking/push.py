"""Pushed log lines: the body of a request to raw lines, bounded, and into a segment."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from datetime import UTC, datetime
from typing import IO, Any

from django.utils.crypto import constant_time_compare

from tracking.choices import SourceKind
from tracking.models import LogSegment, LogSource
from tracking.services import store_segment

MAX_BYTES = 16 * 1024 * 1024
_MAX_MEMBERS = 1000
_RAW = ("message", "log", "MESSAGE", "msg")
_PROGRAM = ("appname", "app_name", "programname", "ident", "SYSLOG_IDENTIFIER")
_HOST = ("host", "hostname", "_HOSTNAME")
_PID = ("procid", "pid", "SYSLOG_PID", "_PID")
_TIME = ("timestamp", "time", "date", "@timestamp")
_BAD_TOKEN = re.compile(r"[^\x21-\x7e]+")


class BadBody(Exception):
    """The body is not what its headers say; the text says where."""


class BodyTooLarge(Exception):
    """More than MAX_BYTES, as sent or unpacked."""


class SequenceConflict(Exception):
    """This sequence number was sent before with other lines."""


def source_by_token(name: str, token: str) -> LogSource | None:
    """The push source that has this token; an unknown name costs what a wrong token does."""
    source = push_source(name)
    known = source.token_digest if source is not None else ""
    is_right = constant_time_compare(token_digest(token), known)
    return source if is_right and known else None


def push_source(name: str) -> LogSource | None:
    """The push source of this name."""
    return LogSource.objects.defer("carry").filter(name=name, kind=SourceKind.PUSH).first()


def token_digest(token: str) -> str:
    """What is stored of a token: random enough to need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def read_body(stream: IO[bytes], *, is_gzip: bool) -> bytes:
    """The body, unpacked; never holds more than MAX_BYTES of it, whatever was sent."""
    sent = stream.read(MAX_BYTES + 1)
    if len(sent) > MAX_BYTES:
        raise BodyTooLarge
    return _gunzip(sent) if is_gzip else sent


def _gunzip(sent: bytes) -> bytes:
    """All members of a gzip file, as ``cat a.gz b.gz`` makes them."""
    parts: list[bytes] = []
    left = MAX_BYTES
    while sent:
        if len(parts) >= _MAX_MEMBERS:
            raise BadBody("The gzip body has too many members.")
        member = zlib.decompressobj(wbits=31)
        try:
            part = member.decompress(sent, left + 1)
        except zlib.error as error:
            raise BadBody(f"The body is not gzip: {error}.") from error
        if len(part) > left:
            raise BodyTooLarge
        if not member.eof:
            raise BadBody("The gzip body is cut off.")
        left -= len(part)
        parts.append(part)
        sent = member.unused_data
    return b"".join(parts)


def lines_of_json(body: bytes) -> bytes:
    """NDJSON, or one JSON array of objects, as raw syslog lines."""
    lines = []
    for number, item in _objects(body):
        if not isinstance(item, dict):
            raise BadBody(f"Line {number}: not a JSON object.")
        lines.append(_line(item, number))
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _objects(body: bytes) -> list[tuple[int, Any]]:
    if body.lstrip()[:1] == b"[":
        return list(enumerate(_load(body, "The body"), 1))
    return [
        (number, _load(line, f"Line {number}"))
        for number, line in enumerate(body.split(b"\n"), 1)
        if line.strip()
    ]


def _load(text: bytes, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadBody(f"{where}: not JSON ({error}).") from error


def _line(item: dict[str, Any], number: int) -> str:
    """The raw line of an object; one that names its program is put together from its fields."""
    text = _first(item, _RAW)
    if not isinstance(text, str):
        raise BadBody(f"Line {number}: no text under {', '.join(_RAW)}.")
    # A line feed inside a message would begin a line of its own: written as rsyslog does.
    text = text.rstrip("\r\n").replace("\r\n", "#012").replace("\n", "#012")
    program = _first(item, _PROGRAM)
    if not program:
        return text
    host = _token(_first(item, _HOST), 255)
    moment = _moment(item)
    if not host or moment is None:
        raise BadBody(f"Line {number}: {program!r} needs a timestamp and a host, too.")
    pid = _token(_first(item, _PID), 20) or "-"
    stamp = moment.isoformat().replace("+00:00", "Z")
    return f"<22>1 {stamp} {host} {_token(program, 100)} {pid} - - {text}"


def _first(item: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((item[name] for name in names if item.get(name) not in (None, "")), None)


def _token(value: Any, limit: int) -> str:
    """A header field of RFC 5424: no blanks, nothing but ASCII."""
    return _BAD_TOKEN.sub("_", str(value))[:limit] if value is not None else ""


def _moment(item: dict[str, Any]) -> datetime | None:
    value = _first(item, _TIME)
    if value is None and item.get("__REALTIME_TIMESTAMP"):
        return _from_epoch(item["__REALTIME_TIMESTAMP"], 1e-6)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_epoch(value, 1.0)
    try:
        moment = datetime.fromisoformat(str(value))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _from_epoch(value: Any, unit: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(value) * unit, UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def receive_segment(source: LogSource, raw: bytes, sequence: str | None) -> LogSegment:
    """Store the lines and start their processing; returns when they are committed.

    Raises SequenceConflict. A broker that is away does no harm: beat looks for what waits.
    """
    segment = store_segment(source, raw, sequence=sequence)
    if segment.digest != hashlib.sha256(raw).hexdigest():
        raise SequenceConflict
    return segment

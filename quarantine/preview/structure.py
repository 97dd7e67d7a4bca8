"""The MIME tree of a mail, read leniently and within limits; no recursion, nothing is copied.

The standard library's parser builds every part before anybody can say stop, and a mail of nested
parts exhausts its stack.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from quarantine.preview.headers import (
    RawHeader,
    decode_base64,
    header_text,
    parse_parameters,
)
from quarantine.preview.limits import Limits
from quarantine.preview.model import Cut, CutNote

_HEADER = re.compile(rb"([!-9;-~]{1,200})[ \t]*:((?:[^\n]*+(?:\n[ \t][^\n]*+)*+))(?:\n|\Z)")
_NO_HEADER = re.compile(rb"\r?\n")
_END_OF_HEADERS = re.compile(rb"\n\r?\n")
_MBOX_LINE = re.compile(rb">?From [^\n]*\n")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}")


@dataclass(slots=True)
class Reading:
    """What is left of the limits while one mail is read, and what was cut."""

    limits: Limits
    parts: int = 0
    boundary_lines: int = 0
    decoded_bytes: int = 0
    cuts: dict[Cut, CutNote] = field(default_factory=dict)

    def cut(self, kind: Cut, limit: int = 0) -> None:
        self.cuts.setdefault(kind, CutNote(kind, limit))


@dataclass(frozen=True, slots=True)
class Entity:
    """A mail or a part: ``source[start:end]`` is its body."""

    source: bytes
    start: int
    end: int
    headers: list[RawHeader]
    path: str
    depth: int

    def header(self, name: bytes) -> str:
        """The first header of that name as text, or nothing."""
        for header in self.headers:
            if header.name.lower() == name:
                return header_text(header.value)
        return ""

    def content(self) -> tuple[str, dict[str, str]]:
        """Content-Type and its parameters; what is no type is text (RFC 2045 5.2)."""
        main, parameters = parse_parameters(self.header(b"content-type"), Limits())
        return (main if _TYPE.fullmatch(main) else "text/plain"), parameters

    def decoded(self, reading: Reading) -> bytes | None:
        """The body without its transfer encoding; None when the mail's budget is used up."""
        if reading.decoded_bytes + self.end - self.start > reading.limits.decoded_bytes:
            reading.cut(Cut.DECODED_BYTES, reading.limits.decoded_bytes)
            return None
        data = self.source[self.start : self.end]
        encoding = self.header(b"content-transfer-encoding").lower().strip()
        if encoding == "base64":
            data = decode_base64(data)
        elif encoding == "quoted-printable":
            data = binascii.a2b_qp(data)
        reading.decoded_bytes += len(data)
        return data


def read_mail(raw: bytes, reading: Reading) -> Iterator[Entity]:
    """The mail itself, then its parts that hold no parts, in their order.

    A mail inside the mail comes as a part too, before what it holds.
    """
    if len(raw) > reading.limits.mail_bytes:
        reading.cut(Cut.MAIL_BYTES, reading.limits.mail_bytes)
        raw = raw[: reading.limits.mail_bytes]
    top = _entity(raw, 0, len(raw), "", 0, reading)
    yield top
    waiting = [top]
    while waiting:
        entity = waiting.pop()
        inner = _inner(entity, reading)
        if inner is None:
            yield entity
        else:
            if _is_mail(entity):
                yield entity
            waiting.extend(reversed(inner))


def _inner(entity: Entity, reading: Reading) -> list[Entity] | None:
    """The parts of a part; None when it has none or they are not looked at."""
    content_type, parameters = entity.content()
    is_multipart = content_type.startswith("multipart/")
    if not is_multipart and not _is_mail(entity):
        return None
    if entity.depth >= reading.limits.depth:
        reading.cut(Cut.DEPTH, reading.limits.depth)
        return None
    if not is_multipart:
        data = entity.decoded(reading)
        return None if data is None else _one(data, entity, reading)
    parts = list(_parts(entity, parameters.get("boundary", ""), reading))
    if not parts:
        reading.cut(Cut.BOUNDARY)
        return None
    return parts


def _is_mail(entity: Entity) -> bool:
    return entity.content()[0] in ("message/rfc822", "message/global") and entity.path != ""


def _one(data: bytes, outer: Entity, reading: Reading) -> list[Entity]:
    return [_entity(data, 0, len(data), f"{outer.path}.1", outer.depth + 1, reading)]


def _parts(outer: Entity, boundary: str, reading: Reading) -> Iterator[Entity]:
    """Parts between the boundary's lines; the last may end with the mail."""
    number = 0
    begin: int | None = None
    for line_start, line_end, is_last in _boundary_lines(outer, boundary, reading):
        if begin is not None:
            if reading.parts >= reading.limits.parts:
                reading.cut(Cut.PARTS, reading.limits.parts)
                return
            number += 1
            yield _part(outer, begin, line_start, number, reading)
        begin = None if is_last else line_end
        if is_last:
            return
    if begin is not None and reading.parts < reading.limits.parts:
        yield _part(outer, begin, outer.end, number + 1, reading)


def _part(outer: Entity, start: int, end: int, number: int, reading: Reading) -> Entity:
    path = f"{outer.path}.{number}" if outer.path else str(number)
    return _entity(outer.source, start, max(start, end), path, outer.depth + 1, reading)


def _boundary_lines(
    outer: Entity, boundary: str, reading: Reading
) -> Iterator[tuple[int, int, bool]]:
    """(end of what is before, beginning of what follows, is the closing one)."""
    source = outer.source
    mark = b"--" + boundary.encode("latin-1", "replace")
    position = source.find(mark, outer.start, outer.end) if boundary else -1
    while position >= 0:
        reading.boundary_lines += 1
        if reading.boundary_lines > reading.limits.boundary_lines:
            reading.cut(Cut.PARTS, reading.limits.parts)
            return
        newline = source.find(b"\n", position, outer.end)
        line_end = outer.end if newline < 0 else newline + 1
        rest = source[position + len(mark) : min(line_end, position + len(mark) + 200)].strip()
        if rest in (b"", b"--") and (position == 0 or source[position - 1] == 0x0A):
            yield _without_newline(source, outer.start, position), line_end, rest == b"--"
        position = source.find(mark, max(line_end - 1, position + len(mark)), outer.end)


def _without_newline(source: bytes, start: int, end: int) -> int:
    """The newline before a boundary belongs to the boundary (RFC 2046 5.1.1)."""
    if end > start and source[end - 1] == 0x0A:
        end -= 1
        if end > start and source[end - 1] == 0x0D:
            end -= 1
    return end


def _entity(source: bytes, start: int, end: int, path: str, depth: int, reading: Reading) -> Entity:
    """Header lines, then the body; a line that is no header begins the body."""
    reading.parts += 1
    limits = reading.limits
    headers: list[RawHeader] = []
    position = start
    mbox = _MBOX_LINE.match(source, position, end)
    position = mbox.end() if mbox else position
    while match := _HEADER.match(source, position, end):
        if len(headers) >= limits.headers:
            reading.cut(Cut.HEADERS, limits.headers)
            blank = _END_OF_HEADERS.search(source, position - 1, end)
            return Entity(source, blank.end() if blank else end, end, headers, path, depth)
        value_start, value_end = match.span(2)
        if value_end - value_start > limits.header_bytes:
            reading.cut(Cut.HEADER_BYTES, limits.header_bytes)
            value_end = value_start + limits.header_bytes
        headers.append(RawHeader(match[1], source[value_start:value_end]))
        position = match.end()
    blank_line = _NO_HEADER.match(source, position, end)
    body = blank_line.end() if blank_line else position
    return Entity(source, body, end, headers, path, depth)

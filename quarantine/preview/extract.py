"""One attachment's bytes out of a mail, by the place that the preview names (``1.2``, ``1.u1``)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from quarantine.preview.attached import describe, uuencoded_file
from quarantine.preview.charsets import decode
from quarantine.preview.headers import parse_parameters
from quarantine.preview.limits import DEFAULT, MIB, Limits
from quarantine.preview.model import Attachment, Cut
from quarantine.preview.structure import Entity, Reading, read_mail

# A preview looks at less; this is asked for one file.
LIMITS = replace(DEFAULT, mail_bytes=200 * MIB, decoded_bytes=200 * MIB)
_PLACE = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,4}){0,20})(?:\.u([0-9]{1,4}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Extracted:
    """An attachment as the preview describes it, and its decoded bytes."""

    attachment: Attachment
    data: bytes


def is_place(text: str) -> bool:
    """Whether it can be the place of a part."""
    return _PLACE.fullmatch(text) is not None


def extract(raw: bytes, place: str, limits: Limits = LIMITS) -> Extracted | None:
    """None when there is no such part, or not the whole of it. Takes time: see ``isolation``."""
    match = _PLACE.fullmatch(place)
    if match is None:
        return None
    reading = Reading(limits)
    parts = read_mail(raw, reading)
    next(parts)
    part = next((item for item in parts if (item.path or "1") == match[1]), None)
    # What reaches the end of a mail that was cut is not whole.
    if part is None or (Cut.MAIL_BYTES in reading.cuts and part.end >= limits.mail_bytes):
        return None
    data = part.decoded(reading)
    if data is None:
        return None
    return _uuencoded(part, data, place, int(match[2])) if match[2] else _named(part, data, place)


def _named(part: Entity, data: bytes, place: str) -> Extracted:
    content_type, parameters = part.content()
    _disposition, named = parse_parameters(part.header(b"content-disposition"), DEFAULT)
    name = named.get("filename") or parameters.get("name", "")
    return Extracted(describe(place, name, content_type, data, len(data), DEFAULT), data)


def _uuencoded(part: Entity, data: bytes, place: str, number: int) -> Extracted | None:
    text, _charset = decode(data, part.content()[1].get("charset", ""))
    found = uuencoded_file(text.replace("\r\n", "\n"), number)
    if found is None:
        return None
    name, inner = found
    return Extracted(describe(place, name, "", inner, len(inner), DEFAULT), inner)

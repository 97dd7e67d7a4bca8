"""Parts that are listed and never opened: attachments, and files inside plain text (uuencode)."""

from __future__ import annotations

import binascii
import hashlib
import re

from quarantine.preview.kinds import (
    UNKNOWN,
    has_double_ending,
    is_disguised,
    is_executable,
    real_type,
)
from quarantine.preview.limits import Limits
from quarantine.preview.model import Attachment, Warn
from quarantine.preview.visible import has_hidden, has_mixed_scripts, visible_line

_UUENCODED = re.compile(
    r"^begin(?:-base64)? [0-7]{3,4} ([^\n]{1,200})\n((?:[^\n]{0,80}\n)*?)(?:end|====)[ \t]*$",
    re.MULTILINE,
)


def describe(
    path: str, name: str, declared: str, data: bytes | None, size: int, limits: Limits
) -> Attachment:
    """What a part says it is, and what it is; without ``data`` only the former is known."""
    real = UNKNOWN if data is None else real_type(data)
    return Attachment(
        path=path,
        name=visible_line(name[: limits.name]),
        declared_type=visible_line(declared),
        real_type=real,
        size_bytes=size,
        sha256="" if data is None else hashlib.sha256(data).hexdigest(),
        warnings=tuple(_warnings(name, declared, real)),
    )


def _warnings(name: str, declared: str, real: str) -> list[Warn]:
    found = {
        Warn.EXECUTABLE: is_executable(name, real),
        Warn.DISGUISED: is_disguised(declared, real),
        Warn.DOUBLE_EXTENSION: has_double_ending(name),
        Warn.HIDDEN_CHARACTERS: has_hidden(name),
        Warn.MIXED_SCRIPTS: has_mixed_scripts(name),
    }
    return [warning for warning, is_so in found.items() if is_so]


def take_uuencoded(text: str, path: str, limits: Limits) -> tuple[str, list[Attachment]]:
    """The text with a line where each file was, and the files."""
    found: list[Attachment] = []

    def replace(match: re.Match[str]) -> str:
        name, data = match[1].strip(), _uudecode(match[2])
        place = f"{path}.u{len(found) + 1}"
        found.append(describe(place, name, UNKNOWN, data, len(data), limits))
        return f"[{name}]"

    return _UUENCODED.sub(replace, text), found


def uuencoded_file(text: str, number: int) -> tuple[str, bytes] | None:
    """Name and bytes of the file that ``take_uuencoded`` calls ``.uNUMBER``."""
    for count, match in enumerate(_UUENCODED.finditer(text), 1):
        if count == number:
            return match[1].strip(), _uudecode(match[2])
    return None


def _uudecode(lines: str) -> bytes:
    decoded = []
    for line in lines.encode("ascii", "replace").splitlines():
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Encoders that write a wrong length: take as much as the length says.
            count = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
            try:
                decoded.append(binascii.a2b_uu(line[:count]))
            except binascii.Error:
                continue
    return b"".join(decoded)

"""Pictures a mail brings along: which may be drawn, by their bytes and not by their names."""

from __future__ import annotations

import base64
import struct

from quarantine.preview.kinds import real_type
from quarantine.preview.limits import Limits
from quarantine.preview.model import Cut
from quarantine.preview.structure import Reading

_DRAWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# Start-of-frame markers of JPEG, which hold the size (ITU T.81, table B.1).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class Pictures:
    """Data addresses of a mail's own pictures by Content-ID, within the limits."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._addresses: dict[str, str] = {}
        self._bytes = 0

    def add(self, content_id: str, data: bytes) -> None:
        """Keeps a picture; what is none, or too large, is left out."""
        limits = self._reading.limits
        kind = real_type(data)
        if not content_id or kind not in _DRAWN:
            return
        is_over = (
            len(data) > limits.image_bytes
            or len(self._addresses) >= limits.images
            or self._bytes + len(data) > limits.images_bytes
            or not _may_be_drawn(kind, data, limits)
        )
        if is_over:
            self._reading.cut(Cut.IMAGES)
            return
        self._bytes += len(data)
        encoded = base64.b64encode(data).decode("ascii")
        self._addresses.setdefault(content_id, f"data:{kind};base64,{encoded}")

    def address(self, content_id: str) -> str:
        """A ``data:`` address, or nothing."""
        return self._addresses.get(content_id, "")


def _may_be_drawn(kind: str, data: bytes, limits: Limits) -> bool:
    """A few bytes can ask for gigabytes of pixels."""
    try:
        width, height = _SIZES[kind](data)
    except (struct.error, IndexError):
        return False
    return 0 < width * height <= limits.image_pixels


def _png(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _jpeg(data: bytes) -> tuple[int, int]:
    position = 2
    for _ in range(1000):
        marker, length = data[position + 1], struct.unpack_from(">H", data, position + 2)[0]
        if data[position] != 0xFF:
            break
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return width, height
        position += 2 + max(length, 2)
    return 0, 0


def _webp(data: bytes) -> tuple[int, int]:
    if data[12:16] == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        return width, int.from_bytes(data[27:30], "little") + 1
    if data[12:16] == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


_SIZES = {"image/png": _png, "image/gif": _gif, "image/jpeg": _jpeg, "image/webp": _webp}

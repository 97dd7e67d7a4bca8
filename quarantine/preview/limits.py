"""How much of a mail the preview looks at; what is over a limit is cut, and the page says so."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes where the name says so, characters of decoded text elsewhere.

    Generous for mail that people write: the largest of 571 mails of a real gateway had 14 parts,
    4 levels and 61 header lines.
    """

    mail_bytes: int = 32 * MIB
    depth: int = 12
    parts: int = 200
    boundary_lines: int = 5_000
    headers: int = 200
    header_bytes: int = 8 * KIB
    text: int = 100_000
    html: int = 400_000
    html_parts: int = 3
    html_elements: int = 20_000
    decoded_bytes: int = 64 * MIB
    image_bytes: int = 2 * MIB
    images: int = 20
    images_bytes: int = 6 * MIB
    image_pixels: int = 16_000_000
    name: int = 200


DEFAULT = Limits()

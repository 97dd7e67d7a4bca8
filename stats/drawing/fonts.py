"""Fonts of PDFs: the face of the pages, and Noto Sans for letters that it lacks.

They come from npm as woff2 in pieces, each for some ranges of Unicode. A piece becomes a TrueType
font of one weight when a letter needs it first, and stays for the life of the process; a PDF
holds the glyphs that it uses. A letter that no piece has is shown as U+FFFD.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path

from arabic_reshaper import reshape
from bidi import get_display
from django.conf import settings
from fontTools import ttLib
from fontTools.varLib.instancer import instantiateVariableFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont

FAMILIES = (
    *("ibm-plex-sans", "noto-sans-arabic", "noto-sans-hebrew", "noto-sans-thai"),
    *("noto-sans-sc", "noto-sans-kr"),
)
"""The first that has a letter draws it."""
UNKNOWN = "\ufffd"
_REGULAR, _BOLD = 400, 600
# For layout by programs that know it, and for screens: nothing of it is drawn.
_UNUSED = (
    *("BASE", "GDEF", "GPOS", "GSUB", "HVAR", "MVAR", "STAT", "VORG", "VVAR", "avar", "cvar"),
    *("cvt ", "fpgm", "gasp", "kern", "meta", "prep", "vhea", "vmtx"),
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A woff2 file; it may lack letters of its ranges."""

    path: Path
    ranges: tuple[tuple[int, int], ...]

    def may_have(self, code: int) -> bool:
        return any(low <= code <= high for low, high in self.ranges)


def runs(text: str, *, is_bold: bool = False) -> list[tuple[str, str]]:
    """A line in the order of its glyphs, as parts of (name of a registered font, text)."""
    weight = _BOLD if is_bold else _REGULAR
    letters = [(_font_of(letter, weight), letter) for letter in _in_order(text)]
    first = font_name(is_bold=is_bold)
    return [
        (name or first, "".join(letter if name else UNKNOWN for _, letter in part))
        for name, part in groupby(letters, key=lambda item: item[0])
    ]


def font_name(*, is_bold: bool = False) -> str:
    """The registered font of the pages' face."""
    return str(_registered(_latin(), _BOLD if is_bold else _REGULAR).fontName)


def has_all(text: str, *, is_bold: bool = False) -> bool:
    """Whether that one font draws the whole text."""
    name = font_name(is_bold=is_bold)
    return all(font == name for font, _ in runs(text, is_bold=is_bold))


@lru_cache(maxsize=16_384)
def width_of(text: str, *, is_bold: bool = False) -> float:
    """Of a line of size 1."""
    return float(sum(stringWidth(part, name, 1) for name, part in runs(text, is_bold=is_bold)))


def whole(text: str) -> str:
    """Text of letters alone: halves of surrogate pairs are none."""
    return _SURROGATES.sub(UNKNOWN, text)


def _in_order(text: str) -> str:
    """Letters from left to right, as they are drawn: Arabic ones joined."""
    composed = unicodedata.normalize("NFC", whole(text))
    if not _RIGHT_TO_LEFT.search(composed):
        return composed
    return str(get_display(reshape(composed)))


@cache
def _font_of(letter: str, weight: int) -> str:
    """ "" when no font has it."""
    code = ord(letter)
    is_control = unicodedata.category(letter) == "Cc"  # some fonts have a blank for these
    for piece in _pieces():
        if piece.may_have(code) and not is_control:
            font = _registered(piece, weight)
            if code in font.face.charToGlyph:
                return str(font.fontName)
    return ""


@cache
def _pieces() -> tuple[_Piece, ...]:
    return tuple(piece for family in FAMILIES for piece in _pieces_of(family))


def _latin() -> _Piece:
    return next(piece for piece in _pieces() if piece.may_have(ord("A")))


def _pieces_of(family: str) -> Iterator[_Piece]:
    folder = settings.NODE_MODULES / "@fontsource-variable" / family
    named: dict[str, str] = json.loads((folder / "unicode.json").read_text(encoding="utf-8"))
    for name, ranges in named.items():
        path = folder / "files" / f"{family}-{name.strip('[]')}-wght-normal.woff2"
        yield _Piece(path, tuple(map(_range, ranges.split(","))))


def _range(text: str) -> tuple[int, int]:
    """``U+4E00-4E0D`` or ``U+4E00``."""
    low, _minus, high = text.removeprefix("U+").partition("-")
    return int(low, 16), int(high or low, 16)


@cache
def _registered(piece: _Piece, weight: int) -> TTFont:
    name = f"{piece.path.stem}-{weight}"
    font = TTFont(name, BytesIO(_truetype(piece.path, weight)))
    font.face.name = name.encode()  # all pieces call themselves alike, and one of a name is kept
    registerFont(font)
    return font


def _truetype(path: Path, weight: int) -> bytes:
    font = ttLib.TTFont(path, recalcBBoxes=False, recalcTimestamp=False)
    for tag in _UNUSED:
        if tag in font:
            del font[tag]
    font = instantiateVariableFont(font, {"wght": weight}, inplace=True, overlap=False)
    font.flavor = None
    target = BytesIO()
    font.save(target, reorderTables=False)
    return target.getvalue()

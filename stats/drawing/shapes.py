"""What server-made pictures consist of: a few flat shapes, drawn as SVG and as PDF alike.

Coordinates are points from the upper left corner. Colours are ``#rrggbb``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from stats.drawing.fonts import width_of

ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Rect:
    """A box; ``title`` is what it tells who points at it."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    opacity: float = 1.0
    radius: float = 0.0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A bow of one height from (x, y), its upper left corner, to (x2, y2), its upper right."""

    x: float
    y: float
    x2: float
    y2: float
    height: float
    fill: str
    opacity: float = 1.0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One line on the baseline ``y``. ``anchor``: start, middle or end."""

    x: float
    y: float
    text: str
    size: float
    fill: str
    anchor: str = "start"
    is_bold: bool = False


Shape: TypeAlias = Rect | Ribbon | Text


@dataclass(frozen=True, slots=True)
class Picture:
    """Shapes on a white sheet."""

    title: str
    width: float
    height: float
    shapes: list[Shape] = field(default_factory=list)

    def at(self, x: float, y: float) -> Iterable[Shape]:
        """Its shapes, moved: to be a part of another picture."""
        return (moved(shape, x, y) for shape in self.shapes)


def moved(shape: Shape, x: float, y: float) -> Shape:
    if isinstance(shape, Ribbon):
        return replace(shape, x=shape.x + x, x2=shape.x2 + x, y=shape.y + y, y2=shape.y2 + y)
    return replace(shape, x=shape.x + x, y=shape.y + y)


def text_width(text: str, size: float, *, is_bold: bool = False) -> float:
    """As it is on paper; on a screen about that of any sans serif."""
    return size * width_of(text, is_bold=is_bold)


def fitted(text: str, size: float, width: float, *, is_bold: bool = False) -> str:
    """As much of a text as fits, with an ellipsis where it is cut; "" when nothing does."""

    def cut(length: int) -> str:
        return text[:length].rstrip() + ELLIPSIS

    if text_width(text, size, is_bold=is_bold) <= width:
        return text
    lengths = range(1, min(len(text), int(width / size * 4)) + 1)
    wide = bisect_right(lengths, width, key=lambda n: text_width(cut(n), size, is_bold=is_bold))
    return cut(wide) if wide else ""


def wrapped(text: str, size: float, width: float) -> list[str]:
    """A text in lines, broken between words; a longer word is cut."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and text_width(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [fitted(line, size, width) for line in lines]

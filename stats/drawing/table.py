"""A plain table: heads, lines, and a hair between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stats.drawing.palette import colour
from stats.drawing.shapes import Picture, Rect, Text, fitted

_SIZE = 8.0


@dataclass(frozen=True, slots=True)
class Column:
    """``share`` of the width. Numbers stand at its right."""

    head: str
    share: float
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, in a colour of its own if it has a meaning."""

    text: str
    fill: str = ""


def table(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    width: float,
    line: float = 12.0,
) -> Picture:
    """As high as it has lines; what does not fit its column is cut."""
    picture = Picture(title, width, line * (len(rows) + 1))
    whole = sum(column.share for column in columns)
    muted = colour("text-muted")
    heads = [Cell(column.head, muted) for column in columns]
    for number, row in enumerate([heads, *rows]):
        x, base = 0.0, number * line + line * 0.7
        for column, cell in zip(columns, row, strict=True):
            wide = width * column.share / whole
            text = fitted(cell.text, _SIZE, wide - 6)
            place = x + wide - 6 if column.is_number else x
            anchor = "end" if column.is_number else "start"
            fill = cell.fill or colour("text")
            picture.shapes.append(Text(place, base, text, _SIZE, fill, anchor))
            x += wide
        picture.shapes.append(Rect(0, (number + 1) * line, width, 0.4, colour("border")))
    return picture

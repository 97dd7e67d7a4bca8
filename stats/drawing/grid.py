"""A grid of cells, the darker the more: the heat map of the week."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.formats import number_format

from stats.drawing.palette import colour
from stats.drawing.shapes import Picture, Rect, Shape, Text, text_width

FAINTEST = 0.07


def shade(value: float, most: float) -> float:
    """Opacity of a cell, from hardly there to full."""
    return FAINTEST + (1 - FAINTEST) * value / most if most else FAINTEST


def grid(
    title: str,
    rows: Sequence[tuple[str, Sequence[float | None]]],
    heads: Sequence[str],
    width: float,
    height: float,
) -> Picture:
    """``rows`` of a label and its cells; None is no cell."""
    size, line = 8.0, 12.0
    left = max((text_width(label, size) for label, _ in rows), default=0) + 6
    wide = (width - left) / max(len(heads), 1)
    tall = (height - line) / max(len(rows), 1)
    most = max((value for _, cells in rows for value in cells if value), default=0)
    muted, fill = colour("text-muted"), colour("chart-1")
    shapes: list[Shape] = []
    for number, (label, cells) in enumerate(rows):
        y = number * tall
        shapes.append(Text(left - 6, y + tall / 2 + size * 0.35, label, size, muted, "end"))
        for place, value in enumerate(cells):
            if value is not None:
                note = f"{label} {heads[place]}: {number_format(value, 1)}"
                box = (left + place * wide + 0.5, y + 0.5, wide - 1, tall - 1)
                shapes.append(Rect(*box, fill, shade(value, most), 1.5, note))
    # As many heads as there is room for.
    step = 1 if wide > text_width("00", size) + 4 else 2
    for place in range(0, len(heads), step):
        x = left + (place + 0.5) * wide
        shapes.append(Text(x, height - 2, heads[place], size, muted, "middle"))
    return Picture(title, width, height, shapes)

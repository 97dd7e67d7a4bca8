"""Areas in proportion to numbers, as near to squares as they come (Bruls, Huizing, van Wijk)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.formats import number_format

from stats.drawing.palette import colour
from stats.drawing.shapes import Picture, Rect, Shape, Text, fitted

_FAINT = 0.34


@dataclass(frozen=True, slots=True)
class Area:
    """A named number and its colour."""

    label: str
    value: int
    fill: str


@dataclass(slots=True)
class _Free:
    """What is not taken of the sheet."""

    x: float
    y: float
    width: float
    height: float


def treemap(title: str, areas: Sequence[Area], width: float, height: float) -> Picture:
    """Names stand where there is room for them; who points at an area is told."""
    picture = Picture(title, width, height)
    ordered = sorted((area for area in areas if area.value > 0), key=lambda area: -area.value)
    for area, box in zip(ordered, _boxes(ordered, width, height), strict=True):
        picture.shapes.extend(_labelled(area, box))
    return picture


def _boxes(areas: Sequence[Area], width: float, height: float) -> Iterator[_Free]:
    free = _Free(0, 0, width, height)
    scale = width * height / max(sum(area.value for area in areas), 1)
    rest = [area.value * scale for area in areas]
    while rest:
        side = min(free.width, free.height)
        count = 1
        while count < len(rest) and _worst(rest[: count + 1], side) <= _worst(rest[:count], side):
            count += 1
        yield from _row(free, rest[:count])
        rest = rest[count:]


def _worst(sizes: Sequence[float], side: float) -> float:
    """The least square of a row's proportions."""
    total = sum(sizes)
    return max(side**2 * max(sizes) / total**2, total**2 / (side**2 * min(sizes)))


def _row(free: _Free, sizes: Sequence[float]) -> Iterator[_Free]:
    """Lay areas along the shorter side, and take that strip from what is free."""
    total = sum(sizes)
    if free.width >= free.height:
        thick, place = total / free.height, free.y
        for size in sizes:
            yield _Free(free.x, place, thick, size / thick)
            place += size / thick
        free.x, free.width = free.x + thick, max(free.width - thick, 1e-9)
    else:
        thick, place = total / free.width, free.x
        for size in sizes:
            yield _Free(place, free.y, size / thick, thick)
            place += size / thick
        free.y, free.height = free.y + thick, max(free.height - thick, 1e-9)


def _labelled(area: Area, box: _Free) -> Iterator[Shape]:
    number = str(number_format(area.value, force_grouping=True))
    note = f"{area.label}: {number}"
    wide, tall = max(box.width - 1.2, 0.2), max(box.height - 1.2, 0.2)
    yield Rect(box.x + 0.6, box.y + 0.6, wide, tall, area.fill, _FAINT, 1.5, note)
    size = 8.5 if box.height > 26 and box.width > 60 else 7.0
    lines = [fitted(text, size, box.width - 8) for text in (area.label, number)]
    if len(lines[0]) > 2:
        for place, line in enumerate(lines, 1):
            if box.height > place * (size + 2) + 2:
                yield Text(box.x + 4, box.y + place * (size + 2), line, size, colour("text"))

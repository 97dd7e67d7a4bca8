"""Stacked bars: standing ones over labels, and lying ones beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.formats import number_format

from stats.drawing.palette import colour
from stats.drawing.shapes import Picture, Rect, Shape, Text, fitted, text_width

_SIZE, _LINE = 8.0, 12.0


@dataclass(frozen=True, slots=True)
class Series:
    """What a part of each bar counts."""

    label: str
    fill: str


def standing_bars(
    title: str,
    series: Sequence[Series],
    bars: Sequence[tuple[str, Sequence[int]]],
    width: float,
    height: float,
) -> Picture:
    """``bars`` of a label and a number for each series."""
    foot = 2 * _LINE if len(series) > 1 else _LINE
    most = max((sum(values) for _, values in bars), default=0) or 1
    tall = height - foot - _LINE
    wide = width / max(len(bars), 1)
    step = _step([label for label, _ in bars], wide)
    picture = Picture(title, width, height)
    for place, (label, values) in enumerate(bars):
        x, y = place * wide, _LINE + tall
        for item, value in zip(series, values, strict=True):
            part = tall * value / most
            y -= part
            if value:
                note = f"{label} {item.label}: {_number(value)}"
                picture.shapes.append(
                    Rect(x + wide * 0.1, y, wide * 0.8, part, item.fill, title=note)
                )
        if place % step == 0:
            middle = x + wide / 2
            picture.shapes.append(_muted(middle, _LINE + tall + _LINE - 2, label, "middle"))
            total = _number(sum(values))
            if sum(values) and step == 1 and text_width(total, _SIZE) <= wide:
                picture.shapes.append(_muted(middle, y - 2, total, "middle"))
    picture.shapes.append(Rect(0, _LINE + tall, width, 0.6, colour("border-strong")))
    if len(series) > 1:
        picture.shapes.extend(_legend(series, width, height))
    return picture


def lying_bars(
    title: str,
    series: Sequence[Series],
    bars: Sequence[tuple[str, Sequence[int]]],
    width: float,
    height: float,
    *,
    is_share: bool = False,
) -> Picture:
    """The same beside labels, which may be long. Shares are all of one length, and their number
    is the percentage of the first series."""
    foot = _LINE + 2 if len(series) > 1 else 0
    tall = min((height - foot) / max(len(bars), 1), 2 * _LINE)
    widest = max((text_width(label, _SIZE) for label, _ in bars), default=0)
    left = min(widest, width * 0.55) + 6
    most = max((sum(values) for _, values in bars), default=0) or 1
    room = width - left - text_width(_number(max(most, 1000)), _SIZE) - 6
    picture = Picture(title, width, height)
    for place, (label, values) in enumerate(bars):
        total = sum(values)
        told = f"{100 * values[0] / total:.0f} %" if is_share and total else _number(total)
        y, base = place * tall, place * tall + tall / 2 + _SIZE * 0.35
        picture.shapes.append(_muted(left - 6, base, fitted(label, _SIZE, left - 6), "end"))
        scale = room / ((total or 1) if is_share else most)
        x = left
        for item, value in zip(series, values, strict=True):
            if value:
                wide, note = value * scale, f"{label} {item.label}: {_number(value)}"
                box = (x, y + tall * 0.18, max(wide, 0.5), tall * 0.64)
                picture.shapes.append(Rect(*box, item.fill, title=note))
                x += wide
        picture.shapes.append(Text(x + 4, base, told, _SIZE, colour("text")))
    if len(series) > 1:
        picture.shapes.extend(_legend(series, width, height))
    return picture


def _step(labels: Sequence[str], wide: float) -> int:
    """Every how many labels there is room for one."""
    widest = max((text_width(label, _SIZE) for label in labels), default=0) + 6
    return max(1, int(-(-widest // wide))) if wide else 1


def _legend(series: Sequence[Series], width: float, height: float) -> Iterator[Shape]:
    wide = sum(text_width(item.label, _SIZE) + 24 for item in series)
    x = max((width - wide) / 2, 0)
    for item in series:
        yield Rect(x, height - 9, 8, 8, item.fill, radius=1)
        yield _muted(x + 12, height - 2, item.label, "start")
        x += text_width(item.label, _SIZE) + 24


def _muted(x: float, y: float, text: str, anchor: str) -> Text:
    return Text(x, y, text, _SIZE, colour("text-muted"), anchor)


def _number(value: int) -> str:
    return str(number_format(value, force_grouping=True))

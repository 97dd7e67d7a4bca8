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
    """``bars`` of a label and a number for each series; a scale where there's no room for sums."""
    legend = list(_legend(series, width, height)) if len(series) > 1 else []
    tall = height - 2 * _LINE - (_LINE if legend else 0)
    most = max((sum(values) for _, values in bars), default=0) or 1
    step, has_sums = _room(bars, width)
    scale = [] if has_sums else _scale(most)
    left = max((text_width(_number(value), _SIZE) + 6 for value in scale), default=0)
    wide = (width - left) / max(len(bars), 1)
    step = max(step, _step([label for label, _ in bars], wide))
    picture = Picture(title, width, height)
    for value in scale:
        y = _LINE + tall * (1 - value / most)
        picture.shapes.append(Rect(left, y, width - left, 0.4, colour("border")))
        picture.shapes.append(_muted(left - 6, y + _SIZE * 0.35, _number(value), "end"))
    for place, (label, values) in enumerate(bars):
        box = Rect(left + place * wide + wide * 0.1, _LINE, wide * 0.8, tall, "")
        picture.shapes.extend(_pile(label, series, values, most, box))
        middle = left + (place + 0.5) * wide
        if place % step == 0:
            half = text_width(label, _SIZE) / 2
            x = max(half, min(middle, width - half))  # the outermost stay on the sheet
            picture.shapes.append(_muted(x, tall + 2 * _LINE - 2, label, "middle"))
        if has_sums and any(values):
            y = _LINE + tall * (1 - sum(values) / most)
            picture.shapes.append(_muted(middle, y - 2, _number(sum(values)), "middle"))
    picture.shapes.append(Rect(left, _LINE + tall, width - left, 0.6, colour("border-strong")))
    picture.shapes.extend(legend)
    return picture


def _pile(
    label: str, series: Sequence[Series], values: Sequence[int], most: int, box: Rect
) -> Iterator[Shape]:
    """The parts of one bar in its ``box``, from the ground up."""
    y = box.y + box.height
    for item, value in zip(series, values, strict=True):
        part = box.height * value / most
        y -= part
        if value:
            note = f"{label} {item.label}: {_number(value)}"
            yield Rect(box.x, y, box.width, part, item.fill, title=note)


def _room(bars: Sequence[tuple[str, Sequence[int]]], width: float) -> tuple[int, bool]:
    """Every how many labels fit, and whether the sums of all bars do."""
    wide = width / max(len(bars), 1)
    sums = [text_width(_number(sum(values)), _SIZE) + 2 for _, values in bars]
    step = _step([label for label, _ in bars], wide)
    return step, step == 1 and max(sums, default=0) <= wide


def _scale(most: int) -> list[int]:
    """Up to five round numbers up to the greatest."""
    step = 1
    while most > 5 * step:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return list(range(step, most + 1, step))


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
    # Many are set closer, and smaller than what they stand beside when they must be.
    shrink = min(1.0, width / wide)
    x = (width - wide * shrink) / 2
    for item in series:
        size = _SIZE * shrink
        yield Rect(x, height - 9, 8 * shrink, 8 * shrink, item.fill, radius=1)
        yield Text(x + 12 * shrink, height - 2, item.label, size, colour("text-muted"))
        x += (text_width(item.label, _SIZE) + 24) * shrink


def _muted(x: float, y: float, text: str, anchor: str) -> Text:
    return Text(x, y, text, _SIZE, colour("text-muted"), anchor)


def _number(value: int) -> str:
    return str(number_format(value, force_grouping=True))

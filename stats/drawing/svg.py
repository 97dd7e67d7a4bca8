"""A picture as an SVG file; nothing in it depends on anything outside."""

from __future__ import annotations

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from stats.drawing.shapes import Picture, Rect, Ribbon, Shape, Text

_FONTS = "IBM Plex Sans Variable, IBM Plex Sans, Helvetica, Arial, sans-serif"
# What XML can't hold, however it is escaped.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg(picture: Picture) -> SafeString:
    """The whole file, which may also stand in a page."""
    size = f"{_n(picture.width)} {_n(picture.height)}"
    width, height = size.split()
    ground = Rect(0, 0, picture.width, picture.height, "#ffffff")
    shapes = "\n".join(map(_element, [ground, *picture.shapes]))
    return mark_safe(  # noqa: S308 (texts are escaped)
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {size}" font-family="{_FONTS}" role="img">\n'
        f"<title>{_text(picture.title)}</title>\n{shapes}\n</svg>\n"
    )


def _element(shape: Shape) -> str:
    if isinstance(shape, Text):
        return _line(shape)
    body = f"<title>{_text(shape.title)}</title>" if shape.title else ""
    faint = f' fill-opacity="{_n(shape.opacity)}"' if shape.opacity < 1 else ""
    if isinstance(shape, Rect):
        corner = f' rx="{_n(shape.radius)}"' if shape.radius else ""
        box = (
            f'x="{_n(shape.x)}" y="{_n(shape.y)}" '
            f'width="{_n(shape.width)}" height="{_n(shape.height)}"'
        )
        return f'<rect {box}{corner} fill="{shape.fill}"{faint}>{body}</rect>'
    return f'<path d="{_bow(shape)}" fill="{shape.fill}"{faint}>{body}</path>'


def _bow(ribbon: Ribbon) -> str:
    middle = _n((ribbon.x + ribbon.x2) / 2)
    x, x2, y, y2 = map(_n, (ribbon.x, ribbon.x2, ribbon.y, ribbon.y2))
    low, low2 = _n(ribbon.y + ribbon.height), _n(ribbon.y2 + ribbon.height)
    return (
        f"M{x} {y}C{middle} {y} {middle} {y2} {x2} {y2}"
        f"L{x2} {low2}C{middle} {low2} {middle} {low} {x} {low}Z"
    )


def _line(text: Text) -> str:
    weight = ' font-weight="600"' if text.is_bold else ""
    anchor = f' text-anchor="{text.anchor}"' if text.anchor != "start" else ""
    return (
        f'<text x="{_n(text.x)}" y="{_n(text.y)}" font-size="{_n(text.size)}" '
        f'fill="{text.fill}"{anchor}{weight}>{_text(text.text)}</text>'
    )


def _text(text: str) -> str:
    return escape(_IMPOSSIBLE.sub("\ufffd", text))


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")

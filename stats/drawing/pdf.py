"""A picture as a PDF of one page, with the glyphs that it uses."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas

from stats.drawing.fonts import runs, whole
from stats.drawing.shapes import Picture, Rect, Ribbon, Text, text_width


def pdf(picture: Picture) -> bytes:
    """The whole file; the page has the size of the picture."""
    target = BytesIO()
    canvas = Canvas(target, pagesize=(picture.width, picture.height), pageCompression=1)
    canvas.setTitle(whole(picture.title))
    for shape in picture.shapes:
        canvas.setFillColor(_ink(shape.fill))
        if isinstance(shape, Text):
            _write(canvas, shape, picture.height)
        else:
            canvas.setFillAlpha(shape.opacity)
            _draw(canvas, shape, picture.height)
            canvas.setFillAlpha(1)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


@lru_cache(maxsize=256)
def _ink(colour: str) -> Color:
    return HexColor(colour)


def _draw(canvas: Canvas, shape: Rect | Ribbon, height: float) -> None:
    if isinstance(shape, Rect):
        _box(canvas, shape, height)
    else:
        _bow(canvas, shape, height)


def _box(canvas: Canvas, rect: Rect, height: float) -> None:
    box = (rect.x, height - rect.y - rect.height, rect.width, rect.height)
    if rect.radius:
        canvas.roundRect(*box, rect.radius, stroke=0, fill=1)
    else:
        canvas.rect(*box, stroke=0, fill=1)


def _bow(canvas: Canvas, ribbon: Ribbon, height: float) -> None:
    middle = (ribbon.x + ribbon.x2) / 2
    top, top2 = height - ribbon.y, height - ribbon.y2
    low, low2 = top - ribbon.height, top2 - ribbon.height
    path = canvas.beginPath()
    path.moveTo(ribbon.x, top)
    path.curveTo(middle, top, middle, top2, ribbon.x2, top2)
    path.lineTo(ribbon.x2, low2)
    path.curveTo(middle, low2, middle, low, ribbon.x, low)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


def _write(canvas: Canvas, text: Text, height: float) -> None:
    width = text_width(text.text, text.size, is_bold=text.is_bold)
    x = text.x - width * {"start": 0, "middle": 0.5, "end": 1}[text.anchor]
    write_line(canvas, text.text, text.size, x, height - text.y, is_bold=text.is_bold)


def write_line(
    canvas: Canvas, text: str, size: float, x: float, y: float, *, is_bold: bool = False
) -> None:
    """From ``x``, ``y`` points above the lower edge; each letter in a font that has it."""
    line = canvas.beginText(x, y)
    for font, part in runs(text, is_bold=is_bold):
        line.setFont(font, size)
        line.textOut(part)
    canvas.drawText(line)

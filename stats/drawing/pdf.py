"""A picture as a PDF of one page, with the fonts that every reader of PDF has."""

from __future__ import annotations

from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from stats.drawing.shapes import BOLD, REGULAR, Picture, Rect, Ribbon, Text


def pdf(picture: Picture) -> bytes:
    """The whole file; the page has the size of the picture."""
    target = BytesIO()
    canvas = Canvas(target, pagesize=(picture.width, picture.height), pageCompression=1)
    canvas.setTitle(_printable(picture.title))
    for shape in picture.shapes:
        canvas.setFillColor(shape.fill)
        if isinstance(shape, Text):
            _write(canvas, shape, picture.height)
        else:
            canvas.setFillAlpha(shape.opacity)
            _draw(canvas, shape, picture.height)
            canvas.setFillAlpha(1)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def _draw(canvas: Canvas, shape: Rect | Ribbon, height: float) -> None:
    if isinstance(shape, Rect):
        _box(canvas, shape, height)
    else:
        _bow(canvas, shape, height)


def _box(canvas: Canvas, rect: Rect, height: float) -> None:
    corner = (rect.x, height - rect.y - rect.height)
    canvas.roundRect(*corner, rect.width, rect.height, rect.radius, stroke=0, fill=1)


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
    canvas.setFont(BOLD if text.is_bold else REGULAR, text.size)
    write = {
        "start": canvas.drawString,
        "middle": canvas.drawCentredString,
        "end": canvas.drawRightString,
    }[text.anchor]
    write(text.x, height - text.y, _printable(text.text))


def _printable(text: str) -> str:
    """What these fonts have no letter for is a question mark."""
    return text.encode("cp1252", "replace").decode("cp1252")

"""A report as PDF: A4, tables over as many pages as it takes."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

from stats.drawing.fonts import font_name, has_all, runs
from stats.drawing.palette import colour
from stats.drawing.pdf import write_line
from stats.drawing.shapes import fitted
from stats.reports.content import Report, Section

_EDGE = 18 * mm
_WIDTH = A4[0] - 2 * _EDGE - 12  # a frame has 6 points at each side
_NUMBER_WIDTH = 25 * mm
_ACROSS = 4
_SIZE = 9
_HAIR = HexColor("#d8dee6")


def paper(report: Report) -> bytes:
    """The whole file, with the glyphs that it uses."""
    target = BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=_EDGE,
        rightMargin=_EDGE,
        topMargin=_EDGE,
        bottomMargin=_EDGE,
        title=report.subject,
        pageCompression=1,
    )
    document.build(_story(report), onFirstPage=_foot, onLaterPages=_foot)
    return target.getvalue()


def _story(report: Report) -> list[Flowable]:
    story: list[Flowable] = [
        _paragraph(report.title, 16, is_bold=True),
        _paragraph(f"{report.period_words}, {report.compared_words}", 10, ink="text-muted"),
        Spacer(1, 5 * mm),
        _headlines(report),
        Spacer(1, 3 * mm),
    ]
    story += [_paragraph(note, 9, ink="text-muted") for note in report.notes]
    story += [KeepTogether(_section(section)) for section in report.sections]
    return story


def _headlines(report: Report) -> Table:
    """Numbers in a grid, each under its name."""
    cells = [
        [
            _paragraph(item.label, 8.5, ink="text-muted"),
            _paragraph(item.value, 13, is_bold=True),
            _paragraph(item.change, 8.5, ink="text-muted"),
        ]
        for item in report.headlines
    ]
    cells += [[]] * (-len(cells) % _ACROSS)
    rows = [cells[place : place + _ACROSS] for place in range(0, len(cells), _ACROSS)]
    style: list[Any] = [
        ("BACKGROUND", (0, 0), (-1, -1), HexColor(colour("surface"))),
        ("INNERGRID", (0, 0), (-1, -1), 2, HexColor("#ffffff")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    return Table(rows, colWidths=[_WIDTH / _ACROSS] * _ACROSS, style=style, hAlign="LEFT")


def _section(section: Section) -> list[Flowable]:
    numbers = len(section.columns) - 1
    widths = [_WIDTH - numbers * _NUMBER_WIDTH, *[_NUMBER_WIDTH] * numbers]
    rows: list[list[Any]] = [_cells(section.columns, widths)]
    style: list[Any] = [
        ("FONT", (0, 0), (-1, -1), font_name(), _SIZE),
        ("TEXTCOLOR", (0, 0), (-1, -1), HexColor(colour("text"))),
        ("FONT", (0, 0), (-1, 0), font_name(is_bold=True), 8.5),
        ("TEXTCOLOR", (0, 0), (-1, 0), HexColor(colour("text-muted"))),
        ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor("#a9b4c2")),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
    for row, below in section.lines:
        rows.append(_cells(row, widths))
        if below:
            place = len(rows)
            rows.append([[_paragraph(line, 8, ink="text-muted") for line in below]])
            style += [("SPAN", (0, place), (-1, place)), ("TOPPADDING", (0, place), (-1, place), 0)]
        style.append(("LINEBELOW", (0, len(rows) - 1), (-1, len(rows) - 1), 0.4, _HAIR))
    parts = [
        Spacer(1, 5 * mm),
        _paragraph(section.title, 11, is_bold=True),
        Spacer(1, 1 * mm),
        Table(rows, colWidths=widths, style=style, repeatRows=1, hAlign="LEFT"),
    ]
    return parts + ([_paragraph(section.note, 8, ink="text-muted")] if section.note else [])


def _cells(texts: list[str], widths: list[float]) -> list[str | Paragraph]:
    return [_cell(text, width) for text, width in zip(texts, widths, strict=True)]


def _cell(text: str, width: float) -> str | Paragraph:
    """Plain text, cut to its column: no markup is read in it."""
    shown = fitted(" ".join(text.split()), _SIZE, width - 12)
    return shown if has_all(shown) else _paragraph(shown, _SIZE)


def _paragraph(text: str, size: float, *, is_bold: bool = False, ink: str = "text") -> Paragraph:
    style = ParagraphStyle(
        "report",
        fontName=font_name(is_bold=is_bold),
        fontSize=size,
        leading=size * 1.35,
        textColor=HexColor(colour(ink)),
    )
    parts = runs(text, is_bold=is_bold)
    return Paragraph(
        "".join(f'<font name="{font}">{escape(part)}</font>' for font, part in parts), style
    )


def _foot(canvas: Canvas, document: Any) -> None:
    canvas.setFont(font_name(), 8)
    canvas.setFillColor(HexColor(colour("text-muted")))
    canvas.drawRightString(A4[0] - _EDGE, 10 * mm, str(document.page))
    write_line(canvas, fitted(document.title, 8, _WIDTH - 20), 8, _EDGE, 10 * mm)

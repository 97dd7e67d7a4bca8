"""A CSV file as spreadsheets write it, read into rows.

Taken as it comes: with or without a byte order mark, UTF-8, UTF-16 or Windows-1252; commas,
semicolons or tabs; any line ends; Excel's ``sep=;``; columns in any order; empty lines.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from mailgw.lib.csv_export import plain_cell
from tracking.registry.rows import COLUMNS, REQUIRED, Problem, Row, Sheet, clean

MAX_BYTES = 8 * 1024 * 1024
MAX_LINES = 50_000
_MAX_PROBLEMS = 1000
_SHOWN = 60
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = ",;\t"


def read_csv(raw: bytes) -> Sheet:
    """The rows of a file; a wrong one has problems, and never raises."""
    try:
        text, encoding = _decode(raw)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return Sheet(problems=[Problem(line, "", _("This is not text in UTF-8."))])
    sheet = Sheet(encoding=encoding)
    lines = _lines(text, sheet.problems)
    header = next(lines, None)
    if header is None:
        sheet.problems.append(Problem(0, "", _("The file is empty.")))
        return sheet
    names = _names(header, sheet.problems)
    if names:
        for number, cells in lines:
            _add_row(sheet, names, number, cells)
    return sheet


def _decode(raw: bytes) -> tuple[str, str]:
    """The text and its encoding. A file that isn't UTF-8 is what old spreadsheets save."""
    if raw.startswith(_UTF16):
        return raw.decode("utf-16"), "utf-16"
    try:
        return raw.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        try:
            return raw.decode("cp1252"), "windows-1252"
        except UnicodeDecodeError:
            raise error from None


def _lines(text: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Lines with something in them, by the number of the line that they begin on."""
    delimiter, skipped = _delimiter(text)
    source = io.StringIO(text, newline="")
    for _line in range(skipped):
        source.readline()
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        number = skipped + reader.line_num + 1
        if number > MAX_LINES or len(problems) >= _MAX_PROBLEMS:
            problems.append(Problem(number, "", _("From this line on the file was not read.")))
            return
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(Problem(number, "", _csv_problem(error)))
            continue
        if any("\0" in cell for cell in cells):
            problems.append(Problem(number, "", _("There is a NUL character in this line.")))
        elif any(cell.strip() for cell in cells):
            yield number, cells


def _csv_problem(error: csv.Error) -> str:
    text = str(error)
    if "end of data" in text:
        return _("A quotation mark in this line is never closed.")
    if "limit" in text:
        return _("A cell of this line is too long.")
    return _("A quotation mark stands in the wrong place.")


def _delimiter(text: str) -> tuple[str, int]:
    """What separates cells, and how many lines (``sep=;``) stand before the header."""
    first = text.lstrip().partition("\n")[0].strip()
    if first.lower().startswith("sep=") and first[4:] in tuple(_DELIMITERS):
        return first[4:], 1
    counts = {delimiter: first.count(delimiter) for delimiter in _DELIMITERS}
    return max(counts, key=lambda delimiter: counts[delimiter]), 0


def _names(header: tuple[int, list[str]], problems: list[Problem]) -> list[str]:
    """The columns in their order, "" for one without a name; none when they are not good."""
    line, cells = header
    names = [cell.strip().lower().replace(" ", "_") for cell in cells]
    wrong = [Problem(line, name[:_SHOWN], text) for name, text in _wrong_names(names)]
    problems += wrong
    return [] if wrong else names


def _wrong_names(names: list[str]) -> Iterator[tuple[str, str]]:
    known = ", ".join(COLUMNS)
    for name in REQUIRED:
        if name not in names:
            yield name, _("This column is missing. The first line names the columns.")
    for place, name in enumerate(names):
        if name and name not in COLUMNS:
            yield name, _("There is no such column; there are %(known)s.") % {"known": known}
        elif name and name in names[:place]:
            yield name, _("This column is there twice.")


def _add_row(sheet: Sheet, names: list[str], line: int, cells: list[str]) -> None:
    if any(cell.strip() for cell in cells[len(names) :]):
        problem = Problem(line, "", _("This line has more cells than the first line has columns."))
        sheet.problems.append(problem)
        return
    cells += [""] * (len(names) - len(cells))
    pairs = list(zip(names, cells, strict=False))
    if any(cell.strip() for name, cell in pairs if not name):
        sheet.problems.append(Problem(line, "", _("A cell stands below no column.")))
        return
    given = {name: clean(name, plain_cell(cell)) for name, cell in pairs if name}
    sheet.rows.append(Row(line, given))

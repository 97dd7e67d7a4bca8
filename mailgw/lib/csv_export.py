"""CSV that streams, and that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse

# What spreadsheets read as the beginning of a formula; some skip blanks before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def safe_cell(value: Any) -> Any:
    """Text that begins like a formula gets an apostrophe in front; numbers stay numbers.

    Text with apostrophes before a formula gets one more, so that ``plain_cell`` can tell.
    """
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = str(value).replace("\0", "\ufffd")
    return f"'{text}" if _is_formula(text.lstrip("'")) else text


def plain_cell(text: str) -> str:
    """The text that ``safe_cell`` made this of."""
    is_safe = text.startswith("'") and _is_formula(text.lstrip("'"))
    return text[1:] if is_safe else text


def _is_formula(text: str) -> bool:
    return text.lstrip(" ").startswith(_FORMULA)


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a CSV file, header first."""
    write = csv.writer(_Echo()).writerow
    yield write(header)
    for row in rows:
        yield write([safe_cell(value) for value in row])


def download(lines: Iterator[str], content_type: str, filename: str) -> StreamingHttpResponse:
    """A file to save, sent as it is made."""
    response = StreamingHttpResponse(lines, content_type=f"{content_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "no-store"
    return response

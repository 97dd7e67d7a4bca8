"""The whole result of a search as a file: the objects of the API, streamed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from rest_framework.serializers import Serializer
from rest_framework.utils.encoders import JSONEncoder

from mailgw.lib.csv_export import csv_lines, download

Objects = Iterator[dict[str, Any]]


def objects(rows: Iterable[Any], serializer: type[Serializer[Any]]) -> Objects:
    """Rows as the API gives them."""
    one = serializer()
    for row in rows:
        yield one.to_representation(row)


def as_csv(
    rows: Iterable[Any],
    serializer: type[Serializer[Any]],
    name: str,
    fields: Sequence[str] = (),
) -> StreamingHttpResponse:
    """One column for each field of the API, or for these."""
    fields = fields or list(serializer().fields)
    cells = ([_cell(item[field]) for field in fields] for item in objects(rows, serializer))
    return download(csv_lines(fields, cells), "text/csv", _filename(name, "csv"))


def as_ndjson(
    rows: Iterable[Any],
    serializer: type[Serializer[Any]],
    name: str,
    fields: Sequence[str] = (),
) -> StreamingHttpResponse:
    """One object of the API a line, whole or with these fields."""
    dump: Callable[..., str] = json.dumps
    found = objects(rows, serializer)
    cut = ({field: item[field] for field in fields} for item in found) if fields else found
    lines = (dump(item, cls=JSONEncoder, ensure_ascii=False) + "\n" for item in cut)
    return download(lines, "application/x-ndjson", _filename(name, "ndjson"))


def _cell(value: Any) -> Any:
    """The path of a mail in one cell: ``host/queue id`` in order."""
    if isinstance(value, list):
        return " ".join("/".join(step) for step in value)
    return value


def _filename(name: str, ending: str) -> str:
    return f"{name}-{timezone.localtime():%Y%m%d-%H%M%S}.{ending}"


FORMATS = {"csv": as_csv, "ndjson": as_ndjson}

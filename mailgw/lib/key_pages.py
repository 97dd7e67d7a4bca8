"""API lists by a growing key: ``before`` and ``after`` out of the links, and ``page_size``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

DEFAULT_SIZE, MAX_SIZE, MAX_KEY = 100, 1000, 2**63 - 1
NAMES = ("before", "after", "page_size", "format")
PARAMETERS = [
    OpenApiParameter("before", str, description="Cursor of the next, older page."),
    OpenApiParameter("after", str, description="Cursor of the previous, newer page."),
    OpenApiParameter(
        "page_size",
        {"type": "integer", "minimum": 1, "maximum": MAX_SIZE, "default": DEFAULT_SIZE},
        description="Rows a page.",
    ),
]


def page_size(request: Request) -> int:
    """Raises ValidationError."""
    text = request.query_params.get("page_size", str(DEFAULT_SIZE))
    is_number = text.isascii() and text.isdecimal() and len(text) < 5
    if not is_number or not 1 <= int(text) <= MAX_SIZE:
        raise ValidationError({"page_size": [f"Not a number from 1 to {MAX_SIZE}."]})
    return int(text)


def page_key(request: Request, name: str) -> int | None:
    """``before`` or ``after``, None when it is not given. Raises ValidationError."""
    text = request.query_params.get(name)
    if text is None:
        return None
    is_key = text.isascii() and text.isdecimal() and len(text) < 20
    if not is_key or int(text) > MAX_KEY:
        raise ValidationError({name: ["Not a cursor out of a link."]})
    return int(text)


def page_answer(
    request: Request, rows: Sequence[Any], *, older: object | None, newer: object | None
) -> Response:
    """Rows as they are shown, with the links to the neighbouring pages."""
    url = request.build_absolute_uri()
    links = {"next": link_to(url, "before", older), "previous": link_to(url, "after", newer)}
    return Response({**links, "results": rows})


def link_to(url: str, name: str, key: object | None) -> str | None:
    """The address of a neighbouring page; ``name`` is ``before`` or ``after``."""
    if key is None:
        return None
    other = {"before": "after", "after": "before"}[name]
    return replace_query_param(remove_query_param(url, other), name, str(key))

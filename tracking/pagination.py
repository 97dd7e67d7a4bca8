"""API pages over a Search: by key, so that the last page costs what the first does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from tracking.periods import TimeRange
from tracking.selectors.keyset import Cursor, Search
from tracking.selectors.search import FoundPage

PARAMETERS = ("before", "after", "page_size")
DEFAULT_SIZE = 100
MAX_SIZE = 1000
_DIGITS = re.compile(r"[0-9]{1,4}")


class SearchPagination(BasePagination):
    """``before`` and ``after`` are cursors out of the links; ``page_size`` up to 1000.

    The links name the range as exact times: a range that moves on with the clock would lose its
    oldest rows while somebody turns the pages.
    """

    page: FoundPage[Any]
    range: TimeRange

    def paginate_queryset(  # type: ignore[override]  # a Search, not a queryset
        self, queryset: Search, request: Request, view: Any = None
    ) -> list[Any]:
        find: Callable[..., FoundPage[Any]] = view.find
        _check_one(request)
        self.range = view.filters.time_range
        self.url = request.build_absolute_uri()
        self.page = find(
            queryset,
            _size(request),
            before=_cursor(request, "before"),
            after=_cursor(request, "after"),
        )
        return self.page.rows

    def get_paginated_response(self, data: Any, **more: Any) -> Response:
        return Response(
            {
                "since": self.range.since.astimezone(UTC),
                "until": self.range.until.astimezone(UTC),
                **more,
                "next": self._link("before", self.page.older),
                "previous": self._link("after", self.page.newer),
                "results": data,
            }
        )

    def _link(self, name: str, cursor: Cursor | None) -> str | None:
        if cursor is None:
            return None
        url = self.url
        for other in ("before", "after", "period"):
            url = remove_query_param(url, other)
        for bound, at in (("since", self.range.since), ("until", self.range.until)):
            url = replace_query_param(url, bound, at.astimezone(UTC).isoformat())
        return replace_query_param(url, name, str(cursor))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        moment = {"type": "string", "format": "date-time"}
        properties = {"since": moment, "until": moment, "next": link, "previous": link}
        properties["results"] = schema
        return {"type": "object", "required": list(properties), "properties": properties}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        text = {"type": "string", "pattern": "^-?[0-9]{1,18}-[0-9]{1,18}$"}
        size = {"type": "integer", "minimum": 1, "maximum": MAX_SIZE, "default": DEFAULT_SIZE}
        return [
            _parameter("before", "Cursor of the next, older page.", text),
            _parameter("after", "Cursor of the previous, newer page.", text),
            _parameter("page_size", "Rows a page.", size),
        ]


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }


def _check_one(request: Request) -> None:
    if request.query_params.get("before") and request.query_params.get("after"):
        raise ValidationError({"after": ["Either before or after."]})


def _size(request: Request) -> int:
    text = request.query_params.get("page_size", "")
    if not text:
        return DEFAULT_SIZE
    if not _DIGITS.fullmatch(text) or not 1 <= int(text) <= MAX_SIZE:
        raise ValidationError({"page_size": [f"Not a number from 1 to {MAX_SIZE}."]})
    return int(text)


def _cursor(request: Request, name: str) -> Cursor | None:
    text = request.query_params.get(name, "")
    cursor = Cursor.parse(text) if text else None
    if text and cursor is None:
        raise ValidationError({name: ["Not a cursor out of a link."]})
    return cursor

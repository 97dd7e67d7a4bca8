"""Lists of the API over a Search: the filters of the page, cursors, and whole results as files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import django_filters
from django_filters.utils import translate_validation
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from mailgw.lib.parameters import check_parameters
from mailgw.lib.renderers import CsvRenderer, JsonErrors, NdjsonRenderer
from tracking.downloads import FORMATS
from tracking.pagination import PARAMETERS, SearchPagination
from tracking.range_filters import RangeFilterSet
from tracking.scopes import READ
from tracking.selectors.keyset import Search

_RANGE = "Without since, until or period: 24 hours that end now, or with the newest mail."
_FILES = "As NDJSON or CSV: the whole result, streamed; needs the scope `export`, too."


class FilteredView(viewsets.GenericViewSet[Any]):
    """Binds the page's filters to the query string; ``filters`` holds them once bound."""

    required_scope = READ
    pagination_class = SearchPagination
    search: ClassVar[Search]
    filters: RangeFilterSet

    def get_queryset(self) -> Any:
        return self.search

    def bind_filters(self, **more: str) -> Search:
        """The search that was asked for; raises ValidationError by parameter."""
        request = self.request
        check_parameters(request.query_params, self._known_parameters())
        data = request.query_params.copy()
        for name, value in more.items():
            data[name] = value
        self.filters = self.filterset_class(  # type: ignore[attr-defined]  # of the subclass
            data, queryset=self.search, request=request
        )
        if not self.filters.is_valid():
            raise translate_validation(self.filters.errors)
        found: Search = self.filters.qs
        return found

    def _known_parameters(self) -> dict[str, bool]:
        filters = self.filterset_class.base_filters  # type: ignore[attr-defined]
        known = dict.fromkeys(("format", *PARAMETERS), False)
        multiple = django_filters.MultipleChoiceFilter
        return known | {name: isinstance(item, multiple) for name, item in filters.items()}


class SearchViewSet(JsonErrors, FilteredView):
    """A list: pages as JSON, or the whole result as CSV or NDJSON."""

    renderer_classes = (JSONRenderer, NdjsonRenderer, CsvRenderer)
    file_name: ClassVar[str]
    iterate: ClassVar[Any]

    def list(self, request: Request) -> Any:
        found = self.bind_filters()
        serializer: Any = self.get_serializer_class()
        if getattr(request.accepted_renderer, "is_export", False):
            as_file = FORMATS[request.accepted_renderer.format]
            return as_file(self.iterate(found), serializer, self.file_name)
        rows = self.paginate_queryset(found)  # type: ignore[arg-type]  # a Search
        return self.get_paginated_response(serializer(rows, many=True).data)


def list_schema(description: str, serializer: Any) -> Callable[[Any], Any]:
    """How the schema describes a list in its three forms."""
    responses: dict[Any, Any] = {
        (200, "application/json"): serializer(many=True),
        (200, "application/x-ndjson"): OpenApiTypes.STR,
        (200, "text/csv"): OpenApiTypes.STR,
    }
    text = f"{description} {_RANGE}\n\n{_FILES}"
    return extend_schema_view(list=extend_schema(description=text, responses=responses))

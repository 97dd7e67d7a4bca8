"""The forms of an answer: a page as JSON, or the whole result as a stream of CSV or NDJSON."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework.exceptions import MethodNotAllowed, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response


class ExportRenderer(JSONRenderer):
    """Names a form; the view streams it. What is rendered here is an error, as JSON."""

    is_export = True


class CsvRenderer(ExportRenderer):
    media_type = "text/csv"
    format = "csv"


class NdjsonRenderer(ExportRenderer):
    media_type = "application/x-ndjson"
    format = "ndjson"


class NamedNegotiation(DefaultContentNegotiation):
    """Says which formats there are, where REST framework has but a 404.

    A method that the view does not have comes first: its answer is 405, whatever the format.
    """

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        method = str(request.method)
        if method not in request.parser_context["view"].allowed_methods:
            raise MethodNotAllowed(method)
        return super().select_renderer(request, renderers, format_suffix)

    def filter_renderers(self, renderers: Any, format: str) -> Any:
        try:
            return super().filter_renderers(renderers, format)
        except Http404 as error:
            known = ", ".join(renderer.format for renderer in renderers)
            raise ValidationError({"format": [f"One of {known}."]}) from error


class JsonErrors:
    """Mixin of views: errors are JSON, whatever form was asked for."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if isinstance(response, Response) and response.exception:
            renderer = JSONRenderer()
            response.accepted_renderer = request.accepted_renderer = renderer
            response.accepted_media_type = request.accepted_media_type = renderer.media_type
        return response

"""``/api/v1/registry/``: customers and networks as CSV, to read and to replace."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from mailgw.lib.csv_export import download
from mailgw.lib.parameters import check_parameters
from mailgw.lib.parsers import TooLarge
from mailgw.lib.renderers import CsvRenderer, JsonErrors
from tracking.registry.csv_reading import MAX_BYTES
from tracking.registry.exporting import registry_lines
from tracking.registry.planning import Mode
from tracking.registry.rows import BadRegistry
from tracking.registry.services import import_now
from tracking.scopes import READ_REGISTRY, WRITE_REGISTRY

UNPROCESSABLE = 422
_MOST_PROBLEMS = 1000  # in an answer
YES, NO = "yes", "no"


class CsvParser(BaseParser):
    """A CSV file of at most MAX_BYTES, as bytes."""

    media_type = "text/csv"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        body: bytes = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise TooLarge(f"The body has more than {MAX_BYTES} bytes.")
        return body


class CountsSerializer(serializers.Serializer[Any]):
    """How many of a kind."""

    add = serializers.IntegerField()
    change = serializers.IntegerField()
    remove = serializers.IntegerField()


class RegistryReceiptSerializer(serializers.Serializer[Any]):
    """What an import did, or would do."""

    is_dry_run = serializers.BooleanField()
    customer = CountsSerializer()
    network = CountsSerializer()


class RegistryProblemSerializer(serializers.Serializer[Any]):
    """What is wrong with a line."""

    line = serializers.IntegerField(help_text="0: the file as a whole.")
    column = serializers.CharField(help_text='"": the whole line.')
    text = serializers.CharField()


class BadRegistrySerializer(serializers.Serializer[Any]):
    """Why nothing was imported."""

    detail = serializers.CharField()
    problems = RegistryProblemSerializer(many=True)


class RegistryView(JsonErrors, viewsets.ViewSet):
    """Customers and their networks, a line for each network."""

    parser_classes = (CsvParser,)

    @property
    def required_scope(self) -> str:
        return WRITE_REGISTRY if self.action == "update" else READ_REGISTRY

    def get_renderers(self) -> Any:
        return [JSONRenderer()] if self.action == "update" else [CsvRenderer()]

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def retrieve(self, request: Request) -> HttpResponseBase:
        """The whole registry; needs the scope `export`, too. Sent back, it changes nothing."""
        check_parameters(request.query_params, {"format": False})
        return download(registry_lines(), "text/csv", f"registry-{timezone.now():%Y%m%d}.csv")

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "mode",
                str,
                enum=list(Mode),
                description="`replace` (if left out): what the file lacks is removed; "
                "`merge` only adds and changes.",
            ),
            OpenApiParameter(
                "dry_run", str, enum=[YES, NO], description="`yes`: look, and change nothing."
            ),
        ],
        request={"text/csv": OpenApiTypes.STR},
        responses={200: RegistryReceiptSerializer, 422: BadRegistrySerializer},
    )
    def update(self, request: Request) -> Response:
        """Bring the registry up to date from a file: whole, or not at all."""
        check_parameters(request.query_params, {"format": False, "mode": False, "dry_run": False})
        mode = _choice(request, "mode", Mode.REPLACE, list(Mode))
        is_dry = _choice(request, "dry_run", NO, [YES, NO]) == YES
        user: Any = request.user
        body: Any = request.data
        raw = body if isinstance(body, bytes) else b""  # no bytes at all: nothing was parsed
        try:
            plan = import_now(user, raw, Mode(mode), is_dry=is_dry)
        except BadRegistry as error:
            return Response(_refusal(error), UNPROCESSABLE)
        return Response({"is_dry_run": is_dry, **plan.counts()})


def _choice(request: Request, name: str, default: str, known: list[Any]) -> str:
    value: str = request.query_params.get(name, default)
    if value not in known:
        raise ValidationError({name: [f"One of {', '.join(known)}."]})
    return value


def _refusal(error: BadRegistry) -> dict[str, Any]:
    return {
        "detail": "Nothing was imported.",
        "problems": [problem._asdict() for problem in error.problems[:_MOST_PROBLEMS]],
    }

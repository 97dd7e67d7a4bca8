"""``POST /api/v1/segments/``: log shippers push lines here."""

from __future__ import annotations

import re
from typing import IO, Any, cast

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, status
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mailgw.lib.authentication import ApiTokenAuthentication
from mailgw.lib.permissions import HasScope
from tracking.models import LogSource
from tracking.push import (
    MAX_BYTES,
    BadBody,
    BodyTooLarge,
    SequenceConflict,
    lines_of_json,
    push_source,
    read_body,
    receive_segment,
    source_by_token,
)
from tracking.scopes import WRITE_SEGMENTS
from tracking.serializers import ProblemSerializer, SegmentReceiptSerializer

_SEQUENCE = re.compile(r"[\x21-\x7e]{1,100}")
_LENGTH = re.compile(r"[0-9]{1,18}")
_JSON = {"application/x-ndjson", "application/ndjson", "application/json", "application/jsonl"}
_TEXT = {"text/plain", ""}


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"More than {MAX_BYTES} bytes, as sent or unpacked. Send smaller batches."


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "This X-Sequence was sent before with other lines."


class LengthRequired(exceptions.APIException):
    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_detail = "The request has no Content-Length."


class SourceTokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer TOKEN`` of the LogSource named by ``?source=``."""

    def authenticate(self, request: Request) -> tuple[None, LogSource] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "token":
            return None
        name = request.query_params.get("source", "")
        source = None
        if scheme.lower() == "bearer" and token and "\0" not in name:
            source = source_by_token(name, token.strip())
        if source is None:
            raise exceptions.AuthenticationFailed("No such source, or not its token.")
        return None, source

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class SourceTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = SourceTokenAuthentication
    name = "sourceToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "Token of a push source."}


class IsSource(HasScope):
    """The token of the source, or an API token that may push to any."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, LogSource) or super().has_permission(request, view)


class SegmentView(APIView):
    """Takes log lines of a push source."""

    authentication_classes = (SourceTokenAuthentication, ApiTokenAuthentication)
    permission_classes = (IsSource,)
    required_scope = WRITE_SEGMENTS

    @extend_schema(
        parameters=[
            OpenApiParameter("source", str, required=True, description="Name of the source."),
            OpenApiParameter(
                "X-Sequence",
                str,
                OpenApiParameter.HEADER,
                description="The sender's number of this batch: sent again, it changes nothing.",
            ),
            OpenApiParameter("Content-Encoding", str, OpenApiParameter.HEADER, enum=["gzip"]),
        ],
        request={
            "text/plain": OpenApiTypes.STR,
            "application/x-ndjson": OpenApiTypes.BINARY,
        },
        responses={
            200: SegmentReceiptSerializer,
            **dict.fromkeys((400, 401, 409, 411, 413, 415), ProblemSerializer),
        },
    )
    def post(self, request: Request) -> Response:
        """Store lines; a 2xx answer means that they are on disk."""
        source, sequence = _source(request), _sequence(request)
        raw = _raw_lines(request)
        if not raw.strip():
            return Response({"segment": None, "lines": 0})
        try:
            segment = receive_segment(source, raw, sequence)
        except SequenceConflict as error:
            raise Conflict from error
        return Response({"segment": segment.number, "lines": segment.line_count})


def _source(request: Request) -> LogSource:
    """The source that the token is of; an API token only names it."""
    if isinstance(request.auth, LogSource):
        return request.auth
    name = request.query_params.get("source", "")
    source = push_source(name) if "\0" not in name else None
    if source is None:
        raise exceptions.ParseError("source: there is no such push source.")
    return source


def _raw_lines(request: Request) -> bytes:
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    content_type = (request.content_type or "").partition(";")[0].strip().lower()
    if encoding not in {"gzip", "identity"}:
        raise exceptions.UnsupportedMediaType(
            encoding, f"Content-Encoding: {encoding} is not gzip."
        )
    if content_type not in _JSON | _TEXT:
        raise exceptions.UnsupportedMediaType(content_type)
    try:
        body = read_body(_stream(request), is_gzip=encoding == "gzip")
        return lines_of_json(body) if content_type in _JSON else body
    except BadBody as error:
        raise exceptions.ParseError(str(error)) from error
    except BodyTooLarge as error:
        raise TooLarge from error


def _stream(request: Request) -> IO[bytes]:
    """The body as it comes; of a chunked one only the server knows the end."""
    http = request._request
    length = http.headers.get("Content-Length", "")
    if _LENGTH.fullmatch(length):
        if int(length) > MAX_BYTES:
            raise BodyTooLarge
        return cast("IO[bytes]", http)
    if http.META.get("wsgi.input_terminated"):
        return cast("IO[bytes]", http.META["wsgi.input"])
    if "Transfer-Encoding" in http.headers:
        raise LengthRequired
    return cast("IO[bytes]", http)


def _sequence(request: Request) -> str | None:
    sequence = request.headers.get("X-Sequence")
    if sequence is not None and not _SEQUENCE.fullmatch(sequence):
        raise exceptions.ParseError("X-Sequence is not 1 to 100 characters without blanks.")
    return sequence

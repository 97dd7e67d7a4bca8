"""Bodies of requests, read up to a bound, whatever their headers say."""

from __future__ import annotations

import json
from typing import Any

from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_BYTES = 1024 * 1024


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"The body has more than {MAX_BYTES} bytes."


class BoundedJsonParser(BaseParser):
    """A JSON object of at most MAX_BYTES."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            body = json.loads(_read(stream))
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is not JSON: {error}") from error
        if not isinstance(body, dict):
            raise ParseError("The body is not a JSON object.")
        return body


class PlainTextParser(BaseParser):
    """Text of at most MAX_BYTES; what is not UTF-8 in it is replaced."""

    media_type = "text/plain"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return _read(stream).decode("utf-8", "replace")


def _read(stream: Any) -> bytes:
    body: bytes = stream.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise TooLarge
    return body

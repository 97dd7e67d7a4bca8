"""Middleware of the whole console."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

Handler = Callable[[HttpRequest], HttpResponse]
# LRO and RLO in UTF-8: they turn around what stands beside them, even Latin letters.
_OVERRIDES = re.compile(rb"\xe2\x80[\xad\xae]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}".encode()


def site_time_zone(get_response: Handler) -> Handler:
    """Show times in the site's zone; storage and background work stay in UTC."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with timezone.override(settings.SITE_TIME_ZONE):
            return get_response(request)

    return middleware


def visible_overrides(get_response: Handler) -> Handler:
    """Show the overrides of direction that a sender put into an address or subject as a sign.

    With them, ``<RLO>elpmaxe.evil@eno`` reads as another address, and so does its neighbour.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        kind = response.get("Content-Type", "")
        if not response.streaming and kind.startswith(("text/html", "image/svg")):
            response.content = _OVERRIDES.sub(_REPLACEMENT, response.content)
        return response

    return middleware

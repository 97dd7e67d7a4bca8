"""Middleware of the whole console."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

Handler = Callable[[HttpRequest], HttpResponse]


def site_time_zone(get_response: Handler) -> Handler:
    """Show times in the site's zone; storage and background work stay in UTC."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with timezone.override(settings.SITE_TIME_ZONE):
            return get_response(request)

    return middleware

"""One URL serves a page and its fragment."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


def template(request: HttpRequest, page: str, fragment: str) -> str:
    """The fragment for a swap; boosted and history-restore requests get the page."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # set by HtmxMiddleware
    is_swap = bool(htmx) and not htmx.boosted and not htmx.history_restore_request
    return fragment if is_swap else page

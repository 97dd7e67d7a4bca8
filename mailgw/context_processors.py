"""What every page needs: the menu, the site's time zone, the number of unread notices."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypedDict

from django.conf import settings
from django.http import HttpRequest

from mailgw.navigation import MenuItem, visible_items
from tracking.selectors.watches import unread_count


class Console(TypedDict):
    """Context of base.html."""

    navigation: list[MenuItem]
    site_time_zone: str
    unread_notices: Callable[[], int]


def console(request: HttpRequest) -> Console:
    user = getattr(request, "user", None)  # none when a middleware before it failed
    return {
        "navigation": visible_items(request),
        "site_time_zone": settings.SITE_TIME_ZONE,
        # Asked for by the frame alone, not by fragments.
        "unread_notices": partial(unread_count, getattr(user, "pk", None) or 0),
    }

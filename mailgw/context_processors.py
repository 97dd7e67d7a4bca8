"""What every page needs: the menu and the site's time zone."""

from __future__ import annotations

from typing import TypedDict

from django.conf import settings
from django.http import HttpRequest

from mailgw.navigation import MenuItem, visible_items


class Console(TypedDict):
    """Context of base.html."""

    navigation: list[MenuItem]
    site_time_zone: str


def console(request: HttpRequest) -> Console:
    return {"navigation": visible_items(request), "site_time_zone": settings.SITE_TIME_ZONE}

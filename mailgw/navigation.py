"""The menu as data: label, URL name, icon, permission."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stats.alerts.selectors import unacknowledged_count


@dataclass(frozen=True)
class MenuEntry:
    """A page of the menu and who may open it; ``count`` of ``count_label`` is shown beside it."""

    label: str | Promise
    url_name: str
    icon: str
    permission: str | None = None
    count: Callable[[], int] | None = None
    count_label: str | Promise = ""


@dataclass(frozen=True)
class MenuItem:
    """An entry as one user sees it. ``count`` is asked for by the frame alone, not by fragments.

    ``current`` is what aria-current takes: ``page``, ``true`` above the open page, or "".
    """

    label: str | Promise
    url: str
    icon: str
    current: str
    count: Callable[[], int] | None = None
    count_label: str | Promise = ""


MENU = [
    MenuEntry(_("Dashboard"), "stats:dashboard", "layout-dashboard", "tracking.view_message"),
    MenuEntry(_("Outbound"), "stats:outbound", "chart-sankey", "tracking.view_message"),
    MenuEntry(_("Networks"), "stats:networks", "network", "tracking.view_clientnetwork"),
    MenuEntry(_("Tracking"), "tracking:search", "search", "tracking.view_message"),
    MenuEntry(_("Saved searches"), "tracking:saved-searches", "bookmarks", "tracking.view_message"),
    MenuEntry(_("Rejections"), "tracking:rejections", "hand-stop", "tracking.view_rejection"),
    MenuEntry(_("Quarantine"), "quarantine:list", "archive", "quarantine.view_quarantinedmessage"),
    MenuEntry(
        _("Alerts"),
        "stats:alerts",
        "urgent",
        "stats.view_alert",
        unacknowledged_count,
        _("not acknowledged"),
    ),
    MenuEntry(_("Registry"), "tracking:registry", "address-book", "tracking.import_registry"),
    MenuEntry(_("Reports"), "stats:reports", "report-analytics", "stats.change_reportsubscription"),
    MenuEntry(_("Status"), "tracking:status", "activity", "tracking.view_logsource"),
]


def visible_items(request: HttpRequest) -> list[MenuItem]:
    """Entries whose page exists and that the user may open; none before login."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    shown = [
        (entry, url)
        for entry in MENU
        if entry.permission is None or user.has_perm(entry.permission)
        if (url := _reverse(entry.url_name)) is not None
    ]
    nearest = max(
        (url for _entry, url in shown if _leads_to(url, request.path)), key=len, default=""
    )
    return [
        MenuItem(
            entry.label,
            url,
            entry.icon,
            _current(url, request.path) if url == nearest else "",
            entry.count,
            entry.count_label,
        )
        for entry, url in shown
    ]


def _leads_to(url: str, path: str) -> bool:
    """A page is above those whose paths begin with its own; the home page is above none."""
    return path == url or (url != "/" and path.startswith(url))


def _current(url: str, path: str) -> str:
    return "page" if url == path else "true"


def _reverse(url_name: str) -> str | None:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None

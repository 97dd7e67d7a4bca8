"""What the pages of the quarantine show: selectors' answers put together for the templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mailgw.lib.networks import client_text
from quarantine.choices import HeldState, RequestState
from quarantine.filters import HeldFilterSet
from quarantine.following import release_fates
from quarantine.models import QuarantinedMessage
from quarantine.preview.isolation import make_preview
from quarantine.preview.model import Preview
from quarantine.selectors import (
    COUNT_CAP,
    HeldDetail,
    count_by_kind,
    count_up_to,
    failing_sources,
    sources_status,
)
from quarantine.services.results import Actor
from quarantine.services.viewing import view_body
from quarantine.sorting import cursor_parser, list_page
from quarantine.tables import HeldTable
from quarantine.telling import unseen_answers
from quarantine.trail import count_open_requests
from tracking.choices import QuarantineKind

PAGE_SIZE = 50
# Releases of one mail that are looked up in the log.
MAX_FOLLOWED = 10
_PLACES = ("before", "after")
# What everybody wants to see first; the others follow.
MAIN_HEADERS = ("from", "sender", "reply-to", "to", "cc", "subject", "date")


@dataclass(frozen=True, slots=True)
class Tab:
    """A kind with its count; ``query`` keeps the other filters."""

    label: str | Promise
    query: str
    is_chosen: bool
    count: int
    is_capped: bool


def actor_of(request: HttpRequest) -> Actor:
    """Who acts, and from where."""
    return Actor(request.user, client_text(request) or None)


def list_context(request: HttpRequest, filters: HeldFilterSet) -> dict[str, Any]:
    """A page of the list with its tabs; the same number of queries for any."""
    found = filters.qs
    parse = cursor_parser(filters.sorted_by)
    before, after = (parse(request.GET.get(name, "")) for name in _PLACES)
    page = list_page(found, filters.sorted_by, PAGE_SIZE, before=before, after=after)
    count = count_up_to(found) if filters.form.has_details() else None
    may = allowed(request)
    return {
        "filter": filters,
        "page": page,
        "table": HeldTable(page.rows),
        "tabs": _tabs(request, filters),
        "found": count,
        "found_cap": COUNT_CAP,
        "can_act_on_found": _can_act_on_found(filters.held_state, count, may),
        "sources": [] if page.rows else sources_status(),
        "failing": failing_sources(),
        "state": filters.held_state,
        "older_query": query_with(request, before=page.older),
        "newer_query": query_with(request, after=page.newer),
        **may,
        **_sections(request),
    }


def _can_act_on_found(state: HeldState, count: int | None, may: dict[str, bool]) -> bool:
    """Whether the search found more than a page, and there is something to do with it all."""
    if count is None or count <= PAGE_SIZE:
        return False
    if state == HeldState.DELETED:
        return may["may_delete"]
    return state == HeldState.HELD and any(
        may[name] for name in ("may_release", "may_request_release", "may_delete")
    )


def _sections(request: HttpRequest) -> dict[str, Any]:
    """The pages beside the list, for who may open them."""
    actor = actor_of(request)
    may_decide = actor.may("approve_release")
    return {
        "may_audit": actor.may("audit"),
        "has_requests": may_decide or actor.may("request_release"),
        "open_requests": count_open_requests() if may_decide else 0,
        "unseen": unseen_answers(actor.user.pk),
    }


def allowed(request: HttpRequest) -> dict[str, bool]:
    """What the user may do, for buttons; the services check for themselves."""
    actor = actor_of(request)
    names = ("view_body", "download", "release", "delete", "request_release", "approve_release")
    return {f"may_{name}": actor.may(name) for name in names}


def detail_context(request: HttpRequest, detail: HeldDetail) -> dict[str, Any]:
    """Everything but the body."""
    held = detail.held
    is_held = held.state == HeldState.HELD
    may = allowed(request)
    return {
        **may,
        "detail": detail,
        "held": held,
        "releases": [(item, release_fates(item)) for item in detail.releases[:MAX_FOLLOWED]],
        "can_release": is_held and may["may_release"],
        "can_delete": is_held and may["may_delete"],
        "can_restore": held.state == HeldState.DELETED and may["may_delete"],
        "can_resolve": held.state == HeldState.UNCERTAIN and may["may_release"],
        "can_request": is_held and may["may_request_release"] and not may["may_release"],
        "is_readable": held.is_at_source and held.state != HeldState.DELETING,
        "open_requests": [item for item in detail.requests if item.state == RequestState.OPEN],
    }


def content_context(request: HttpRequest, held: QuarantinedMessage) -> dict[str, Any]:
    """The preview; its reading is audited first. Raises NotAllowed and BackendError."""
    content = view_body(held, actor_of(request))
    with_images = request.GET.get("images") == "1"
    preview = make_preview(content.raw, with_images=with_images)
    return {
        "preview": preview,
        "with_images": with_images,
        "is_cut": content.is_cut,
        "read_bytes": len(content.raw),
        "main_headers": _headers(preview, is_main=True),
        "other_headers": _headers(preview, is_main=False),
    }


def _headers(preview: Preview, *, is_main: bool) -> list[Any]:
    return [item for item in preview.headers if (item.name.lower() in MAIN_HEADERS) == is_main]


def _tabs(request: HttpRequest, filters: HeldFilterSet) -> list[Tab]:
    """Counts of the state that is looked at, whatever else is filtered."""
    counts = count_by_kind(filters.held_state)
    chosen = filters.form.cleaned_data["kind"]
    total = sum(counts.values())
    tabs = [_tab(_("All"), query_with(request, kind=None), not chosen, total)]
    for kind in QuarantineKind:
        word = kind.name.lower()
        if kind and (counts[kind] or kind <= QuarantineKind.ATTACHMENT or word == chosen):
            query = query_with(request, kind=word)
            tabs.append(_tab(kind.label, query, word == chosen, counts[kind]))
    return tabs


def _tab(label: str | Promise, query: str, is_chosen: bool, count: int) -> Tab:  # noqa: FBT001
    is_capped = count >= COUNT_CAP
    return Tab(label, query, is_chosen, min(count, COUNT_CAP), is_capped)


def query_with(request: HttpRequest, **changes: Any) -> str:
    """This page's query string with changes, from the first page unless they say where."""
    query = request.GET.copy()
    for name in (*_PLACES, *changes):
        query.pop(name, None)
    for name, value in changes.items():
        if value is not None:
            query[name] = str(value)
    for name in [name for name in query if not any(query.getlist(name))]:
        del query[name]
    return f"?{query.urlencode()}"

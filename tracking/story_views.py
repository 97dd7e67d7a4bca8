"""The story of a Message: its page, its raw lines, and what they say besides."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from mailgw.lib import htmx
from tracking.selectors.attempts import hop_details as read_details
from tracking.selectors.evidence import hop_evidence
from tracking.selectors.story import (
    Story,
    StoryHop,
    message_of_hop,
    message_received_at,
    message_story,
    story_version,
)
from tracking.selectors.watches import watch_of
from tracking.story_pages import story_context

NO_CONTENT = 204
_MAX_ID = 2**63 - 1
_MAX_ADDRESS = 512


@require_safe
@permission_required("tracking.view_message", raise_exception=True)
def message_detail(request: HttpRequest, message: int) -> HttpResponse:
    """What happened to one Message; of one that joined another, the way there."""
    found = message_story(message) if message <= _MAX_ID else None
    if found is not None:
        context = _context(request, found)
        return render(request, "tracking/message_detail.html", context)
    joined = message_of_hop(message) if message <= _MAX_ID else None
    if joined is None:
        raise Http404
    url = reverse("tracking:message-detail", kwargs={"message": joined})
    return redirect(f"{url}?{request.GET.urlencode()}" if request.GET else url)


@require_safe
@permission_required("tracking.view_message", raise_exception=True)
def message_live(request: HttpRequest, message: int) -> HttpResponse:
    """The story anew when it is no longer as in ``version``, else 204; two queries tell.

    Of a Message that joined another, the other's story, and its address for the browser.
    """
    at = message_received_at(message) if message <= _MAX_ID else None
    if at is not None and story_version(message, at) == request.GET.get("version"):
        return HttpResponse(status=NO_CONTENT)
    shown = message if at is not None or message > _MAX_ID else message_of_hop(message)
    story = message_story(shown) if shown is not None else None
    if story is None:
        raise Http404
    response = render(request, "tracking/_story_live.html", _context(request, story))
    if shown != message:
        response["HX-Replace-Url"] = reverse("tracking:message-detail", args=[shown])
    return response


def _context(request: HttpRequest, story: Story) -> dict[str, Any]:
    recipient = request.GET.get("recipient", "")[:_MAX_ADDRESS].replace("\0", "\ufffd")
    watch = watch_of(request.user.pk or 0, story.message.id)
    return story_context(story, recipient) | {"watch": watch}


@require_safe
@permission_required("tracking.view_message", raise_exception=True)
@vary_on_headers("HX-Request")
def hop_lines(request: HttpRequest, message: int, hop: int) -> HttpResponse:
    """The raw log lines of one Hop."""
    story, found = _story_and_hop(message, hop)
    name = htmx.template(request, "tracking/hop_lines.html", "tracking/_hop_lines.html")
    context = {"story": story, "hop": found, "evidence": hop_evidence(story, found)}
    return render(request, name, context)


@require_safe
@permission_required("tracking.view_message", raise_exception=True)
@vary_on_headers("HX-Request")
def hop_details(request: HttpRequest, message: int, hop: int) -> HttpResponse:
    """Every attempt at one Hop, and the rules that its mail hit."""
    story, found = _story_and_hop(message, hop)
    evidence = hop_evidence(story, found)
    name = htmx.template(request, "tracking/hop_details.html", "tracking/_hop_details.html")
    context = {"story": story, "hop": found, "evidence": evidence}
    return render(request, name, context | {"details": read_details(evidence)})


def _story_and_hop(message: int, hop: int) -> tuple[Story, StoryHop]:
    story = message_story(message) if message <= _MAX_ID else None
    found = next((item for item in story.hops if item.id == hop), None) if story else None
    if story is None or found is None:
        raise Http404
    return story, found

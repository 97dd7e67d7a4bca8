"""Watching a mail, and the notices that come of it. Everybody sees and changes only his own."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tracking.selectors.story import message_of_hop, message_story
from tracking.selectors.watches import watches_of
from tracking.watching import mark_read, unwatch
from tracking.watching import watch as add_watch

SEE_OTHER = 303
_MAX_ID = 2**63 - 1


@require_POST
@permission_required("tracking.view_message", raise_exception=True)
def watch(request: HttpRequest, message: int) -> HttpResponse:
    """Tell me when it ends; of a mail that joined another, when that does."""
    story = message_story(message) if message <= _MAX_ID else None
    if story is None:
        joined = message_of_hop(message) if message <= _MAX_ID else None
        story = message_story(joined) if joined is not None else None
    if story is None:
        raise Http404
    if story.has_ended:
        messages.info(request, _("This mail has ended already."))
    else:
        add_watch(request.user.pk or 0, story)
    path = reverse("tracking:message-detail", args=[story.message.id])
    query = request.META["QUERY_STRING"]
    return _see(f"{path}?{query}" if query else path)


@require_safe
@permission_required("tracking.view_message", raise_exception=True)
def watches(request: HttpRequest) -> HttpResponse:
    """Notices, and what is still being watched."""
    context = {"watches": watches_of(request.user.pk or 0)}
    return render(request, "tracking/watches.html", context)


@require_POST
@permission_required("tracking.view_message", raise_exception=True)
def read(request: HttpRequest) -> HttpResponse:
    """All notices are read."""
    mark_read(request.user.pk or 0)
    return _see(reverse("tracking:watches"))


@require_POST
@permission_required("tracking.view_message", raise_exception=True)
def forget(request: HttpRequest, watch: int) -> HttpResponse:
    """Watch it no longer, or remove the notice. From the story, back to it."""
    if watch > _MAX_ID or not unwatch(request.user.pk or 0, watch):
        raise Http404
    story = request.POST.get("story", "")
    if story.isdecimal() and len(story) < len(str(_MAX_ID)):
        return _see(reverse("tracking:message-detail", args=[int(story)]))
    return _see(reverse("tracking:watches"))


def _see(path: str) -> HttpResponse:
    return HttpResponseRedirect(path, status=SEE_OTHER)

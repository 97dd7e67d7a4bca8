"""Pages of saved searches."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mailgw.lib.redirects import see_other
from tracking.saved_forms import SavedSearchForm
from tracking.saved_searches import changeable_by, searches_for

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("tracking.view_message", raise_exception=True)
def saved_searches(request: HttpRequest) -> HttpResponse:
    """One's own and the shared searches; a POST saves one."""
    user: Any = request.user
    if request.method != "POST":
        return render(request, "tracking/saved_searches.html", _lists(user))
    form = SavedSearchForm(user, request.POST)
    if not form.is_valid():
        context = {**_lists(user), "form": form}
        return render(request, "tracking/saved_searches.html", context, status=UNPROCESSABLE)
    form.save()
    messages.success(request, _("The search %(name)s is saved.") % {"name": form.instance.name})
    return see_other("tracking:saved-searches")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("tracking.view_message", raise_exception=True)
def change_saved_search(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name; share it, or no longer."""
    user: Any = request.user
    found = get_object_or_404(changeable_by(user), pk=pk)
    form = SavedSearchForm(user, request.POST or None, instance=found)
    if form.is_valid():
        form.save()
        return see_other("tracking:saved-searches")
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "tracking/saved_search.html", {"form": form}, status=status)


@require_POST
@permission_required("tracking.view_message", raise_exception=True)
def delete_saved_search(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it out of the lists; the mail stays."""
    user: Any = request.user
    found = get_object_or_404(changeable_by(user), pk=pk)
    found.delete()
    messages.success(request, _("The search %(name)s is deleted.") % {"name": found.name})
    return see_other("tracking:saved-searches")


def _lists(user: Any) -> dict[str, Any]:
    found = list(searches_for(user))
    changeable = set(changeable_by(user).values_list("pk", flat=True))
    return {
        "own": [search for search in found if search.owner_id == user.pk],
        "shared": [search for search in found if search.owner_id != user.pk],
        "changeable": changeable,
    }

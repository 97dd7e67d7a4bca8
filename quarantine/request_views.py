"""Requests for a release: who asked, who decides, what was answered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mailgw.lib.redirects import see_other
from quarantine.action_views import LEVELS
from quarantine.choices import Outcome, RequestState
from quarantine.faults import explained
from quarantine.forms import DecisionForm
from quarantine.models import ReleaseRequest
from quarantine.pages import actor_of, query_with
from quarantine.selectors import find_each
from quarantine.services.requests import approve_request, refuse_request, withdraw_request
from quarantine.services.results import Actor, BadInput, ItemOutcome
from quarantine.telling import mark_answers_seen, unseen_answers
from quarantine.trail import MAX_KEY, page_by_key, parse_key, requests_of
from quarantine.views import UNPROCESSABLE, VIEW

PAGE_SIZE = 50


@require_safe
@permission_required(VIEW, raise_exception=True)
def request_list(request: HttpRequest) -> HttpResponse:
    """All requests for who decides; one's own for who asks."""
    actor = actor_of(request)
    _check_part(actor)
    state = request.GET.get("state", RequestState.OPEN)
    state = state if state in (*RequestState.values, "") else RequestState.OPEN
    owner = None if actor.may("approve_release") else actor.user.pk
    before, after = (parse_key(request.GET.get(name, "")) for name in ("before", "after"))
    page = page_by_key(requests_of(state, owner), "pk", PAGE_SIZE, before=before, after=after)
    states = [("", _("All")), *RequestState.choices]
    tabs = [(label, f"?state={word}", word == state) for word, label in states]
    context = _list_context(request, actor, page) | {"tabs": tabs}
    return render(request, "quarantine/requests.html", context)


def _list_context(request: HttpRequest, actor: Actor, page: Any) -> dict[str, Any]:
    return {
        "page": page,
        "user_id": actor.user.pk,
        "may_decide": actor.may("approve_release"),
        "unseen": unseen_answers(actor.user.pk),
        "older_query": query_with(request, before=page.older),
        "newer_query": query_with(request, after=page.newer),
    }


def _check_part(actor: Actor) -> None:
    if not (actor.may("approve_release") or actor.may("request_release")):
        raise PermissionDenied


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required((VIEW, "quarantine.approve_release"), raise_exception=True)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what was asked for; POST says yes or no, and why."""
    wish, actor = _request_or_404(pk), actor_of(request)
    items = find_each([wish.held_id])
    form = DecisionForm(request.POST or None, items=items, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            outcome = _decide(request, pk, actor, form)
        except BadInput as error:
            form.add_error("reason", str(error))
        else:
            return _told(request, outcome)
    context = {"wish": wish, "item": items[0], "form": form, "is_own": _is_own(wish, actor)}
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "quarantine/decide.html", context, status=status)


def _decide(request: HttpRequest, pk: int, actor: Actor, form: DecisionForm) -> ItemOutcome:
    answer = form.cleaned_data["reason"]
    if request.POST.get("decision") == "approve":
        return approve_request(pk, actor, answer, form.cleaned_data.get("confirmation", ""))
    if request.POST.get("decision") == "refuse":
        return refuse_request(pk, actor, answer)
    raise BadInput("decision", _("Say yes or no."))


def _told(request: HttpRequest, outcome: ItemOutcome) -> HttpResponse:
    is_yes = request.POST.get("decision") == "approve"
    done = _("Approved and released.") if is_yes else _("Refused; the requester is told.")
    messages.add_message(request, LEVELS[outcome.outcome], explained(outcome.text) or done)
    if outcome.outcome in (Outcome.REFUSED, Outcome.FAILED):
        return see_other("quarantine:detail", held=outcome.held_id)
    return see_other("quarantine:requests")


def _is_own(wish: ReleaseRequest, actor: Actor) -> bool:
    return bool(wish.requested_by_id == actor.user.pk)


def _request_or_404(pk: int) -> ReleaseRequest:
    found = requests_of("", None).filter(pk=min(pk, MAX_KEY)).first()
    if found is None:
        raise Http404
    return found


@require_POST
@permission_required((VIEW, "quarantine.request_release"), raise_exception=True)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own request back."""
    wish, actor = _request_or_404(pk), actor_of(request)
    if not _is_own(wish, actor):
        raise Http404
    outcome = withdraw_request(pk, actor)
    text = explained(outcome.text) or _("The request was withdrawn.")
    messages.add_message(request, LEVELS[outcome.outcome], text)
    return see_other("quarantine:requests")


@require_POST
@permission_required(VIEW, raise_exception=True)
def answers_seen(request: HttpRequest) -> HttpResponse:
    """The requester has read the answers."""
    mark_answers_seen(actor_of(request).user.pk)
    return see_other("quarantine:requests")

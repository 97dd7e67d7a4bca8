"""Actions on held mail: a page that says what will happen, a POST that does it, the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from mailgw.lib.redirects import see_other
from quarantine.choices import HeldState, Outcome, Verb
from quarantine.faults import explained
from quarantine.forms import DeleteForm, ReasonForm, ReleaseForm, RequestForm, ResolveForm
from quarantine.pages import actor_of
from quarantine.results_store import load, store
from quarantine.selectors import FoundHeld, find_each
from quarantine.services.deletion import delete_messages, restore_messages
from quarantine.services.release import release_messages, resolve_uncertain
from quarantine.services.requests import request_release
from quarantine.services.results import MAX_BULK, Actor, BadInput, ItemOutcome, counts
from quarantine.views import MAX_ID, UNPROCESSABLE, VIEW

LEVELS = {
    Outcome.DONE: messages.SUCCESS,
    Outcome.ALREADY: messages.INFO,
    Outcome.FAILED: messages.ERROR,
    Outcome.REFUSED: messages.ERROR,
    Outcome.UNCERTAIN: messages.WARNING,
}


@dataclass(frozen=True, slots=True)
class Action:
    """What a page of confirmation is about."""

    verb: Verb
    permission: str
    state: HeldState
    title: str | Promise
    text: str | Promise
    button: str | Promise
    done: str | Promise
    form: type[ReasonForm]
    perform: Callable[[Sequence[int], Actor, Any], list[ItemOutcome]]
    is_dangerous: bool = False


RELEASE = Action(
    Verb.RELEASE,
    "release",
    HeldState.HELD,
    gettext_lazy("Release held mail"),
    gettext_lazy(
        "The mail goes on to its recipients with its own sender. That can't be taken back."
    ),
    gettext_lazy("Release"),
    gettext_lazy("Released."),
    ReleaseForm,
    lambda ids, actor, form: release_messages(ids, actor, form.wish()),
)
DELETE = Action(
    Verb.DELETE,
    "delete",
    HeldState.HELD,
    gettext_lazy("Delete held mail"),
    gettext_lazy("Nobody gets the mail. It can be restored for a while, then it is gone for ever."),
    gettext_lazy("Delete"),
    gettext_lazy("Deleted."),
    DeleteForm,
    lambda ids, actor, form: delete_messages(
        ids,
        actor,
        form.cleaned_data["reason"],
        is_sender_blocked=form.cleaned_data.get("is_sender_blocked", False),
    ),
    is_dangerous=True,
)
RESTORE = Action(
    Verb.RESTORE,
    "delete",
    HeldState.DELETED,
    gettext_lazy("Restore deleted mail"),
    gettext_lazy("The mail is held again, as it was before it was deleted."),
    gettext_lazy("Restore"),
    gettext_lazy("Restored: it is held again."),
    ReasonForm,
    lambda ids, actor, form: restore_messages(ids, actor, form.cleaned_data["reason"]),
)
REQUEST = Action(
    Verb.REQUEST,
    "request_release",
    HeldState.HELD,
    gettext_lazy("Request a release"),
    gettext_lazy("A senior or an administrator decides; you are told the answer."),
    gettext_lazy("Send the request"),
    gettext_lazy("The request was sent."),
    RequestForm,
    lambda ids, actor, form: request_release(
        ids, actor, form.cleaned_data["reason"], form.chosen_recipients()
    ),
)
RESOLVE = Action(
    Verb.RESOLVE,
    "release",
    HeldState.UNCERTAIN,
    gettext_lazy("Resolve an uncertain release"),
    gettext_lazy("Look in the log and ask the recipient, then say what became of the release."),
    gettext_lazy("Resolve"),
    gettext_lazy("Resolved."),
    ResolveForm,
    lambda ids, actor, form: [
        resolve_uncertain(
            pk,
            actor,
            was_sent=form.cleaned_data["was_sent"] == "yes",
            reason=form.cleaned_data["reason"],
        )
        for pk in ids
    ],
)


def action_view(action: Action) -> Callable[[HttpRequest], HttpResponse]:
    """GET asks for the reason, POST acts and goes on to the outcome."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @permission_required(VIEW, raise_exception=True)
    @permission_required(f"quarantine.{action.permission}", raise_exception=True)
    def view(request: HttpRequest) -> HttpResponse:
        ids = chosen_ids(request)
        items, actor = find_each(ids), actor_of(request)
        if not items:
            return _ask(request, action, None, [])
        form = action.form(request.POST or None, items=items, actor=actor)
        if request.method == "POST" and form.is_valid():
            try:
                return _answer(request, action, action.perform(ids, actor, form))
            except BadInput as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
        return _ask(request, action, form, items)

    return view


def chosen_ids(request: HttpRequest) -> list[int]:
    """Each id once, in order; none when there are too many, or one is no id."""
    given = request.POST if request.method == "POST" else request.GET
    texts = list(dict.fromkeys(given.getlist("ids")))
    are_ids = all(text.isascii() and text.isdecimal() and len(text) < 20 for text in texts)
    if len(texts) > MAX_BULK or not are_ids:
        return []
    return [int(text) for text in texts if int(text) <= MAX_ID]


def _ask(
    request: HttpRequest, action: Action, form: ReasonForm | None, items: list[FoundHeld]
) -> HttpResponse:
    """The page of confirmation. 422 when something is wrong with what was sent."""
    context = {
        "action": action,
        "form": form,
        "items": items,
        "most": MAX_BULK,
        "others": [item for item in items if item.state != action.state],
    }
    is_wrong = form is None or bool(form.errors)
    status = UNPROCESSABLE if is_wrong else 200
    return render(request, "quarantine/confirm.html", context, status=status)


def _answer(request: HttpRequest, action: Action, outcomes: Sequence[ItemOutcome]) -> HttpResponse:
    """One mail: back to its page. Several: a page with a line for each."""
    if len(outcomes) == 1:
        (outcome,) = outcomes
        text = explained(outcome.text) or str(action.done)
        messages.add_message(request, LEVELS[outcome.outcome], text)
        return see_other("quarantine:detail", held=outcome.held_id)
    token = store(request.session, action.verb, outcomes)
    return see_other("quarantine:results", token=token)


@require_safe
@permission_required(VIEW, raise_exception=True)
def results(request: HttpRequest, token: str) -> HttpResponse:
    """How an action on several mails ended, a line for each."""
    found = load(request.session, token)
    if found is None:
        raise Http404
    mails = {item.id: item for item in find_each([item.held_id for item in found.items])}
    context = {
        "verb": found.verb,
        "counts": [
            (outcome.value, count)
            for outcome, count in counts(
                ItemOutcome(item.held_id, item.outcome) for item in found.items
            ).items()
        ],
        "rows": [(item, mails.get(item.held_id)) for item in found.items],
    }
    return render(request, "quarantine/results.html", context)

"""Two keys: who may not release asks, another person decides, and the one who asked is told."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from quarantine import audit
from quarantine.answer_tasks import start_mailing_answer
from quarantine.choices import HeldState, Outcome, RequestState, Verb
from quarantine.models import QuarantinedMessage, ReleaseRequest
from quarantine.services.bulk import Attempt, act_on_each, refuse, unknown
from quarantine.services.release import Order, Wish, release_one, virus_refusal
from quarantine.services.results import Actor, ItemOutcome, checked_reason


def request_release(
    ids: Sequence[int], actor: Actor, reason: str, recipients: Sequence[str] | None = None
) -> list[ItemOutcome]:
    """Ask for each mail. Raises BadInput before anything is done."""
    reason, batch = checked_reason(reason), uuid.uuid4()
    refusal = "" if actor.may("request_release") else _("You may not request a release.")
    return act_on_each(
        ids,
        Attempt(actor.who, Verb.REQUEST, reason, batch),
        lambda _held: refusal,
        lambda held: _request_one(held, actor, reason, batch, recipients),
    )


def _request_one(
    held: QuarantinedMessage,
    actor: Actor,
    reason: str,
    batch: uuid.UUID,
    recipients: Sequence[str] | None,
) -> ItemOutcome:
    if held.state != HeldState.HELD:
        text = _("It is not held any more: %(state)s.") % {"state": held.get_state_display()}
        return ItemOutcome(held.pk, Outcome.ALREADY, text)
    wanted = held.waiting_recipients if recipients is None else list(dict.fromkeys(recipients))
    if not wanted or set(wanted) - set(held.recipients):
        return ItemOutcome(held.pk, Outcome.FAILED, _("These are not the mail's recipients."))
    request = ReleaseRequest(held=held, recipients=wanted, requested_by=actor.user, reason=reason)
    try:
        with transaction.atomic():
            request.save()
            about = audit.about(held)
            entry = audit.Entry(actor.who, Verb.REQUEST, Outcome.DONE, about, reason, batch)
            audit.append(entry, recipients=wanted)
    except IntegrityError:
        return ItemOutcome(held.pk, Outcome.ALREADY, _("Its release was requested before."))
    return ItemOutcome(held.pk, Outcome.DONE)


def approve_request(pk: int, actor: Actor, answer: str, confirmation: str = "") -> ItemOutcome:
    """Release what was asked for. When that fails and the mail is still held, it is open again."""
    answer = checked_reason(answer)
    request = _found(pk)
    if request is None:
        return unknown(pk)
    held, batch = request.held, uuid.uuid4()
    if why := _may_not_decide(request, actor) or virus_refusal(held, actor, confirmation):
        return refuse(held, actor.who, Verb.APPROVE, why, answer, batch)

    def decide() -> ItemOutcome | None:
        """With the intent, or not at all: an approval without its release would be a lie."""
        is_ours = _decide(request, actor, RequestState.APPROVED, Verb.APPROVE, answer, batch)
        return None if is_ours else _decided_before(request)

    reason = _("approved: %(answer)s (asked by %(who)s: %(reason)s)") % {
        "answer": answer,
        "who": request.requested_by.get_username(),
        "reason": request.reason,
    }
    wish = Wish(reason, recipients=request.recipients)
    outcome = release_one(held, Order(actor.who, reason, batch, wish, decide, request.pk))
    if outcome.outcome == Outcome.ALREADY and _is_released(request):
        decide()
    is_open = outcome.outcome == Outcome.FAILED and _reopen(request, actor, outcome.text, batch)
    if request.decided_by_id == actor.user.pk and not is_open:
        start_mailing_answer(request.pk)
    return outcome


def _is_released(request: ReleaseRequest) -> bool:
    """Somebody else released it to all that it was asked for."""
    request.held.refresh_from_db(fields=("released_recipients",))
    return set(request.recipients) <= set(request.held.released_recipients)


def refuse_request(pk: int, actor: Actor, answer: str) -> ItemOutcome:
    """Say no, and why."""
    answer = checked_reason(answer)
    request = _found(pk)
    if request is None:
        return unknown(pk)
    batch = uuid.uuid4()
    if why := _may_not_decide(request, actor):
        return refuse(request.held, actor.who, Verb.REFUSE, why, answer, batch)
    if not _decide(request, actor, RequestState.REFUSED, Verb.REFUSE, answer, batch):
        return _decided_before(request)
    start_mailing_answer(request.pk)
    return ItemOutcome(request.held_id, Outcome.DONE)


def withdraw_request(pk: int, actor: Actor) -> ItemOutcome:
    """Take one's own request back."""
    request = _found(pk)
    if request is None or request.requested_by_id != actor.user.pk:
        return unknown(pk)
    batch = uuid.uuid4()
    if not _decide(request, actor, RequestState.WITHDRAWN, Verb.WITHDRAW, "", batch):
        return _decided_before(request)
    return ItemOutcome(request.held_id, Outcome.DONE)


def _found(pk: int) -> ReleaseRequest | None:
    return (
        ReleaseRequest.objects.filter(pk=pk).select_related("held__source", "requested_by").first()
    )


def _may_not_decide(request: ReleaseRequest, actor: Actor) -> str:
    if not actor.may("approve_release"):
        return _("You may not decide on requests.")
    if request.requested_by_id == actor.user.pk:
        return _("Somebody else has to decide on your request.")
    return ""


def _decide(
    request: ReleaseRequest,
    actor: Actor,
    state: RequestState,
    verb: Verb,
    answer: str,
    batch: uuid.UUID,
) -> bool:
    """Whether the decision is ours: the first one counts."""
    with transaction.atomic():
        is_ours = ReleaseRequest.objects.filter(pk=request.pk, state=RequestState.OPEN).update(
            state=state, decided_by=actor.user, decided_at=timezone.now(), decision=answer
        )
        if is_ours:
            about = audit.about(request.held)
            entry = audit.Entry(actor.who, verb, Outcome.DONE, about, answer, batch)
            audit.append(entry, recipients=request.recipients)
    request.refresh_from_db(fields=("state", "decided_by", "decided_at", "decision"))
    return bool(is_ours)


def _decided_before(request: ReleaseRequest) -> ItemOutcome:
    text = _("It was decided before: %(state)s.") % {"state": request.get_state_display()}
    return ItemOutcome(request.held_id, Outcome.ALREADY, text)


def _reopen(request: ReleaseRequest, actor: Actor, why: str, batch: uuid.UUID) -> bool:
    """Whether the wish still stands: nothing was sent, and the mail is still held."""
    with transaction.atomic():
        is_open = ReleaseRequest.objects.filter(
            pk=request.pk,
            state=RequestState.FAILED,
            decided_by=actor.user,
            held__state=HeldState.HELD,
        ).update(
            state=RequestState.OPEN,
            decided_by=None,
            decided_at=None,
            decision="",
            failure="",
            settled_at=None,
        )
        if is_open:
            about = audit.about(request.held)
            entry = audit.Entry(actor.who, Verb.APPROVE, Outcome.FAILED, about, "", batch)
            audit.append(entry, detail=why)
    return bool(is_open)

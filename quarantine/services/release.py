"""Release: a held mail goes on to its recipients, once, and everybody knows how it ended.

The intent (a Release row, the state ``releasing``, an audit row) commits before anything is sent;
the outcome commits after. In between the process holds the mail's lock. A process that died left
the intent without the lock: if nothing can have been sent, ``resume_releases`` does it; if it
can, the mail becomes ``uncertain`` and a person decides. Nothing is ever sent twice by itself.

Call these outside of transactions: an intent that is not committed protects nothing.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarantine import audit
from quarantine.audit import Who
from quarantine.backends.base import (
    Ability,
    Backend,
    BackendError,
    Fault,
    ItemGone,
    ReleaseUncertain,
    Sent,
)
from quarantine.choices import HeldState, Noticed, Outcome, ReleaseStep, Verb
from quarantine.connect import connect, item_of
from quarantine.faults import explained
from quarantine.locks import acting_on
from quarantine.models import QuarantinedMessage, Release
from quarantine.services.bulk import Attempt, act_on_each, find, refuse, unknown
from quarantine.services.results import (
    Actor,
    BadInput,
    ItemOutcome,
    RecipientOutcome,
    checked_reason,
)
from quarantine.services.settling import settle_request
from tracking.choices import QuarantineKind

log = logging.getLogger(__name__)

# What somebody types who releases a virus.
VIRUS_CONFIRMATION = "release virus"
_ADDRESS = re.compile(r"[^\s@<>,;\"\x00-\x1f\x7f]{1,64}@[^\s@<>,;\"\x00-\x1f\x7f]{1,253}")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be released to whom. ``recipients`` None: all who have not got it yet."""

    reason: str
    recipients: Sequence[str] | None = None
    elsewhere: str = ""
    confirmation: str = ""
    is_sender_allowed: bool = False


def release_messages(ids: Sequence[int], actor: Actor, wish: Wish) -> list[ItemOutcome]:
    """Release each; an outcome for each. Raises BadInput before anything is done."""
    reason = checked_reason(wish.reason)
    if wish.elsewhere and not _ADDRESS.fullmatch(wish.elsewhere):
        raise BadInput("elsewhere", _("%(text)s is no mail address.") % {"text": wish.elsewhere})
    order = Order(actor.who, reason, uuid.uuid4(), wish)
    return act_on_each(
        ids,
        Attempt(order.who, Verb.RELEASE, order.reason, order.batch),
        lambda held: _not_allowed(held, actor, wish),
        lambda held: release_one(held, order),
    )


@dataclass(frozen=True, slots=True)
class Order:
    """A wish that somebody is allowed to have.

    ``on_begin`` runs in the transaction of the intent; its outcome, if any, ends the release.
    ``request`` is the id of the one whose approval this is.
    """

    who: Who
    reason: str
    batch: uuid.UUID
    wish: Wish
    on_begin: Callable[[], ItemOutcome | None] | None = None
    request: int | None = None


def _not_allowed(held: QuarantinedMessage, actor: Actor, wish: Wish) -> str:
    if not actor.may("release"):
        return _("You may not release mail.")
    if wish.elsewhere and not actor.may("release_elsewhere"):
        return _("You may not release to another address.")
    return virus_refusal(held, actor, wish.confirmation)


def virus_refusal(held: QuarantinedMessage, actor: Actor, confirmation: str) -> str:
    """Why the actor can't release this mail if it holds a virus; "" when he can."""
    if held.kind != QuarantineKind.VIRUS and not held.virus:
        return ""
    if not actor.may("release_virus"):
        return _("Only an administrator releases mail with a virus.")
    if " ".join(confirmation.lower().split()) != VIRUS_CONFIRMATION:
        return _("Type “%(words)s” to confirm.") % {"words": VIRUS_CONFIRMATION}
    return ""


def release_one(held: QuarantinedMessage, order: Order) -> ItemOutcome:
    """Release one mail; who may do so was checked."""
    with acting_on(held.pk) as is_ours:
        if not is_ours:
            return _already_under_way(held.pk)
        try:
            release = _begin(held.pk, order)
        except _Nothing as nothing:
            return nothing.outcome
        return _perform(release)


class _Nothing(Exception):
    """There is nothing to do, or it can't be done."""

    def __init__(self, outcome: ItemOutcome) -> None:
        super().__init__()
        self.outcome = outcome


def _already_under_way(pk: int) -> ItemOutcome:
    return ItemOutcome(pk, Outcome.ALREADY, _("Somebody is acting on this mail right now."))


_WHY_NOT = {
    HeldState.RELEASED: (Outcome.ALREADY, gettext_lazy("It was released before.")),
    HeldState.RELEASING: (Outcome.ALREADY, gettext_lazy("It is being released.")),
    HeldState.UNCERTAIN: (
        Outcome.FAILED,
        gettext_lazy("An earlier release is uncertain: look at the log, then resolve it."),
    ),
    HeldState.DELETED: (Outcome.FAILED, gettext_lazy("It was deleted: restore it first.")),
    HeldState.DELETING: (Outcome.FAILED, gettext_lazy("It is being deleted.")),
    HeldState.GONE: (Outcome.FAILED, gettext_lazy("It is no longer held by its filter.")),
    HeldState.REMOVED: (Outcome.FAILED, gettext_lazy("It was removed outside this console.")),
}


def _begin(pk: int, order: Order) -> Release:
    """Commit the intent. Raises _Nothing."""
    with transaction.atomic():
        held = QuarantinedMessage.objects.select_for_update(of=("self",)).get(pk=pk)
        if held.state in _WHY_NOT:
            outcome, text = _WHY_NOT[HeldState(held.state)]
            raise _Nothing(ItemOutcome(pk, outcome, str(text)))
        recipients = _targets(held, order.wish)
        if order.on_begin is not None and (ended := order.on_begin()) is not None:
            raise _Nothing(ended)
        release = Release(
            held=held,
            recipients=recipients,
            is_elsewhere=bool(order.wish.elsewhere),
            is_sender_allowed=order.wish.is_sender_allowed,
            actor=order.who.name,
            token=order.who.token,
            client_ip=order.who.client_ip,
            reason=order.reason,
            batch=order.batch,
            request_id=order.request,
        )
        try:
            with transaction.atomic():
                release.save()
        except IntegrityError:
            raise _Nothing(_already_under_way(pk)) from None
        held.state, held.state_changed_at = HeldState.RELEASING, timezone.now()
        held.save(update_fields=("state", "state_changed_at"))
        audit.append(_entry(release, Outcome.INTENT), recipients=recipients)
    return release


def _targets(held: QuarantinedMessage, wish: Wish) -> list[str]:
    """Whom it goes to. Raises _Nothing."""
    if wish.elsewhere:
        return [wish.elsewhere]
    if wish.recipients is None:
        wanted = held.waiting_recipients
    else:
        wanted = list(dict.fromkeys(wish.recipients))
    if strangers := [name for name in wanted if name not in held.recipients]:
        text = _("%(address)s is no recipient of this mail.") % {"address": strangers[0]}
        raise _Nothing(ItemOutcome(held.pk, Outcome.FAILED, text))
    waiting = [name for name in wanted if name not in held.released_recipients]
    if not waiting and held.recipients:
        raise _Nothing(ItemOutcome(held.pk, Outcome.ALREADY, _("It was released before.")))
    if not waiting:
        text = _("The mail names no recipient: release it to an address.")
        raise _Nothing(ItemOutcome(held.pk, Outcome.FAILED, text))
    return waiting


def _perform(release: Release) -> ItemOutcome:
    """Send, and commit how it ended. The caller holds the mail's lock."""
    held = release.held

    def on_sending() -> None:
        Release.objects.filter(pk=release.pk).update(step=ReleaseStep.SENDING)

    try:
        backend = connect(held.source)
        if release.is_elsewhere and Ability.OTHER_RECIPIENT not in backend.abilities:
            return _finish(release, [], HeldState.HELD, f"{Fault.OWN_RECIPIENTS}:")
        answers = backend.release(item_of(held), release.recipients, on_sending)
    except ReleaseUncertain as error:
        return _finish(release, list(error.answers), HeldState.UNCERTAIN, str(error))
    except ItemGone as error:
        return _finish(release, [], HeldState.REMOVED, str(error))
    except BackendError as error:
        return _finish(release, [], HeldState.HELD, str(error))
    outcome = _finish(release, answers, HeldState.HELD, "")
    if release.is_sender_allowed:
        return _allow_sender(backend, release, outcome)
    return outcome


def _finish(
    release: Release, answers: Sequence[Sent], state: HeldState, failure: str
) -> ItemOutcome:
    """Commit the outcome. ``state`` is where the mail goes if somebody still waits for it."""
    missing = Outcome.UNCERTAIN if state == HeldState.UNCERTAIN else Outcome.FAILED
    by_name = {item.recipient: item for item in answers}
    results = tuple(
        _result(name, by_name.get(name), missing, failure) for name in release.recipients
    )
    summary = _summary(release.held_id, results, failure)
    with transaction.atomic():
        held = QuarantinedMessage.objects.select_for_update(of=("self",)).get(pk=release.held_id)
        release.step, release.ended_at = ReleaseStep.ENDED, timezone.now()
        release.failure = failure
        release.replies = [
            [item.recipient, item.outcome == Outcome.DONE, item.text, item.queue_id]
            for item in results
        ]
        release.save(update_fields=("step", "ended_at", "failure", "replies"))
        if not release.is_elsewhere:
            done = [item.recipient for item in results if item.outcome == Outcome.DONE]
            held.released_recipients = [*held.released_recipients, *done]
        is_all = bool(held.released_recipients) and not held.waiting_recipients
        held.state = HeldState.RELEASED if is_all else state
        held.state_changed_at = timezone.now()
        held.save(update_fields=("released_recipients", "state", "state_changed_at"))
        for item in results:
            entry = _entry(release, item.outcome)
            audit.append(entry, recipients=[item.recipient], detail=item.text)
        settle_request(release, summary.outcome, summary.text)
    return summary


def _result(name: str, sent: Sent | None, missing: Outcome, failure: str) -> RecipientOutcome:
    if sent is None:
        return RecipientOutcome(name, missing, failure)
    outcome = Outcome.DONE if sent.is_accepted else Outcome.FAILED
    return RecipientOutcome(name, outcome, sent.reply, sent.queue_id)


def _summary(pk: int, results: tuple[RecipientOutcome, ...], failure: str) -> ItemOutcome:
    found = {item.outcome for item in results}
    for outcome in (Outcome.UNCERTAIN, Outcome.FAILED):
        if outcome in found:
            failed = [item for item in results if item.outcome == outcome]
            text = failure or f"{failed[0].recipient}: {failed[0].text}"
            return ItemOutcome(pk, outcome, text, results)
    return ItemOutcome(pk, Outcome.DONE, "", results)


def _allow_sender(backend: Backend, release: Release, outcome: ItemOutcome) -> ItemOutcome:
    """Of the recipients who got it; the release stays done whatever comes of this."""
    failures = list_sender(
        backend,
        release.held,
        Verb.ALLOW_SENDER,
        [item.recipient for item in outcome.recipients if item.outcome == Outcome.DONE],
        _entry(release, Outcome.DONE),
    )
    if not failures:
        return outcome
    text = _("Released, but the sender is not allowed: %(why)s") % {"why": explained(failures[0])}
    return ItemOutcome(outcome.held_id, outcome.outcome, text, outcome.recipients)


def list_sender(
    backend: Backend,
    held: QuarantinedMessage,
    verb: Verb,
    recipients: Sequence[str],
    entry: audit.Entry,
) -> list[str]:
    """Put the sender on the filter's list of each recipient; why it failed where it did."""
    act = backend.allow_sender if verb == Verb.ALLOW_SENDER else backend.block_sender
    failures = []
    for recipient in recipients:
        try:
            outcome, detail = Outcome.DONE, act(item_of(held), recipient)
        except BackendError as error:
            outcome, detail = Outcome.FAILED, str(error)
            failures.append(detail)
        row = audit.Entry(entry.who, verb, outcome, entry.about, entry.reason, entry.batch)
        audit.append(row, recipients=[recipient], detail=detail)
    return failures


def _entry(release: Release, outcome: Outcome) -> audit.Entry:
    who = Who(release.actor, release.client_ip, release.token)
    about = audit.about(release.held)
    return audit.Entry(who, Verb.RELEASE, outcome, about, release.reason, release.batch)


def resume_releases() -> list[ItemOutcome]:
    """End what dead processes left: release what was not sent yet, mark the rest uncertain."""
    outcomes = []
    left = Release.objects.exclude(step=ReleaseStep.ENDED).order_by("pk")
    for pk, held_id in list(left.values_list("pk", "held_id")):
        with acting_on(held_id) as is_ours:
            if not is_ours:
                continue
            try:
                outcomes += _resume(pk)
            except Exception:  # one that can't be ended must not keep the others waiting
                log.exception("release %s can't be resumed", pk)
    return outcomes


def _resume(pk: int) -> list[ItemOutcome]:
    left = Release.objects.exclude(step=ReleaseStep.ENDED).select_related("held__source")
    release = left.filter(pk=pk).first()
    if release is None:
        return []
    log.warning("release %s was left at %s", release.pk, release.step)
    if release.step == ReleaseStep.BEGUN:
        return [_perform(release)]
    return [_finish(release, [], HeldState.UNCERTAIN, f"{Fault.INTERRUPTED}:")]


def resolve_uncertain(pk: int, actor: Actor, *, was_sent: bool, reason: str) -> ItemOutcome:
    """A person looked and says what became of an uncertain release."""
    reason, batch = checked_reason(reason), uuid.uuid4()
    held = find(pk)
    if held is None:
        return unknown(pk)
    if not actor.may("release"):
        return refuse(held, actor.who, Verb.RESOLVE, _("You may not release mail."), reason, batch)
    with transaction.atomic():
        held = QuarantinedMessage.objects.select_for_update(of=("self",)).get(pk=pk)
        if held.state != HeldState.UNCERTAIN:
            return ItemOutcome(pk, Outcome.ALREADY, _("It is not uncertain any more."))
        last = Release.objects.filter(held=held).order_by("-pk").first()
        names = [reply[0] for reply in last.replies if not reply[1]] if last else []
        if was_sent and last is not None and not last.is_elsewhere:
            held.released_recipients = [*held.released_recipients, *names]
        is_all = bool(held.released_recipients) and not held.waiting_recipients
        held.state = HeldState.RELEASED if is_all else HeldState.HELD
        held.state_changed_at = timezone.now()
        held.save(update_fields=("released_recipients", "state", "state_changed_at"))
        entry = audit.Entry(actor.who, Verb.RESOLVE, Outcome.DONE, audit.about(held), reason, batch)
        answer = Noticed.WAS_SENT if was_sent else Noticed.WAS_NOT_SENT
        audit.append(entry, recipients=names, detail=f"{answer}:")
        if last is not None:
            settle_request(last, Outcome.DONE if was_sent else Outcome.FAILED, reason)
    return ItemOutcome(pk, Outcome.DONE)

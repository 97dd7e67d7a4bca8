"""Acting on all that a search found: as many as were confirmed, by a worker, a result for each.

The mails are fixed when it is confirmed. The worker does part after part and keeps each result, so
one that is killed is followed by another that goes on; what it had done and not yet kept is told as
done before, because no action happens twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from quarantine.choices import Outcome, Verb
from quarantine.models import BulkAction, BulkItem
from quarantine.querysets import HeldQuerySet
from quarantine.services.deletion import delete_messages, restore_messages
from quarantine.services.release import Wish, release_messages
from quarantine.services.requests import request_release
from quarantine.services.results import Actor, BadInput, ItemOutcome, checked_reason

log = logging.getLogger(__name__)

MAX_FOUND = 10_000
# Results are kept, and shown, after so many mails.
_PART = 20
# Well below a task's time limit, one slow mail included.
_RUN_SECONDS = 120
_LOCK = 0x51_42_4C_4B  # "QBLK"
_INT4 = 2**31

_ACTS: dict[Verb, Callable[[Sequence[int], Actor, dict[str, Any]], list[ItemOutcome]]] = {
    Verb.RELEASE: lambda ids, actor, options: release_messages(ids, actor, Wish(**options)),
    Verb.DELETE: lambda ids, actor, options: delete_messages(ids, actor, **options),
    Verb.RESTORE: lambda ids, actor, options: restore_messages(ids, actor, **options),
    Verb.REQUEST: lambda ids, actor, options: request_release(ids, actor, **options),
}


def find_all(found: HeldQuerySet, newest: int | None = None) -> list[int]:
    """The ids of a search's mails, newest first, up to the id ``newest``: later ones are not meant.

    Raises BadInput when there are more than may be acted on at once.
    """
    if newest is not None:
        found = found.filter(pk__lte=newest)
    ids = list(found.order_by("-received_at", "-pk").values_list("pk", flat=True)[: MAX_FOUND + 1])
    if len(ids) > MAX_FOUND:
        text = _("More than %(most)d mails were found: narrow the search.")
        raise BadInput("search", text % {"most": MAX_FOUND})
    return ids


def confirm(verb: Verb, ids: Sequence[int], actor: Actor, options: dict[str, Any]) -> BulkAction:
    """Keep what is to be done; a worker does it. Raises BadInput."""
    if not ids:
        raise BadInput("search", _("No mail was found."))
    options = {**options, "reason": checked_reason(options["reason"])}
    return BulkAction.objects.create(
        user=actor.user,
        client_ip=actor.client_ip,
        token=actor.token,
        language=translation.get_language() or "en",
        verb=verb,
        options=options,
        ids=list(ids),
    )


def run(pk: int, seconds: float = _RUN_SECONDS) -> bool:
    """Do what is left of a confirmed action, for a while; whether all of it is done.

    True, too, for one that is not there or that another worker is doing right now.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, pk % _INT4])
        if not cursor.fetchone()[0]:
            return True
        try:
            bulk = BulkAction.objects.select_related("user").filter(pk=pk, ended_at=None).first()
            return bulk is None or _run(bulk, time.monotonic() + seconds)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, pk % _INT4])


def _run(bulk: BulkAction, deadline: float) -> bool:
    done = set(bulk.items.values_list("held_id", flat=True))
    left = [pk for pk in bulk.ids if pk not in done]
    actor = Actor(bulk.user, bulk.client_ip, bulk.token)
    with translation.override(bulk.language):
        for start in range(0, len(left), _PART):
            if time.monotonic() > deadline:
                return False
            _do_part(bulk, left[start : start + _PART], actor)
    BulkAction.objects.filter(pk=bulk.pk).update(ended_at=timezone.now())
    return True


def _do_part(bulk: BulkAction, ids: Sequence[int], actor: Actor) -> None:
    outcomes = [outcome for pk in ids for outcome in _do_one(bulk, pk, actor)]
    BulkItem.objects.bulk_create(
        BulkItem(bulk=bulk, held_id=item.held_id, outcome=item.outcome, text=item.text)
        for item in outcomes
    )


def _do_one(bulk: BulkAction, pk: int, actor: Actor) -> list[ItemOutcome]:
    try:
        return _ACTS[Verb(bulk.verb)]([pk], actor, bulk.options)
    except Exception:  # one mail that nobody foresaw must not keep the others waiting for ever
        log.exception("held mail %s of bulk action %s", pk, bulk.pk)
        text = _("Something unforeseen happened: an administrator finds it in the worker's log.")
        return [ItemOutcome(pk, Outcome.FAILED, text)]


def left_over() -> list[int]:
    """Actions that are not done; those under way are locked, and run() leaves them alone."""
    return list(BulkAction.objects.filter(ended_at=None).values_list("pk", flat=True)[:100])

"""Gives history to the networks and customers of the registry as it is now, on request.

Newest day first, a transaction for each hour. Days that are through are noted, so after a crash
one day at most is done again; done twice it is the same.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from quarantine.attribution import reattribute_held
from stats.days import Day
from stats.models import ACTIVE, Reattribution, ReattributionState
from stats.rollups.locks import Lock, hold
from tracking.attribution import Changed, facts_extent, reattribute_hour, registry_now
from tracking.ingest.store.ownership import NetworkTable
from tracking.models import Relay

Progress = Callable[[int, int], None]
log = logging.getLogger(__name__)


class AlreadyActive(Exception):
    """Another request is not through yet; ``args[0]`` is it, if it still is there."""


def request_reattribution(
    started_by: AbstractBaseUser | None, since: date | None = None, until: date | None = None
) -> Reattribution:
    """Ask for the history of these days (both included; None: no bound); AlreadyActive.

    Whoever asks has it done: by ``run``, or by the task that beat starts.
    """
    try:
        with transaction.atomic():
            return Reattribution.objects.create(
                started_by_id=started_by.pk if started_by else None, since=since, until=until
            )
    except IntegrityError:
        raise AlreadyActive(active_reattribution()) from None


def active_reattribution() -> Reattribution | None:
    """The one that waits or runs."""
    return Reattribution.objects.filter(state__in=ACTIVE).first()


def run(
    *,
    seconds: float | None = None,
    is_patient: bool = False,
    progress: Progress | None = None,
) -> int | None:
    """Go on with the active request; no day is begun after ``seconds``.

    Returns how many days were done; None when another run has the lock and is not waited for. A
    request that can't be done is failed, with the error, and the error is raised.
    """
    with hold(Lock.ATTRIBUTION, is_patient=is_patient) as is_held:
        if not is_held:
            return None
        begun, days = time.monotonic(), 0
        while seconds is None or time.monotonic() - begun < seconds:
            request = active_reattribution()
            if request is None or not _do_next_day(request):
                break
            days += 1
            if progress is not None:
                progress(request.done, request.total)
        return days


def _do_next_day(request: Reattribution) -> bool:
    """False when there was no day left: then it is done."""
    try:
        registry = registry_now()
        digest = _digest(registry)
        if request.registry != digest:
            _begin(request, digest)
        if request.next_day is None or request.done >= request.total:
            _end(request, ReattributionState.DONE)
            return False
        changed = _do_day(Day.of(request.next_day), registry)
        _note(request, changed)
    except Exception as error:
        log.exception("re-attribution %s failed at %s", request.pk, request.next_day)
        _end(request, ReattributionState.FAILED, f"{request.next_day}: {error}")
        raise
    return True


def _digest(registry: NetworkTable) -> str:
    """Of all that attribution goes by: networks, their customers, and the roles of relays."""
    roles = list(Relay.objects.order_by("pk").values_list("pk", "role"))
    return hashlib.sha256(repr((sorted(registry.rows), roles)).encode()).hexdigest()


def _begin(request: Reattribution, digest: str) -> None:
    """From the newest day on: for the first time, or by another registry than was begun with."""
    days = _days(request.since, request.until)
    request.state, request.registry = ReattributionState.RUNNING, digest
    request.next_day = days[1] if days else None
    request.total = (days[1] - days[0]).days + 1 if days else 0
    request.done = 0
    request.save(update_fields=["state", "registry", "next_day", "total", "done"])


def _days(since: date | None, until: date | None) -> tuple[date, date] | None:
    """The first and last day to do: those asked for, as far as there is mail."""
    extent = facts_extent()
    if extent is None:
        return None
    first, last = (Day.at(moment).on for moment in extent)
    first, last = max(first, since or first), min(last, until or last)
    return (first, last) if first <= last else None


def _do_day(day: Day, registry: NetworkTable) -> Changed:
    changed = Changed()
    for hour in day.hours():
        changed += reattribute_hour(hour, registry)
    reattribute_held(day.since, day.until, registry)
    return changed


def _note(request: Reattribution, changed: Changed) -> None:
    Reattribution.objects.filter(pk=request.pk).update(
        next_day=Day.of(request.next_day).before.on if request.next_day else None,
        done=F("done") + 1,
        messages=F("messages") + changed.messages,
        rejections=F("rejections") + changed.rejections,
    )
    request.refresh_from_db()


def _end(request: Reattribution, state: ReattributionState, error: str = "") -> None:
    Reattribution.objects.filter(pk=request.pk, state__in=ACTIVE).update(
        state=state, error=error, ended_at=timezone.now()
    )

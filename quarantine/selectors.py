"""Reads of held mail: lists by key, and everything that is known of one mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from quarantine.choices import HeldState, RequestState
from quarantine.models import (
    QuarantineAction,
    QuarantinedMessage,
    QuarantineSource,
    Release,
    ReleaseRequest,
)
from quarantine.querysets import HeldQuerySet
from tracking.choices import QuarantineKind
from tracking.selectors.keyset import Cursor
from tracking.selectors.story import message_of_hop, message_received_at

COUNT_CAP = 10_000
MAX_ACTIONS = 500


@dataclass(frozen=True, slots=True)
class FoundHeld:
    """A held mail in a list. ``customer`` is "number name", ``network`` a CIDR; "" for none."""

    id: int
    source: str
    kind: QuarantineKind
    state: HeldState
    state_changed_at: datetime
    delete_after: datetime | None
    received_at: datetime
    envelope_sender: str
    header_from: str
    recipients: Sequence[str]
    released_recipients: Sequence[str]
    removed_recipients: Sequence[str]
    is_at_source: bool
    subject: str
    message_id: str
    size_bytes: int
    score: float | None
    virus: str
    rules: Sequence[str]
    quarantine_id: str
    client_ip: str | None
    message_ref: int | None
    customer: str
    network: str
    has_open_request: bool


@dataclass(frozen=True, slots=True)
class HeldPage:
    """A page, newest first, and the cursors of its neighbours (None: there is none)."""

    rows: list[FoundHeld]
    older: Cursor | None
    newer: Cursor | None


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source as the status page shows it; ``failure`` "" when its last sync was whole."""

    name: str
    kind: str
    is_enabled: bool
    synced_at: datetime | None
    failure: str
    held: int


@dataclass(frozen=True, slots=True)
class HeldDetail:
    """One mail with its history, newest first. ``message`` is the Message's id today."""

    held: FoundHeld
    message: int | None
    actions: list[QuarantineAction]
    releases: list[Release]
    requests: list[ReleaseRequest]
    is_cut: bool


def find_page(
    found: HeldQuerySet, size: int, *, before: Cursor | None = None, after: Cursor | None = None
) -> HeldPage:
    """One page; costs one index range however deep it is. ``before`` wins over ``after``."""
    if before is not None:
        after = None
    rows = _listed(_beyond(found, before, after))
    order = ("received_at", "id") if after else ("-received_at", "-id")
    page = [_found(row) for row in rows.order_by(*order)[: size + 1]]
    has_more = len(page) > size
    page = page[:size]
    if after is not None:
        page.reverse()
        return HeldPage(page, _cursor(page, -1), _cursor(page, 0) if has_more else None)
    older = _cursor(page, -1) if has_more else None
    return HeldPage(page, older, _cursor(page, 0) if before else None)


def find_each(ids: Sequence[int]) -> list[FoundHeld]:
    """Those of these mails that there are, in the order of the ids."""
    rows = {row.pk: row for row in _listed(QuarantinedMessage.objects.filter(pk__in=ids))}
    return [_found(rows[pk]) for pk in ids if pk in rows]


def examples_of(ids: Sequence[int]) -> list[FoundHeld]:
    """The first of many mails, then one with a virus and one of each source, if there are any."""
    rows = QuarantinedMessage.objects.filter(pk__in=ids)
    virus = rows.filter(Q(kind=QuarantineKind.VIRUS) | ~Q(virus="")).values_list("pk", flat=True)
    sources = rows.order_by("source_id", "pk").distinct("source_id").values_list("pk", flat=True)
    return find_each(list(dict.fromkeys([*ids[:10], *virus[:1], *sources])))


def find_by_quarantine_id(text: str) -> int | None:
    """The newest mail that a filter stored under this name."""
    rows = QuarantinedMessage.objects.filter(quarantine_id=text).exclude(quarantine_id="")
    return rows.order_by("-received_at").values_list("pk", flat=True).first()


def _beyond(found: HeldQuerySet, before: Cursor | None, after: Cursor | None) -> HeldQuerySet:
    if before is not None:
        return found.filter(received_at__lte=before.received_at).exclude(
            received_at=before.received_at, id__gte=before.id
        )
    if after is not None:
        return found.filter(received_at__gte=after.received_at).exclude(
            received_at=after.received_at, id__lte=after.id
        )
    return found


def _listed(found: HeldQuerySet) -> Any:
    open_requests = ReleaseRequest.objects.filter(held=OuterRef("pk"), state=RequestState.OPEN)
    return (
        found.select_related("source", "customer", "network")
        .annotate(has_open_request=Exists(open_requests))
        .defer("data")
    )


def _cursor(rows: list[FoundHeld], index: int) -> Cursor | None:
    return Cursor(rows[index].received_at, rows[index].id) if rows else None


def _found(row: Any) -> FoundHeld:
    return FoundHeld(
        id=row.pk,
        source=row.source.name,
        kind=QuarantineKind(row.kind),
        state=HeldState(row.state),
        state_changed_at=row.state_changed_at,
        delete_after=row.delete_after,
        received_at=row.received_at,
        envelope_sender=row.envelope_sender,
        header_from=row.header_from,
        recipients=row.recipients,
        released_recipients=row.released_recipients,
        removed_recipients=row.removed_recipients,
        is_at_source=row.is_at_source,
        subject=row.subject,
        message_id=row.message_id,
        size_bytes=row.size_bytes,
        score=row.score,
        virus=row.virus,
        rules=row.rules,
        quarantine_id=row.quarantine_id,
        client_ip=row.client_ip,
        message_ref=row.message_ref,
        customer=str(row.customer) if row.customer else "",
        network=str(row.network) if row.network else "",
        has_open_request=row.has_open_request,
    )


def count_up_to(found: HeldQuerySet, cap: int = COUNT_CAP) -> int:
    """How many there are; stops at ``cap``."""
    return found.order_by().values("pk")[:cap].count()


def count_by_kind(state: HeldState = HeldState.HELD, cap: int = COUNT_CAP) -> dict[int, int]:
    """For the tabs: how many of each kind are in a state, each counted up to ``cap``."""
    one = (
        "(SELECT count(*) FROM (SELECT 1 FROM quarantine_quarantinedmessage"
        " WHERE state = %s AND kind = %s LIMIT %s) counted)"
    )
    kinds = [kind for kind in QuarantineKind if kind]
    values = [value for kind in kinds for value in (state.value, kind.value, cap)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join([one] * len(kinds)), values)
        return dict(zip(kinds, cursor.fetchone(), strict=True))


def held_detail(pk: int) -> HeldDetail | None:
    """Everything but the body; None when there is no such mail. The same queries for any."""
    row = _listed(QuarantinedMessage.objects.filter(pk=pk)).first()
    if row is None:
        return None
    actions = list(QuarantineAction.objects.filter(held_id=pk)[: MAX_ACTIONS + 1])
    requests = ReleaseRequest.objects.filter(held=pk).select_related("requested_by", "decided_by")
    return HeldDetail(
        held=_found(row),
        message=message_today(row.message_ref),
        actions=actions[:MAX_ACTIONS],
        releases=list(Release.objects.filter(held=pk).order_by("-started_at")[:100]),
        requests=list(requests[:100]),
        is_cut=len(actions) > MAX_ACTIONS,
    )


def message_today(message: int | None) -> int | None:
    """A Message that became a part of another is found by its Hop; None when it was pruned."""
    if message is None:
        return None
    return message if message_received_at(message) else message_of_hop(message)


def failing_sources() -> list[QuarantineSource]:
    """Those whose last sync was not whole: what is listed may be old."""
    return list(QuarantineSource.objects.filter(is_enabled=True).exclude(failure="")[:20])


def sources_status() -> list[SourceStatus]:
    """All sources and how many mails each holds."""
    counts = dict(
        QuarantinedMessage.objects.filter(state=HeldState.HELD)
        .values_list("source")
        .annotate(n=Count("pk"))
    )
    return [
        SourceStatus(
            name=source.name,
            kind=str(source.get_kind_display()),
            is_enabled=source.is_enabled,
            synced_at=source.synced_at,
            failure=source.failure,
            held=counts.get(source.pk, 0),
        )
        for source in QuarantineSource.objects.all()
    ]

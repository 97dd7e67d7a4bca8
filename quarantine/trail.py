"""Pages of requests and of the audit trail, newest first, by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

from quarantine.choices import RequestState
from quarantine.models import ReleaseRequest
from quarantine.selectors import COUNT_CAP

Row = TypeVar("Row", bound=Model)
MAX_KEY = 2**63 - 1


@dataclass(frozen=True, slots=True)
class KeyPage(Generic[Row]):
    """``older`` and ``newer`` are keys for the neighbouring pages; None: there is none."""

    rows: Sequence[Row]
    older: int | None
    newer: int | None


def page_by_key(
    found: QuerySet[Row], key: str, size: int, *, before: int | None, after: int | None
) -> KeyPage[Row]:
    """A page of rows by a unique, growing column; costs one index range however deep it is."""
    forward = before is None and after is not None
    if before is not None:
        found = found.filter(**{f"{key}__lt": before})
    elif after is not None:
        found = found.filter(**{f"{key}__gt": after})
    rows: list[Any] = list(found.order_by(key if forward else f"-{key}")[: size + 1])
    has_more, rows = len(rows) > size, rows[:size]
    if forward:
        rows.reverse()
    first, last = (getattr(rows[index], key) if rows else None for index in (0, -1))
    has_newer = has_more if forward else before is not None
    has_older = True if forward else has_more
    return KeyPage(rows, last if has_older else None, first if has_newer else None)


def parse_key(text: str) -> int | None:
    """A key out of a link; None for what is none."""
    is_key = text.isascii() and text.isdecimal() and len(text) < 20
    return int(text) if is_key and int(text) <= MAX_KEY else None


def requests_of(state: str, user_id: int | None) -> QuerySet[ReleaseRequest]:
    """Requests in a state ("" for any); of one user, or of all."""
    found = ReleaseRequest.objects.select_related("held", "requested_by", "decided_by")
    found = found.filter(state=state) if state else found
    return found if user_id is None else found.filter(requested_by=user_id)


def count_open_requests() -> int:
    """How many wait for a decision, counted up to the cap."""
    found = ReleaseRequest.objects.filter(state=RequestState.OPEN).order_by()
    return found.values("pk")[:COUNT_CAP].count()

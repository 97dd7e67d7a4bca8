"""Lists of held mail in an order that somebody chose: newest, highest score, largest first."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from quarantine.querysets import HeldQuerySet
from quarantine.selectors import FoundHeld, find_each, find_page
from tracking.selectors.keyset import Cursor

SORTS = [("score", _("Highest score first")), ("size", _("Largest first"))]
_COLUMNS = {"score": "score", "size": "size_bytes"}
_MAX_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ValueCursor:
    """A place between rows in the order of a number: the number and the id of a row."""

    value: float
    id: int

    def __str__(self) -> str:
        return f"{self.value!r}_{self.id}"

    @classmethod
    def parse(cls, text: str) -> ValueCursor | None:
        """None when the text is no cursor."""
        number, _separator, key = text[:60].partition("_")
        try:
            value = float(number)
        except ValueError:
            return None
        is_key = key.isascii() and key.isdecimal() and len(key) < 20 and int(key) <= _MAX_ID
        return cls(value, int(key)) if is_key and math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class ListPage:
    """Rows, and the cursors of the neighbouring pages (None: there is none)."""

    rows: list[FoundHeld]
    older: Cursor | ValueCursor | None
    newer: Cursor | ValueCursor | None


def cursor_parser(sort: str) -> Callable[[str], Cursor | ValueCursor | None]:
    return ValueCursor.parse if sort in _COLUMNS else Cursor.parse


def list_page(found: HeldQuerySet, sort: str, size: int, *, before: Any, after: Any) -> ListPage:
    """A page; mail without the number that is sorted by is not in it. Three queries at most."""
    if sort not in _COLUMNS:
        page = find_page(found, size, before=before, after=after)
        return ListPage(page.rows, page.older, page.newer)
    column = _COLUMNS[sort]
    is_back = before is None and after is not None
    keys = _keys(found, column, before, after)
    order = (column, "id") if is_back else (f"-{column}", "-id")
    picked = list(keys.order_by(*order).values_list(column, "id")[: size + 1])
    has_more, picked = len(picked) > size, picked[:size]
    if is_back:
        picked.reverse()
    ends = [ValueCursor(float(picked[index][0]), picked[index][1]) for index in (0, -1) if picked]
    has_older, has_newer = is_back or has_more, has_more if is_back else before is not None
    return ListPage(
        find_each([pk for _value, pk in picked]),
        ends[-1] if ends and has_older else None,
        ends[0] if ends and has_newer else None,
    )


def _keys(
    found: HeldQuerySet, column: str, before: ValueCursor | None, after: ValueCursor | None
) -> HeldQuerySet:
    """Said so that the index on the column is entered at the cursor."""
    found = found.filter(**{f"{column}__isnull": False})
    if before is not None:
        reached = found.filter(**{f"{column}__lte": before.value})
        return reached.exclude(**{column: before.value, "id__gte": before.id})
    if after is not None:
        reached = found.filter(**{f"{column}__gte": after.value})
        return reached.exclude(**{column: after.value, "id__lte": after.id})
    return found

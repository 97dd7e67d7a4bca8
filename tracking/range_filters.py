"""What the filters of mail and of rejections share: a range of time, kinds of fields, choices."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import django_filters
from django.db import models
from django.forms import IntegerField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracking.forms import LocalDateTimeInput, SizeField
from tracking.periods import Period, TimeRange, resolve_range
from tracking.selectors import lookups
from tracking.selectors.box import notes_of
from tracking.selectors.conditions import of_addresses
from tracking.selectors.keyset import Search

YES_NO = [("yes", _("Yes")), ("no", _("No"))]


def words(members: type[models.IntegerChoices]) -> list[tuple[str, Any]]:
    """Choices by name, as they stand in URLs and in the API: ``delivered``."""
    return [(member.name.lower(), member.label) for member in members]


def values(members: type[IntEnum], names: list[str]) -> list[int]:
    return [members[name.upper()].value for name in names]


class SizeFilter(django_filters.CharFilter):  # type: ignore[misc]  # untyped
    """Bytes, or a number with a unit: ``5M``."""

    field_class = SizeField


class CountFilter(django_filters.NumberFilter):  # type: ignore[misc]  # untyped
    """A whole number."""

    field_class = IntegerField


class RangeFilterSet(django_filters.FilterSet):  # type: ignore[misc]  # untyped
    """Time and relay. ``time_range`` is what the times given, or their absence, come to."""

    since = django_filters.IsoDateTimeFilter(
        label=_("Since"), method="keep", widget=LocalDateTimeInput
    )
    until = django_filters.IsoDateTimeFilter(
        label=_("Until"), method="keep", widget=LocalDateTimeInput
    )
    period = django_filters.ChoiceFilter(
        label=_("Period"), method="keep_word", choices=Period.choices
    )
    time_range: TimeRange

    def filter_queryset(self, queryset: Search) -> Search:
        """All filters that were given; needs a valid form."""
        given = self.form.cleaned_data
        self.time_range = resolve_range(
            timezone.localtime(),
            lookups.newest_delivery_at(),
            period=given["period"],
            since=given["since"],
            until=given["until"],
        )
        search = queryset.between(self.time_range.since, self.time_range.until)
        for name, value in given.items():
            search = self.filters[name].filter(search, value)
        return search

    def everywhere(self) -> Search:
        """The same filters over everything that is kept."""
        data = self.data.copy()
        data["since"], data["until"] = "1971-01-02T00:00:00Z", "9000-01-01T00:00:00Z"
        unbounded: Search = type(self)(data, queryset=self.queryset).qs
        return unbounded

    def without(self, name: str) -> Search:
        """The same search without one filter, in the same range."""
        found: Search = self.qs
        data = self.data.copy()
        if not data.pop(name, None):
            return found
        widened: Search = type(self)(data, queryset=self.queryset).qs
        return widened.between(found.since, found.until)

    def keep(self, search: Search, _name: str, _value: Any) -> Search:
        """The range is applied before the filters, as some need it."""
        return search

    def keep_word(self, search: Search, _name: str, _value: str) -> Search:
        return search

    def by_addresses(self, search: Search, column: str, text: str) -> Search:
        found = lookups.find_addresses(text)
        return search.where(of_addresses(column, found)).noting(*notes_of(found, text))

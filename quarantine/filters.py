"""Filters of held mail: one FilterSet for the page and the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from quarantine.choices import HeldState
from quarantine.querysets import HeldQuerySet
from quarantine.sorting import SORTS
from tracking.choices import QuarantineKind
from tracking.forms import LocalDateTimeInput
from tracking.one_box import as_network
from tracking.range_filters import SizeFilter
from tracking.selectors.lookups import find_customers

KINDS = [(kind.name.lower(), kind.label) for kind in QuarantineKind if kind]
_MIN_TEXT, _MAX_TEXT = 3, 300
_FIRST_YEAR, _LAST_YEAR = 1971, 9998  # within what every time zone can express


class HeldForm(forms.Form):
    """What is wrong with a filter is said beside its field."""

    # Not among "more filters": tabs, and the first line.
    apart = ("kind", "state", "sender", "recipient", "subject")

    # Parts of texts. An index knows three letters and more; two would be looked for in every mail.
    parts = ("sender", "recipient", "subject", "virus", "rule")

    def more_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.apart]

    def has_more(self) -> bool:
        """Whether one of those is used: then they are shown."""
        return any(self.data.get(field.name) for field in self.more_fields())

    def has_details(self) -> bool:
        """Whether somebody filters by more than kind and state."""
        return any(
            self.data.get(name) for name in self.fields if name not in ("kind", "state", "sort")
        )

    def clean_network(self) -> str:
        text: str = self.cleaned_data["network"]
        network = as_network(text) if text else ""
        if network is None:
            raise ValidationError(_("Not an IP address or network such as 192.0.2.0/24."))
        return network

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        for name in self.parts:
            text = cleaned.get(name) or ""
            if text != "<>" and 0 < len(text) < _MIN_TEXT:
                self.add_error(name, _("Write at least three characters."))
        for name in ("since", "until"):
            if cleaned.get(name) and not _FIRST_YEAR <= cleaned[name].year <= _LAST_YEAR:
                self.add_error(name, _("This year is out of range."))
        for least, most, text in (
            ("since", "until", _("The end must be after the beginning.")),
            ("min_score", "max_score", _("The most must not be below the least.")),
            ("min_size", "max_size", _("The most must not be below the least.")),
        ):
            low, high = cleaned.get(least), cleaned.get(most)
            if low is not None and high is not None and low > high:
                self.add_error(most, text)
        return cleaned


def _text(label: object, method: str) -> Any:
    return django_filters.CharFilter(
        label=label,
        method=method,
        max_length=_MAX_TEXT,
        widget=forms.TextInput({"spellcheck": "false"}),
    )


class HeldFilterSet(django_filters.FilterSet):  # type: ignore[misc]  # untyped
    """Parts of texts; without a state, mail that is held now."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), method="by_kind", choices=KINDS)
    state = django_filters.ChoiceFilter(
        label=_("State"), method="keep", choices=HeldState.choices, empty_label=None
    )
    sender = _text(_("Sender"), "by_sender")
    recipient = _text(_("Recipient"), "by_recipient")
    subject = _text(_("Subject"), "by_subject")
    virus = _text(_("Virus"), "by_virus")
    rule = _text(_("Rule"), "by_rule")
    network = _text(_("Client IP or network"), "by_network")
    customer = _text(_("Customer"), "by_customer")
    min_score = django_filters.NumberFilter(label=_("Least score"), method="keep")
    max_score = django_filters.NumberFilter(label=_("Most score"), method="keep")
    min_size = SizeFilter(label=_("Least size"), method="keep")
    max_size = SizeFilter(label=_("Most size"), method="keep")
    since = django_filters.IsoDateTimeFilter(
        label=_("Since"), method="by_since", widget=LocalDateTimeInput
    )
    until = django_filters.IsoDateTimeFilter(
        label=_("Until"), method="by_until", widget=LocalDateTimeInput
    )

    sort = django_filters.ChoiceFilter(
        label=_("Order"), method="keep", choices=SORTS, empty_label=_("Newest first")
    )

    class Meta:
        form = HeldForm

    @property
    def sorted_by(self) -> str:
        """A word of SORTS, or "" for newest first; needs a valid form."""
        return str(self.form.cleaned_data["sort"] or "")

    @property
    def held_state(self) -> HeldState:
        """The state that is looked at; needs a valid form."""
        return HeldState(self.form.cleaned_data["state"] or HeldState.HELD)

    def filter_queryset(self, queryset: HeldQuerySet) -> HeldQuerySet:
        given = self.form.cleaned_data
        found: HeldQuerySet = super().filter_queryset(queryset.in_state(self.held_state))
        if given["min_score"] is not None or given["max_score"] is not None:
            found = found.score_between(_number(given["min_score"]), _number(given["max_score"]))
        return found.size_between(given["min_size"], given["max_size"])

    def keep(self, found: HeldQuerySet, _name: str, _value: Any) -> HeldQuerySet:
        """Applied with its other half."""
        return found

    def by_kind(self, found: HeldQuerySet, _name: str, value: str) -> HeldQuerySet:
        return found.of_kind(QuarantineKind[value.upper()])

    def by_sender(self, found: HeldQuerySet, _name: str, value: str) -> HeldQuerySet:
        return found.sender_contains(_plain(value))

    def by_recipient(self, found: HeldQuerySet, _name: str, value: str) -> HeldQuerySet:
        return found.recipient_contains(_plain(value))

    def by_subject(self, found: HeldQuerySet, _name: str, value: str) -> HeldQuerySet:
        return found.subject_contains(_plain(value))

    def by_virus(self, found: HeldQuerySet, _name: str, value: str) -> HeldQuerySet:
        return found.virus_contains(_plain(value))

    def by_rule(self, found: HeldQuerySet, _name: str, value: str) -> HeldQuerySet:
        return found.rule_contains(_plain(value))

    def by_network(self, found: HeldQuerySet, _name: str, value: str) -> HeldQuerySet:
        return found.from_network(value)

    def by_customer(self, found: HeldQuerySet, _name: str, value: str) -> HeldQuerySet:
        return found.of_customers(customer.pk for customer in find_customers(_plain(value)))

    def by_since(self, found: HeldQuerySet, _name: str, value: Any) -> HeldQuerySet:
        return found.filter(received_at__gte=value)

    def by_until(self, found: HeldQuerySet, _name: str, value: Any) -> HeldQuerySet:
        return found.filter(received_at__lt=value)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _plain(value: str) -> str:
    """What PostgreSQL takes as text."""
    return value.replace("\0", "\ufffd")

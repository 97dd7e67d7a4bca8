"""Filters of mail and of rejections: one FilterSet each, for the pages and for the API.

They work on a ``Search`` (tracking.selectors.keyset) instead of a queryset: each filter adds a
condition, and resolves texts to ids first, so that the search itself uses the indexes on ids.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import django_filters
from django.db import models
from django.forms import CheckboxSelectMultiple, IntegerField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from tracking import choices
from tracking.forms import (
    BoxInput,
    LocalDateTimeInput,
    RangeForm,
    RelayInput,
    SearchForm,
    SizeField,
)
from tracking.models import Relay
from tracking.one_box import Meaning, Understood, understand
from tracking.periods import Period, TimeRange, resolve_range
from tracking.reasons import REASONS
from tracking.selectors import lookups
from tracking.selectors.box import find_text, interpret, notes_of, of_customer, of_queue_id
from tracking.selectors.conditions import (
    all_of,
    hops_between,
    naming,
    of_addresses,
    of_client,
    of_verdict,
    on_relays,
    received_with_tls,
    with_dsn,
)
from tracking.selectors.keyset import DELIVERIES, NEVER, REJECTIONS, Condition, Note, Search
from tracking.selectors.replies import for_reasons, with_reply

_NO_CUSTOMER = "NOT EXISTS (SELECT 1 FROM tracking_customer c WHERE c.id = m.customer_id)"
_OF_CLASS = "m.customer_id IN (SELECT id FROM tracking_customer WHERE service_class = %s)"
UNREGISTERED = "unregistered"  # beside the classes: the client's network is nobody's
YES_NO = [("yes", _("Yes")), ("no", _("No"))]
MAX_HOPS = 1000


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


class DeliveryFilterSet(RangeFilterSet):
    """Filters of what became of mail. ``understood`` is what the text in the box is taken for."""

    understood = Understood(Meaning.NOTHING)

    q = django_filters.CharFilter(label=_("Search for"), method="by_text", widget=BoxInput)
    envelope_sender = django_filters.CharFilter(label=_("Sender"), method="by_sender")
    recipient = django_filters.CharFilter(label=_("Recipient"), method="by_recipient")
    message_id = django_filters.CharFilter(label=_("Message-ID"), method="by_message_id")
    queue_id = django_filters.CharFilter(label=_("Queue id"), method="by_queue_id")
    client = django_filters.CharFilter(label=_("Client IP or network"), method="by_client")
    disposition = django_filters.MultipleChoiceFilter(
        label=_("Disposition"),
        method="by_disposition",
        choices=words(choices.Disposition),
        widget=CheckboxSelectMultiple,
    )
    quarantine_kind = django_filters.ChoiceFilter(
        label=_("Quarantine"),
        method="by_quarantine",
        choices=[word for word in words(choices.QuarantineKind) if word[0] != "none"],
    )
    reason = django_filters.MultipleChoiceFilter(
        label=_("Reason"),
        method="by_reason",
        choices=[(code, reason.text) for code, reason in REASONS.items()],
    )
    dsn = django_filters.CharFilter(label=_("Status code"), method="by_dsn")
    smtp_reply = django_filters.CharFilter(label=_("Text of the reply"), method="by_reply")
    retried = django_filters.ChoiceFilter(
        label=_("Tried more than once"), method="by_retried", choices=YES_NO
    )
    tls = django_filters.ChoiceFilter(
        label=_("Delivered over TLS"), method="by_tls", choices=YES_NO
    )
    client_tls = django_filters.ChoiceFilter(
        label=_("Received over TLS"), method="by_client_tls", choices=YES_NO
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), method="by_kind", choices=words(choices.MessageKind)
    )
    direction = django_filters.ChoiceFilter(
        label=_("Direction"), method="by_direction", choices=words(choices.Direction)
    )
    size_min = SizeFilter(label=_("Size from"), method="by_size_min")
    size_max = SizeFilter(label=_("Size up to"), method="by_size_max")
    customer = django_filters.CharFilter(label=_("Customer"), method="by_customer")
    service_class = django_filters.ChoiceFilter(
        label=_("Service class"),
        method="by_class",
        choices=[*choices.ServiceClass.choices, (UNREGISTERED, _("Unregistered"))],
    )
    client_network = django_filters.CharFilter(
        label=_("Registered network"), method="by_client_network"
    )
    sasl_username = django_filters.CharFilter(label=_("Login"), method="by_login")
    relay = django_filters.CharFilter(label=_("Relay"), method="by_relay", widget=RelayInput)
    role = django_filters.ChoiceFilter(
        label=_("Role of a relay"), method="by_role", choices=choices.RelayRole.choices
    )
    hops_min = CountFilter(
        label=_("Hops from"), method="by_hops_min", min_value=1, max_value=MAX_HOPS
    )
    hops_max = CountFilter(
        label=_("Hops up to"), method="by_hops_max", min_value=1, max_value=MAX_HOPS
    )
    virus = django_filters.CharFilter(label=_("Virus"), method="by_virus")
    rule = django_filters.CharFilter(label=_("Filter rule"), method="by_rule")
    score_min = django_filters.NumberFilter(label=_("Score from"), method="by_score_min")
    score_max = django_filters.NumberFilter(label=_("Score up to"), method="by_score_max")

    class Meta:
        form = SearchForm

    def filter_queryset(self, queryset: Search) -> Search:
        """Address verification probes are no mail: only who asks for them or an id sees them."""
        given = self.form.cleaned_data
        search = super().filter_queryset(queryset)
        ids = {Meaning.QUEUE_ID, Meaning.MESSAGE_ID, Meaning.SEVERAL}
        is_id = self.understood.meaning in ids
        if given["kind"] or given["queue_id"] or given["message_id"] or is_id:
            return search
        return search.where(Condition("m.kind <> %s", (choices.MessageKind.PROBE.value,)))

    def by_text(self, search: Search, _name: str, value: str) -> Search:
        self.understood = interpret(understand(value))
        return find_text(search, self.understood)

    def by_sender(self, search: Search, _name: str, value: str) -> Search:
        return self.by_addresses(search, "m.sender_id", value)

    def by_recipient(self, search: Search, _name: str, value: str) -> Search:
        return self.by_addresses(search, "d.recipient_id", value)

    def by_login(self, search: Search, _name: str, value: str) -> Search:
        return self.by_addresses(search, "m.sasl_user_id", value)

    def by_message_id(self, search: Search, _name: str, value: str) -> Search:
        return search.where(Condition("m.message_id = %s", (value,)))

    def by_queue_id(self, search: Search, _name: str, value: str) -> Search:
        return search.where(of_queue_id(search, value))

    def by_client(self, search: Search, _name: str, value: str) -> Search:
        return search.where(of_client("m.client_ip", value))

    def by_disposition(self, search: Search, _name: str, value: list[str]) -> Search:
        return search.where(
            Condition("d.disposition = ANY(%s)", (values(choices.Disposition, value),))
        )

    def by_quarantine(self, search: Search, _name: str, value: str) -> Search:
        return search.where(
            Condition("d.quarantine_kind = %s", tuple(values(choices.QuarantineKind, [value])))
        )

    def by_reason(self, search: Search, _name: str, value: list[str]) -> Search:
        return search.where(for_reasons(value))

    def by_dsn(self, search: Search, _name: str, value: str) -> Search:
        return search.where(with_dsn(value))

    def by_reply(self, search: Search, _name: str, value: str) -> Search:
        return search.where(with_reply(value))

    def by_retried(self, search: Search, _name: str, value: str) -> Search:
        return search.where(Condition("d.attempts > 1" if value == "yes" else "d.attempts <= 1"))

    def by_tls(self, search: Search, _name: str, value: str) -> Search:
        """No TLS: none that the log tells of."""
        return search.where(Condition(f"d.is_tls IS {'' if value == 'yes' else 'NOT '}TRUE"))

    def by_client_tls(self, search: Search, _name: str, value: str) -> Search:
        return search.where(received_with_tls(is_tls=value == "yes"))

    def by_kind(self, search: Search, _name: str, value: str) -> Search:
        return search.where(Condition("m.kind = %s", tuple(values(choices.MessageKind, [value]))))

    def by_direction(self, search: Search, _name: str, value: str) -> Search:
        return search.where(
            Condition("m.direction = %s", tuple(values(choices.Direction, [value])))
        )

    @extend_schema_field(OpenApiTypes.STR)
    def by_size_min(self, search: Search, _name: str, value: int) -> Search:
        return search.where(Condition("m.size_bytes >= %s", (value,)))

    @extend_schema_field(OpenApiTypes.STR)
    def by_size_max(self, search: Search, _name: str, value: int) -> Search:
        return search.where(Condition("m.size_bytes <= %s", (value,)))

    def by_customer(self, search: Search, _name: str, value: str) -> Search:
        return of_customer(search, value)

    def by_class(self, search: Search, _name: str, value: str) -> Search:
        if value == UNREGISTERED:
            return search.where(Condition(_NO_CUSTOMER))
        return search.where(Condition(_OF_CLASS, (value,)))

    def by_client_network(self, search: Search, _name: str, value: str) -> Search:
        """Mail of clients for whom this was the longest prefix; the address's index serves."""
        found = lookups.find_networks(value)
        if not found:
            return search.where(NEVER).noting(Note("no-network", value))
        of_network = Condition("m.network_id = ANY(%s)", (found,))
        return search.where(all_of([of_client("m.client_ip", value), of_network]))

    def by_relay(self, search: Search, _name: str, value: Relay) -> Search:
        return search.where(on_relays([value.pk]))

    def by_role(self, search: Search, _name: str, value: str) -> Search:
        return search.where(on_relays(lookups.find_relays_of_role(value)))

    def by_hops_min(self, search: Search, _name: str, value: int) -> Search:
        return search.where(hops_between(value, MAX_HOPS))

    def by_hops_max(self, search: Search, _name: str, value: int) -> Search:
        return search.where(hops_between(0, value))

    def by_virus(self, search: Search, _name: str, value: str) -> Search:
        found = lookups.find_viruses(value, search.since, search.until)
        return search.where(of_verdict(naming("v.virus_id", found)))

    def by_rule(self, search: Search, _name: str, value: str) -> Search:
        found = lookups.find_rules(value, search.since, search.until)
        return search.where(of_verdict(naming("v.rule_id", found)))

    def by_score_min(self, search: Search, _name: str, value: Any) -> Search:
        return search.where(of_verdict(Condition("v.score >= %s", (float(value),))))

    def by_score_max(self, search: Search, _name: str, value: Any) -> Search:
        return search.where(of_verdict(Condition("v.score <= %s", (float(value),))))


class RejectionFilterSet(RangeFilterSet):
    """Filters of what was refused at the door."""

    client = django_filters.CharFilter(label=_("Client IP or network"), method="by_client")
    envelope_sender = django_filters.CharFilter(label=_("Sender"), method="by_sender")
    recipient = django_filters.CharFilter(label=_("Recipient"), method="by_recipient")
    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind"),
        method="by_kind",
        choices=words(choices.RejectionKind),
        widget=CheckboxSelectMultiple,
    )
    stage = django_filters.ChoiceFilter(
        label=_("Stage"), method="by_stage", choices=words(choices.Stage)
    )
    relay = django_filters.CharFilter(label=_("Relay"), method="by_relay", widget=RelayInput)

    class Meta:
        form = RangeForm

    def by_client(self, search: Search, _name: str, value: str) -> Search:
        return search.where(of_client("j.client_ip", value))

    def by_sender(self, search: Search, _name: str, value: str) -> Search:
        return self.by_addresses(search, "j.sender_id", value)

    def by_recipient(self, search: Search, _name: str, value: str) -> Search:
        return self.by_addresses(search, "j.recipient_id", value)

    def by_kind(self, search: Search, _name: str, value: list[str]) -> Search:
        return search.where(Condition("j.kind = ANY(%s)", (values(choices.RejectionKind, value),)))

    def by_stage(self, search: Search, _name: str, value: str) -> Search:
        return search.where(Condition("j.stage = %s", tuple(values(choices.Stage, [value]))))

    def by_relay(self, search: Search, _name: str, value: Relay) -> Search:
        return search.where(Condition("j.relay_id = %s", (value.pk,)))


ALL_DELIVERIES = Search(DELIVERIES)
ALL_REJECTIONS = Search(REJECTIONS)

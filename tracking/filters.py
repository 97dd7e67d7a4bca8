"""Filters of mail and of rejections: one FilterSet each, for the pages and for the API.

They work on a ``Search`` (tracking.selectors.keyset) instead of a queryset: each filter adds a
condition, and resolves texts to ids first, so that the search itself uses the indexes on ids.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import django_filters
from django.db import models
from django.forms import CheckboxSelectMultiple, TextInput
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracking import choices
from tracking.forms import LocalDateTimeInput, RangeForm, SearchForm
from tracking.models import Relay
from tracking.one_box import Meaning, understand
from tracking.periods import Period, TimeRange, resolve_range
from tracking.selectors import lookups
from tracking.selectors.keyset import DELIVERIES, NEVER, REJECTIONS, Condition, Note, Search
from tracking.selectors.lookups import AddressIds

# Asked of each row, newest first: a domain with many addresses has mail all the time. As a join
# it would be made of the whole range.
_OF_DOMAIN = "(SELECT a.domain_id FROM tracking_address a WHERE a.id = {column}) = %s"

_NO_CUSTOMER = "NOT EXISTS (SELECT 1 FROM tracking_customer c WHERE c.id = m.customer_id)"
UNREGISTERED = "unregistered"  # beside the classes: the client's network is nobody's


def words(members: type[models.IntegerChoices]) -> list[tuple[str, Any]]:
    """Choices by name, as they stand in URLs and in the API: ``delivered``."""
    return [(member.name.lower(), member.label) for member in members]


def values(members: type[IntEnum], names: list[str]) -> list[int]:
    return [members[name.upper()].value for name in names]


def of_addresses(column: str, found: AddressIds) -> Condition:
    """Rows whose ``column`` is one of these addresses."""
    if found.domain_id is not None:
        return Condition(_OF_DOMAIN.format(column=column), (found.domain_id,))
    return Condition(f"{column} = ANY(%s)", (found.ids,)) if found.ids else NEVER


def of_client(column: str, network: str) -> Condition:
    """Rows whose client is in a network."""
    return Condition(f"{column} <<= %s::inet", (network,))


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
        data = self.data.copy()
        if not data.pop(name, None):
            found: Search = self.qs
            return found
        other = type(self)(data, queryset=self.queryset)
        widened: Search = other.qs
        return widened.between(self.time_range.since, self.time_range.until)

    def keep(self, search: Search, _name: str, _value: Any) -> Search:
        """The range is applied before the filters, as some need it."""
        return search

    def keep_word(self, search: Search, _name: str, _value: str) -> Search:
        return search

    def by_addresses(self, search: Search, column: str, text: str) -> Search:
        found = lookups.find_addresses(text)
        return search.where(of_addresses(column, found)).noting(*notes_of(found, text))


def notes_of(found: AddressIds, text: str) -> list[Note]:
    """What to say of addresses that were looked for."""
    if not found:
        return [Note("no-address", text)]
    return [Note("many-addresses", text, lookups.MAX_ADDRESSES)] if found.is_cut else []


class DeliveryFilterSet(RangeFilterSet):
    """Filters of what became of mail."""

    q = django_filters.CharFilter(
        label=_("Search for"),
        method="by_text",
        widget=TextInput(
            {"type": "search", "data-shortcut": "/", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
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
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), method="by_kind", choices=words(choices.MessageKind)
    )
    direction = django_filters.ChoiceFilter(
        label=_("Direction"), method="by_direction", choices=words(choices.Direction)
    )
    relay = django_filters.ModelChoiceFilter(
        label=_("Relay"),
        method="by_relay",
        queryset=Relay.objects.all(),
        to_field_name="name",
    )
    service_class = django_filters.ChoiceFilter(
        label=_("Service class"),
        method="by_class",
        choices=[*choices.ServiceClass.choices, (UNREGISTERED, _("Unregistered"))],
    )
    customer = django_filters.CharFilter(label=_("Customer"), method="by_customer")
    sasl_username = django_filters.CharFilter(label=_("Login"), method="by_login")
    dsn = django_filters.CharFilter(label=_("Status code"), method="by_dsn")

    class Meta:
        form = SearchForm

    def filter_queryset(self, queryset: Search) -> Search:
        """Address verification probes are no mail: only who asks for them or an id sees them."""
        given = self.form.cleaned_data
        search = super().filter_queryset(queryset)
        is_id = understand(given["q"]).meaning in {Meaning.QUEUE_ID, Meaning.MESSAGE_ID}
        if given["kind"] or given["queue_id"] or given["message_id"] or is_id:
            return search
        return search.where(Condition("m.kind <> %s", (choices.MessageKind.PROBE.value,)))

    def by_text(self, search: Search, _name: str, value: str) -> Search:
        understood = understand(value)
        search = search.noting(Note(understood.meaning.value, understood.value or "<>"))
        match understood.meaning:
            case Meaning.NETWORK:
                return search.where(of_client("m.client_ip", understood.value))
            case Meaning.QUEUE_ID:
                return self.by_queue_id(search, "q", understood.value)
            case _:
                return self._by_address_text(search, value, understood.meaning, understood.value)

    def _by_address_text(self, search: Search, typed: str, meaning: Meaning, value: str) -> Search:
        """Sender, recipient, alias or login; and a Message-ID, for an address may be one."""
        text = f"@{value}" if meaning is Meaning.DOMAIN else value or "<>"
        found = lookups.find_addresses(text)
        branches = [of_addresses(column, found) for column in ("m.sender_id", "d.recipient_id")]
        if found.ids:
            branches += [
                of_addresses(column, found)
                for column in ("d.original_recipient_id", "m.sasl_user_id")
            ]
        if meaning in {Meaning.ADDRESS, Meaning.MESSAGE_ID} and value:
            bare = value.removeprefix("<").removesuffix(">")
            branches.append(Condition("m.message_id = %s", (f"<{bare}>",)))
        if meaning is Meaning.PATTERN and not found:
            branches = [self._of_queue_id(search, typed.strip())]
        search = search.any_of([branch for branch in branches if branch != NEVER])
        return search.noting(*(notes_of(found, text) if meaning != Meaning.MESSAGE_ID else []))

    def by_sender(self, search: Search, _name: str, value: str) -> Search:
        return self.by_addresses(search, "m.sender_id", value)

    def by_recipient(self, search: Search, _name: str, value: str) -> Search:
        return self.by_addresses(search, "d.recipient_id", value)

    def by_login(self, search: Search, _name: str, value: str) -> Search:
        return self.by_addresses(search, "m.sasl_user_id", value)

    def by_message_id(self, search: Search, _name: str, value: str) -> Search:
        return search.where(Condition("m.message_id = %s", (value,)))

    def by_queue_id(self, search: Search, _name: str, value: str) -> Search:
        return search.where(self._of_queue_id(search, value))

    def _of_queue_id(self, search: Search, value: str) -> Condition:
        found = lookups.find_messages_by_queue_id(value, search.since, search.until)
        return Condition("m.id = ANY(%s)", (found,)) if found else NEVER

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

    def by_kind(self, search: Search, _name: str, value: str) -> Search:
        return search.where(Condition("m.kind = %s", tuple(values(choices.MessageKind, [value]))))

    def by_direction(self, search: Search, _name: str, value: str) -> Search:
        return search.where(
            Condition("m.direction = %s", tuple(values(choices.Direction, [value])))
        )

    def by_relay(self, search: Search, _name: str, value: Relay) -> Search:
        """Mail that has a Hop there."""
        return search.where(
            Condition(
                "EXISTS (SELECT 1 FROM tracking_hop h WHERE h.message_id = m.id "
                "AND h.received_at = m.received_at AND h.relay_id = %s)",
                (value.pk,),
            )
        )

    def by_class(self, search: Search, _name: str, value: str) -> Search:
        if value == UNREGISTERED:
            return search.where(Condition(_NO_CUSTOMER))
        return search.where(
            Condition(
                "m.customer_id IN (SELECT id FROM tracking_customer WHERE service_class = %s)",
                (value,),
            )
        )

    def by_customer(self, search: Search, _name: str, value: str) -> Search:
        found = lookups.find_customers(value)
        if not found:
            return search.where(NEVER).noting(Note("no-customer", value))
        return search.where(Condition("m.customer_id = ANY(%s)", (found,)))

    def by_dsn(self, search: Search, _name: str, value: str) -> Search:
        """A failure's code is never that of a delivered mail: the index of the rest serves."""
        parts = value.rstrip(".").split(".")
        begins = value if len(parts) == 3 else ".".join(parts) + ".%"
        search = search.where(Condition("d.dsn LIKE %s", (begins,)))
        return search if parts[0] == "2" else search.where(Condition("d.disposition <> 1"))


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
    relay = django_filters.ModelChoiceFilter(
        label=_("Relay"), method="by_relay", queryset=Relay.objects.all(), to_field_name="name"
    )

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

"""Filters of mail and of rejections: one FilterSet each, for the pages and for the API.

They work on a ``Search`` (tracking.selectors.keyset) instead of a queryset: each filter adds a
condition, and resolves texts to ids first, so that the search itself uses the indexes on ids.
"""

from __future__ import annotations

import django_filters
from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from tracking import choices
from tracking.forms import BoxInput, ProviderInput, RangeForm, RelayInput, SearchForm
from tracking.models import Relay
from tracking.one_box import Meaning, Understood, understand
from tracking.range_filters import (
    YES_NO,
    CountFilter,
    RangeFilterSet,
    SizeFilter,
    values,
    words,
)
from tracking.reasons import REASONS, REJECTION_CODES
from tracking.selectors import lookups
from tracking.selectors.box import find_text, interpret, of_queue_id
from tracking.selectors.conditions import (
    FIRST_OF_ITS_MAIL,
    all_of,
    at_least,
    ended_on,
    hops_between,
    naming,
    of_client,
    of_message_id,
    of_verdict,
    on_relays,
    received_with_tls,
    scored,
    with_dsn,
)
from tracking.selectors.keyset import DELIVERIES, REJECTIONS, Condition, Note, Search
from tracking.selectors.origins import UNREGISTERED, of_class, of_client_network, of_customer
from tracking.selectors.providers import of_provider
from tracking.selectors.replies import for_reasons, for_rejection_reasons, with_reply

MAX_HOPS = 1000
_SCORES = {"score_min": ">=", "score_max": "<=", "score_below": "<"}
CLASSES = [*choices.ServiceClass.choices, (UNREGISTERED, _("Unregistered"))]


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
        choices=words(choices.QuarantineKind),
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
    provider = django_filters.CharFilter(
        label=_("Mail provider"), method="by_provider", widget=ProviderInput, max_length=200
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
        choices=CLASSES,
    )
    client_network = django_filters.CharFilter(
        label=_("Registered network"), method="by_client_network"
    )
    sasl_username = django_filters.CharFilter(label=_("Login"), method="by_login")
    relay = django_filters.CharFilter(label=_("Relay"), method="by_relay", widget=RelayInput)
    first_relay = django_filters.CharFilter(
        label=_("First relay"), method="by_first_relay", widget=RelayInput
    )
    last_relay = django_filters.CharFilter(
        label=_("Last relay"), method="by_last_relay", widget=RelayInput
    )
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
    score_min = django_filters.NumberFilter(label=_("Score from"), method="keep")
    score_max = django_filters.NumberFilter(label=_("Score up to"), method="keep")
    score_below = django_filters.NumberFilter(label=_("Score below"), method="keep")
    once = django_filters.ChoiceFilter(
        label=_("Each mail once"), method="by_once", choices=[("yes", _("Yes"))]
    )

    class Meta:
        form = SearchForm

    def filter_queryset(self, queryset: Search) -> Search:
        """Address verification probes are no mail: only who asks for them or an id sees them."""
        given = self.form.cleaned_data
        search = super().filter_queryset(queryset)
        if score := self.of_score():
            search = search.where(of_verdict(all_of(score)))
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
        return search.where(of_message_id(value))

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
        return search.where(at_least(value))

    @extend_schema_field(OpenApiTypes.STR)
    def by_size_max(self, search: Search, _name: str, value: int) -> Search:
        return search.where(Condition("m.size_bytes <= %s", (value,)))

    def by_customer(self, search: Search, _name: str, value: str) -> Search:
        return of_customer(search, value)

    def by_class(self, search: Search, _name: str, value: str) -> Search:
        return search.where(of_class("m", value))

    def by_client_network(self, search: Search, _name: str, value: str) -> Search:
        return of_client_network(search, value)

    def by_relay(self, search: Search, _name: str, value: Relay) -> Search:
        return search.where(on_relays([value.pk]))

    def by_first_relay(self, search: Search, _name: str, value: Relay) -> Search:
        return search.where(Condition("m.relay_id = %s", (value.pk,)))

    def by_last_relay(self, search: Search, _name: str, value: Relay) -> Search:
        return search.where(ended_on(value.pk))

    def by_provider(self, search: Search, _name: str, value: str) -> Search:
        return of_provider(search, value)

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

    def by_once(self, search: Search, _name: str, _value: str) -> Search:
        """As figures count mails: by what became of the first recipient."""
        return search.where(FIRST_OF_ITS_MAIL).noting(Note("once"))

    def of_score(self) -> list[Condition]:
        """What the score of one verdict must be."""
        given = self.form.cleaned_data
        return [
            scored(sign, float(given[name]))
            for name, sign in _SCORES.items()
            if given[name] is not None
        ]


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
    reason = django_filters.MultipleChoiceFilter(
        label=_("Reason"),
        method="by_reason",
        choices=[(code, REASONS[code].text) for code in REJECTION_CODES],
    )
    stage = django_filters.ChoiceFilter(
        label=_("Stage"), method="by_stage", choices=words(choices.Stage)
    )
    relay = django_filters.CharFilter(label=_("Relay"), method="by_relay", widget=RelayInput)
    customer = django_filters.CharFilter(label=_("Customer"), method="by_customer")
    service_class = django_filters.ChoiceFilter(
        label=_("Service class"), method="by_class", choices=CLASSES
    )
    client_network = django_filters.CharFilter(
        label=_("Registered network"), method="by_client_network"
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

    def by_reason(self, search: Search, _name: str, value: list[str]) -> Search:
        return search.where(for_rejection_reasons(value))

    def by_stage(self, search: Search, _name: str, value: str) -> Search:
        return search.where(Condition("j.stage = %s", tuple(values(choices.Stage, [value]))))

    def by_relay(self, search: Search, _name: str, value: Relay) -> Search:
        return search.where(Condition("j.relay_id = %s", (value.pk,)))

    def by_customer(self, search: Search, _name: str, value: str) -> Search:
        return of_customer(search, value, "j")

    def by_class(self, search: Search, _name: str, value: str) -> Search:
        return search.where(of_class("j", value))

    def by_client_network(self, search: Search, _name: str, value: str) -> Search:
        return of_client_network(search, value, "j")


ALL_DELIVERIES = Search(DELIVERIES)
ALL_REJECTIONS = Search(REJECTIONS)

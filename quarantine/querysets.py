"""The vocabulary of searches over held mail; each word has an index (models/held.py)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import F, Func, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.db.models.fields import BooleanField

from quarantine.choices import HeldState
from tracking.choices import QuarantineKind

if TYPE_CHECKING:
    from quarantine.models.held import QuarantinedMessage  # noqa: F401 (named in a string below)


class Joined(Func):
    """Texts of an array as one, so that a trigram index can hold them (made by a migration)."""

    function = "quarantine_joined"
    output_field = TextField()


class HeldQuerySet(QuerySet["QuarantinedMessage"]):
    """Part of a text: upper or lower case, as typed, nothing in it is special."""

    def in_state(self, state: HeldState) -> Self:
        """One state: the list's order comes from an index only then."""
        return self.filter(state=state)

    def of_kind(self, kind: QuarantineKind) -> Self:
        return self.filter(kind=kind)

    def of_source(self, name: str) -> Self:
        return self.filter(source__name=name)

    def received_between(self, since: datetime, until: datetime) -> Self:
        """``since`` is in the range, ``until`` is not."""
        return self.filter(received_at__gte=since, received_at__lt=until)

    def sender_contains(self, text: str) -> Self:
        """``<>`` is the null sender."""
        if text == "<>":
            return self.filter(envelope_sender="")
        return self.filter(envelope_sender__icontains=text)

    def recipient_contains(self, text: str) -> Self:
        return self.alias(recipient_texts=Joined(F("recipients"))).filter(
            recipient_texts__icontains=text
        )

    def for_recipient(self, address: str) -> Self:
        """This address exactly."""
        return self.filter(recipients__contains=[address])

    def subject_contains(self, text: str) -> Self:
        return self.filter(subject__icontains=text)

    def virus_contains(self, text: str) -> Self:
        return self.filter(virus__icontains=text)

    def rule_contains(self, text: str) -> Self:
        return self.alias(rule_texts=Joined(F("rules"))).filter(rule_texts__icontains=text)

    def score_between(self, least: float | None, most: float | None) -> Self:
        """Both bounds are in the range; mail without a score is in none."""
        found = self if least is None else self.filter(score__gte=least)
        return found if most is None else found.filter(score__lte=most)

    def size_between(self, least: int | None, most: int | None) -> Self:
        """Bytes; both bounds are in the range."""
        found = self if least is None else self.filter(size_bytes__gte=least)
        return found if most is None else found.filter(size_bytes__lte=most)

    def from_network(self, cidr: str) -> Self:
        """Handed in by a client of this network (any valid CIDR, registered or not)."""
        is_inside = RawSQL(
            "quarantine_quarantinedmessage.client_ip <<= %s::inet",
            [cidr],
            output_field=BooleanField(),
        )
        return self.filter(is_inside)

    def of_customers(self, ids: Iterable[int]) -> Self:
        return self.filter(customer__in=list(ids))

"""What is asked of the table of networks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from stats.days import Day
from stats.forms import RangeForm
from stats.networks.table import COLUMNS, By
from stats.spans import Span
from tracking.choices import ServiceClass

WEEK = 7


class ByChoice(TextChoices):
    NETWORK = By.NETWORK.value, _("By network")
    CUSTOMER = By.CUSTOMER.value, _("By customer")


class NetworksForm(RangeForm):
    """A range, filters, an order (``-bytes``: the most first) and a page."""

    by = forms.ChoiceField(label=_("Show"), required=False, choices=ByChoice.choices)
    q = forms.CharField(
        label=_("Customer, network or address"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    service_class = forms.ChoiceField(
        label=_("Service class"),
        required=False,
        choices=[("", _("All")), *ServiceClass.choices],
    )
    sort = forms.CharField(required=False, widget=forms.HiddenInput)
    page = forms.IntegerField(
        required=False, min_value=1, max_value=100_000, widget=forms.HiddenInput
    )

    def clean_by(self) -> By:
        return By(self.cleaned_data["by"] or By.NETWORK)

    def clean_q(self) -> str:
        text: str = self.cleaned_data["q"]
        return text.strip()

    def clean_sort(self) -> str:
        sort: str = self.cleaned_data["sort"] or "-messages"
        if sort.removeprefix("-") not in COLUMNS:
            raise ValidationError(_("There is no such column to sort by."))
        return sort

    def days(self, newest: Day | None) -> Span:
        """The whole days that were asked for, or the seven that end with the newest one."""
        wanted = self.span()
        if wanted is None:
            last = newest or Day.today()
            return Span(last.last(WEEK)[0].since, last.until)
        return Span.of_days(wanted.first.on, wanted.last.on)

    def showing_filters(self) -> NetworksForm:
        """The filters with what they are now, to be changed."""
        given = self.cleaned_data
        return NetworksForm(initial={**given, "by": str(given["by"])})

    def kept(self, **changes: Any) -> str:
        """The filters and the order in a query string; a change to None leaves one out."""
        given = self.cleaned_data
        names = ("by", "q", "service_class", "sort")
        values = {name: str(given[name]) for name in names} | changes
        defaults = {"by": By.NETWORK.value, "sort": "-messages"}
        return urlencode(
            {name: value for name, value in values.items() if value and value != defaults.get(name)}
        )

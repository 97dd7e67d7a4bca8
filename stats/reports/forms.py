"""Forms of reports."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stats.alerts.fields import CustomerField, checked_address
from stats.reports.models import ReportSubscription


@cache
def _zones() -> list[tuple[str, str]]:
    """Of the system's files, which are hundreds."""
    return [(name, name) for name in sorted(available_timezones())]


class _ZoneSelect(forms.Select):
    template_name = "stats/_zone_select.html"


class SubscriptionForm(forms.ModelForm):  # type: ignore[type-arg]  # not at run time
    """Who, what, how often, and in which language and zone."""

    customer = CustomerField(
        label=_("Customer"),
        required=False,
        help_text=_("The number; he reads of his own mail only. Empty: the whole site."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=_zones,
        widget=_ZoneSelect,
        help_text=_("Its days are reported, and it is sent in its morning."),
    )

    class Meta:
        model = ReportSubscription
        fields = ("address", "customer", "every", "language", "time_zone", "is_active")
        labels = {  # noqa: RUF012
            "address": _("Address"),
            "every": _("How often"),
            "language": _("Language"),
            "is_active": _("Send it"),
        }

    def clean_address(self) -> str:
        return checked_address(self.cleaned_data["address"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        wanted = {name: given.get(name) for name in ("address", "customer", "every")}
        others = ReportSubscription.objects.filter(**wanted).exclude(pk=self.instance.pk)
        if not self.errors and others.exists():
            raise ValidationError(_("This address gets this report already."))
        return given


class PreviewForm(forms.Form):
    """In which language it is shown."""

    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", "–"), *settings.LANGUAGES]
    )

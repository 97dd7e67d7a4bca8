"""Forms of alerts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stats.alerts.choices import RuleKind, Severity
from stats.alerts.fields import CustomerField, ReadersField, WebhookField
from stats.alerts.models import AlertRule

MAX_COMMENT = 1000
_YEAR_MINUTES = 366 * 24 * 60
# Fields that only some kinds have.
_SPECIAL: dict[str, tuple[str, ...]] = {
    RuleKind.NETWORK_SURGE: ("minimum", "customer"),
    RuleKind.BOUNCE_SHARE: ("minimum", "window_hours", "per", "customer"),
    RuleKind.QUEUE_AGE: ("minimum",),
    RuleKind.PROVIDER_REFUSING: ("minimum", "window_hours"),
    RuleKind.SOURCE_SILENT: (),
    RuleKind.VIRUS_OUTBREAK: ("window_hours",),
}
# What thresholds are counted in, and the greatest that makes sense.
_UNITS: dict[str, tuple[Promise, float]] = {
    RuleKind.NETWORK_SURGE: (_("times the usual"), 100_000),
    RuleKind.BOUNCE_SHARE: (_("percent of the recipients"), 100),
    RuleKind.QUEUE_AGE: (_("minutes"), _YEAR_MINUTES),
    RuleKind.PROVIDER_REFUSING: (_("percentage points more than in the day before"), 100),
    RuleKind.SOURCE_SILENT: (_("minutes without a line"), _YEAR_MINUTES),
    RuleKind.VIRUS_OUTBREAK: (_("recipients"), 100_000_000),
}
_MINIMUM: dict[str, Promise] = {
    RuleKind.NETWORK_SURGE: _("Mails in the hour; fewer are never an alert."),
    RuleKind.BOUNCE_SHARE: _("Recipients in the hours looked at; fewer are never an alert."),
    RuleKind.QUEUE_AGE: _("Mails that wait on the relay; fewer are never an alert."),
    RuleKind.PROVIDER_REFUSING: _("Recipients now, and in the day before; fewer say nothing."),
}


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # not at run time
    """A rule of one kind, with the fields that this kind has."""

    raise_at = forms.FloatField(label=_("Raise from"), min_value=0.1)
    clear_at = forms.FloatField(
        label=_("Clear below"),
        min_value=0.1,
        help_text=_("Lower than the other: between them an alert stays as it is."),
    )
    minimum = forms.IntegerField(label=_("Minimum count"), min_value=0, max_value=1_000_000_000)
    window_hours = forms.IntegerField(
        label=_("Hours looked at"),
        min_value=1,
        max_value=24,
        help_text=_("The hour that runs, and so many before it."),
    )
    hold_minutes = forms.IntegerField(label=_("For at least, minutes"), min_value=0, max_value=1440)
    cooldown_minutes = forms.IntegerField(
        label=_("Cool-down, minutes"),
        min_value=0,
        max_value=20_160,
        help_text=_("After it cleared, the same subject raises no alert for so long."),
    )
    customer = CustomerField(
        label=_("Only this customer"), required=False, help_text=_("The number; empty: all.")
    )
    readers = ReadersField(
        label=_("Mail to"),
        help_text=_("One address on a line; behind it its language, en or id."),
    )
    webhook_url = WebhookField(label=_("Webhook"))

    class Meta:
        model = AlertRule
        fields = (
            "name", "severity", "raise_at", "clear_at", "minimum", "window_hours", "per",
            "customer", "hold_minutes", "cooldown_minutes", "readers", "webhook_url", "is_active",
        )  # fmt: skip
        labels = {  # noqa: RUF012
            "name": _("Name"),
            "severity": _("Severity"),
            "per": _("Measured for"),
            "is_active": _("Look at this rule every minute"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.instance.kind
        unit, self._most = _UNITS[kind]
        for name in ("raise_at", "clear_at"):
            self.initial[name] = _plain(self.initial.get(name))
        self.fields["raise_at"].help_text = str(unit)
        for name in {"minimum", "window_hours", "per", "customer"} - set(_SPECIAL[kind]):
            del self.fields[name]
        if "minimum" in self.fields:
            self.fields["minimum"].help_text = str(_MINIMUM[kind])

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not name.isprintable():
            raise ValidationError(_("A name is one line of text."))
        return name

    def clean_raise_at(self) -> float:
        return self._bounded("raise_at")

    def clean_clear_at(self) -> float:
        return self._bounded("clear_at")

    def _bounded(self, name: str) -> float:
        value: float = self.cleaned_data[name]
        if value > self._most:
            message = _("At most %(most)s.")
            raise ValidationError(message, params={"most": f"{self._most:g}"})
        return value

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        raise_at, clear_at = given.get("raise_at"), given.get("clear_at")
        if raise_at is not None and clear_at is not None and clear_at > raise_at:
            self.add_error("clear_at", _("This must not be higher than where it is raised."))
        return given


def _plain(value: float | None) -> float | int | None:
    """Whole numbers without a fraction."""
    return int(value) if value is not None and value.is_integer() else value


class AcknowledgeForm(forms.Form):
    """Somebody takes care of it."""

    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=MAX_COMMENT,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("What it is, and who does what."),
    )


class AlertFilterForm(forms.Form):
    """Which alerts are listed."""

    state = forms.ChoiceField(
        required=False,
        choices=[("", _("Open")), ("cleared", _("History")), ("all", _("All"))],
        widget=forms.HiddenInput,
    )
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("All")), *RuleKind.choices]
    )
    severity = forms.ChoiceField(
        label=_("Severity"), required=False, choices=[("", _("All")), *Severity.choices]
    )
    subject = forms.CharField(label=_("Subject contains"), required=False, max_length=200)

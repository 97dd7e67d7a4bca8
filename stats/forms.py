"""Forms of the pages of stats."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stats.spans import LONGEST, Preset, Span

_FIRST_YEAR, _LAST_YEAR = 1973, 9996  # what is years before or after is expressible as well


def checked_year(value: date) -> date:
    """Raises ValidationError for a year that is out of range."""
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValidationError(_("This year is out of range."))
    return value


class _Moment(forms.DateTimeField):
    """A time of the site's zone, to the hour; also a date, which is its midnight."""

    widget = forms.DateTimeInput(
        attrs={"type": "datetime-local", "step": 3600}, format="%Y-%m-%dT%H:%M"
    )

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        if moment is not None:
            checked_year(moment)
        return moment


class RangeForm(forms.Form):
    """Which range: a day, a preset, or exact times. None of them is for the page to choose."""

    day = forms.DateField(required=False, input_formats=["%Y-%m-%d"], widget=forms.HiddenInput)
    period = forms.ChoiceField(required=False, choices=Preset.choices, widget=forms.HiddenInput)
    since = _Moment(label=_("From"), required=False)
    until = _Moment(label=_("To"), required=False)

    @classmethod
    def showing(cls, span: Span) -> RangeForm:
        """Filled with what is shown."""
        local = timezone.localtime
        return cls(initial={"since": local(span.since), "until": local(span.until)})

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        return None if day is None else checked_year(day)

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if self.errors or since is until is None:
            return self.cleaned_data
        if since is None or until is None:
            self.add_error("until" if since else "since", _("Give both ends of the range."))
        elif until <= since:
            self.add_error("until", _("The end is not after the beginning."))
        elif until - since > LONGEST:
            self.add_error("until", _("A range is a year at most."))
        return self.cleaned_data

    def span(self) -> Span | None:
        """What was asked for; needs a valid form."""
        given = self.cleaned_data
        if given["since"]:
            return Span.around(given["since"], given["until"])
        if given["period"]:
            return Span.of_preset(Preset(given["period"]))
        return Span.of_days(given["day"], given["day"]) if given["day"] else None

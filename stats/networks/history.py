"""The page that gives past mail to the owners that the registry names now."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stats.forms import checked_year
from stats.models import Reattribution

_LATEST = 5


class HistoryForm(forms.Form):
    """Which days: all of them, unless there are bounds."""

    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"})
    )
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))

    def clean_since(self) -> date | None:
        day: date | None = self.cleaned_data["since"]
        return None if day is None else checked_year(day)

    def clean_until(self) -> date | None:
        day: date | None = self.cleaned_data["until"]
        return None if day is None else checked_year(day)

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", ValidationError(_("The end is before the beginning.")))
        return self.cleaned_data


def history_context(form: HistoryForm) -> dict[str, Any]:
    """The latest requests, the newest first; ``active`` is the one that goes on."""
    latest = list(Reattribution.objects.select_related("started_by")[:_LATEST])
    active = next((item for item in latest if item.is_active), None)
    return {
        "form": form,
        "active": active,
        "latest": [item for item in latest if not item.is_active],
    }

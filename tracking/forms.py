"""Forms behind the filters: what is wrong with a filter is said beside its field."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from tracking.one_box import Meaning, as_network, understand
from tracking.selectors.lookups import is_too_short

_DSN = re.compile(r"[245](?:\.[0-9]{1,3}){0,2}\.?")
_FIRST_YEAR, _LAST_YEAR = 1971, 9998  # within what every time zone can express


class LocalDateTimeInput(forms.DateTimeInput):
    """A browser's date and time field; shows a time of any zone in the site's."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(attrs={"step": "1"})

    def format_value(self, value: Any) -> str:
        moment = value
        if isinstance(value, str):
            try:
                moment = parse_datetime(value)
            except ValueError:
                moment = None
        if not isinstance(moment, datetime):
            return str(value or "")
        if timezone.is_aware(moment):
            try:
                moment = timezone.localtime(moment)
            except OverflowError:  # the first or last day there is, in another zone
                return str(value)
        return moment.strftime("%Y-%m-%dT%H:%M:%S")


class RangeForm(forms.Form):
    """What all filters share: time, addresses, client."""

    # Not drawn: the box has a place of its own, presets are links.
    apart = ("q", "period")

    def detail_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.apart]

    def has_details(self) -> bool:
        return any(field.data for field in self.detail_fields())

    def clean_since(self) -> datetime | None:
        return self._clean_time("since")

    def clean_until(self) -> datetime | None:
        return self._clean_time("until")

    def clean_client(self) -> str:
        text: str = self.cleaned_data["client"]
        network = as_network(text) if text else ""
        if network is None:
            raise ValidationError(_("Not an IP address or network such as 192.0.2.0/24."))
        return network

    def clean_envelope_sender(self) -> str:
        return self._clean_pattern("envelope_sender")

    def clean_recipient(self) -> str:
        return self._clean_pattern("recipient")

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since >= until:
            self.add_error("until", _("The end must be after the beginning."))
        return cleaned

    def _clean_time(self, name: str) -> datetime | None:
        value: datetime | None = self.cleaned_data[name]
        if value is not None and not _FIRST_YEAR <= value.year <= _LAST_YEAR:
            raise ValidationError(_("This year is out of range."))
        return value and value.astimezone(UTC)  # PostgreSQL knows no offset of 16 hours

    def _clean_pattern(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        if is_too_short(text):
            raise ValidationError(_("Give at least three characters in a row beside the *."))
        return text


class SearchForm(RangeForm):
    """Filters of mail."""

    def clean_q(self) -> str:
        text: str = self.cleaned_data["q"]
        understood = understand(text)
        if understood.meaning is Meaning.PATTERN and is_too_short(understood.value):
            raise ValidationError(_("Give at least three characters in a row."))
        return text

    def clean_sasl_username(self) -> str:
        return self._clean_pattern("sasl_username")

    def clean_message_id(self) -> str:
        text: str = self.cleaned_data["message_id"]
        return f"<{text.removeprefix('<').removesuffix('>')}>" if text else ""

    def clean_dsn(self) -> str:
        text: str = self.cleaned_data["dsn"]
        if text and not _DSN.fullmatch(text):
            raise ValidationError(_("Not the beginning of a status code such as 4.7.1."))
        return text

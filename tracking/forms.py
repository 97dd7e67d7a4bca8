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

from tracking.models import Relay
from tracking.one_box import MAX_LENGTH, Meaning, as_network, shorten, understand
from tracking.selectors.box import interpret
from tracking.selectors.lookups import (
    MIN_PATTERN,
    find_relay,
    is_too_short,
    relays_to_offer,
    unquoted,
)
from tracking.selectors.origins import UNREGISTERED
from tracking.selectors.providers import provider_names

_DSN = re.compile(r"[245](?:\.[0-9]{1,3}){0,2}\.?")
_SIZE = re.compile(r"([0-9]{1,15})(?:[.,]([0-9]{1,3}))?\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}
_MAX_SIZE = 2**62
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


class BoxInput(forms.Textarea):
    """The search box: one line that takes a pasted bounce of many, and grows with it."""

    def __init__(self) -> None:
        super().__init__(
            {
                "rows": "1",
                "class": "box-input",
                "data-shortcut": "/",
                "data-box": "",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        )


class RelayInput(forms.TextInput):
    """The name of a relay, some of which the page offers."""

    def __init__(self) -> None:
        super().__init__({"list": "relay-names", "autocomplete": "off", "spellcheck": "false"})


class ProviderInput(forms.TextInput):
    """The name of a mail provider, some of which the page offers."""

    def __init__(self) -> None:
        super().__init__({"list": "provider-names", "autocomplete": "off", "spellcheck": "false"})


class SizeField(forms.CharField):
    """A size such as 5M, 1.5 MB, 300k or 1200000, as bytes; a unit is 1024 times the one before."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        match = _SIZE.fullmatch(text)
        if match is None:
            raise ValidationError(_("Not a size such as 5M, 300k or 1200000."))
        size = int(float(f"{match[1]}.{match[2] or 0}") * _UNITS[match[3].lower()])
        if size > _MAX_SIZE:
            raise ValidationError(_("This size is out of range."))
        return size


class RangeForm(forms.Form):
    """Filters of rejections, and what those of mail share with them."""

    common: tuple[str, ...] = ("since", "until", "client", "envelope_sender", "recipient")
    groups: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (_("Ending"), ("kind", "reason", "stage", "relay")),
        (_("Origin"), ("customer", "service_class", "client_network")),
    )

    def common_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.common]

    def more_fields(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Groups of the fields that are seldom used."""
        return [(title, [self[name] for name in names]) for title, names in self.groups]

    def more_count(self) -> int:
        """How many of the seldom used fields are used; the page says it beside their heading."""
        names = [name for _title, names in self.groups for name in names]
        return sum(any(self[name].data or ()) for name in names)

    def fold_count(self) -> int:
        """How many fields beside the box are used: on narrow screens all of them are folded."""
        return self.more_count() + sum(bool(self[name].data) for name in self.common)

    def has_wrong_fold(self) -> bool:
        return self.has_wrong_more() or any(name in self.errors for name in self.common)

    def has_wrong_more(self) -> bool:
        """Whether one of them is wrong, so that it must be seen."""
        return any(name in self.errors for _title, names in self.groups for name in names)

    def relay_names(self) -> list[str]:
        """What to offer for the field of the relay; any other name may be typed."""
        return relays_to_offer()

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

    def clean_relay(self) -> Relay | None:
        return self._clean_relay("relay")

    def _clean_relay(self, field: str) -> Relay | None:
        name: str = self.cleaned_data[field]
        relay = find_relay(name) if name else None
        if name and relay is None:
            raise ValidationError(_("No relay has this name."))
        return relay

    def clean_client_network(self) -> str:
        text: str = self.cleaned_data["client_network"]
        network = text and (UNREGISTERED if text == UNREGISTERED else as_network(text))
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

    common = ("envelope_sender", "recipient", "since", "until")
    groups = (
        (_("Ending"), ("disposition", "reason", "dsn", "smtp_reply", "provider", "retried", "tls")),
        (_("Origin"), (
            "client", "client_network", "customer", "service_class", "sasl_username", "client_tls",
        )),
        (_("Mail"), ("message_id", "queue_id", "direction", "kind", "size_min", "size_max",
                      "once")),
        (_("Way"), ("relay", "first_relay", "last_relay", "role", "hops_min", "hops_max")),
        (_("Content filter"), (
            "quarantine_kind", "virus", "rule", "score_min", "score_max", "score_below",
        )),
    )  # fmt: skip

    def clean_q(self) -> str:
        text = shorten(self.cleaned_data["q"])
        if len(text) > MAX_LENGTH:
            raise ValidationError(_("This is too long, and no id or address was found in it."))
        understood = interpret(understand(text))
        if understood.meaning is Meaning.PATTERN and is_too_short(understood.value):
            raise ValidationError(_("Give at least three characters in a row."))
        return text

    def provider_names(self) -> list[str]:
        """What to offer for the field of the provider; others go by the name of their hosts."""
        return provider_names()

    def clean_last_relay(self) -> Relay | None:
        return self._clean_relay("last_relay")

    def clean_first_relay(self) -> Relay | None:
        return self._clean_relay("first_relay")

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

    def clean_smtp_reply(self) -> str:
        return self._clean_words("smtp_reply")

    def clean_virus(self) -> str:
        return self._clean_words("virus")

    def clean_rule(self) -> str:
        return self._clean_words("rule")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for least, most in (("size_min", "size_max"), ("hops_min", "hops_max"),
                            ("score_min", "score_max"), ("score_min", "score_below")):  # fmt: skip
            low, high = cleaned.get(least), cleaned.get(most)
            if low is not None and high is not None and low > high:
                self.add_error(most, _("Less than the value it begins with."))
        return cleaned

    def _clean_words(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        if text and unquoted(text) is None and len(text.strip()) < MIN_PATTERN:
            raise ValidationError(_("Give at least three characters in a row."))
        return text

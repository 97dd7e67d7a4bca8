"""Fields of the rule editor: who is told, and where."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stats.alerts.webhook import WebhookFailed, check_url
from tracking.models import Customer

MAX_READERS = 20
# What a mail's header and an SMTP command can hold; not every address there is.
ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x20\x7f]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,190}")


def checked_address(text: str) -> str:
    """Raises ValidationError, which names the address."""
    if not ADDRESS.fullmatch(text) or not text.isprintable():
        raise ValidationError(_("%(text)s is no mail address."), params={"text": text[:80]})
    return text


class ReadersField(forms.CharField):
    """Addresses, one on a line, each with its language behind it if it is not the site's."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea({"rows": 3, "spellcheck": "false", "autocomplete": "off"})
        super().__init__(widget=widget, required=False, max_length=8000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{reader['address']} {reader['language']}" for reader in value)

    def clean(self, value: Any) -> list[dict[str, str]]:
        lines = [line.split() for line in (super().clean(value) or "").splitlines()]
        readers: dict[str, str] = {}
        for words in filter(None, lines):
            address = checked_address(words[0])
            readers[address] = _language(words)
        if len(readers) > MAX_READERS:
            message = _("At most %(most)s addresses: use a mailing list.")
            raise ValidationError(message, params={"most": MAX_READERS})
        return [{"address": name, "language": code} for name, code in readers.items()]


def _language(words: list[str]) -> str:
    code = words[1] if len(words) > 1 else settings.LANGUAGE_CODE
    known = [code for code, _name in settings.LANGUAGES]
    if code not in known or len(words) > 2:
        message = _("Behind %(address)s, give one of these languages or nothing: %(known)s.")
        params = {"address": words[0][:80], "known": ", ".join(known)}
        raise ValidationError(message, params=params)
    return code


class WebhookField(forms.CharField):
    """A URL that the console may call."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput({"inputmode": "url", "spellcheck": "false", "autocomplete": "off"})
        super().__init__(widget=widget, required=False, max_length=500, **kwargs)

    def clean(self, value: Any) -> str:
        url: str = super().clean(value) or ""
        if url:
            try:
                check_url(url)
            except WebhookFailed as error:
                raise ValidationError(str(error)) from error
        return url


class CustomerField(forms.CharField):
    """A customer by number."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            found = Customer.objects.filter(pk=value).first()
            return found.number if found else ""
        return value

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        if not number:
            return None
        found = Customer.objects.filter(number=number).first()
        if found is None:
            raise ValidationError(_("No customer has this number."))
        return found

"""The form of a new API token."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from mailgw.lib.scopes import scopes_of
from tracking.tokens import clean_networks

NAME = RegexValidator(r"^[\w.@ -]*\Z", _("Letters, digits, blanks and . _ - @ only."))
_DAYS = ((7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("a year")))


class TokenForm(forms.Form):
    """Offers the scopes that the user may use himself, and no more."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        validators=[NAME],
        help_text=_("What will use it: grafana, ticket system, my laptop."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(label=_("Valid for"), coerce=int, choices=_DAYS, initial=90)
    scopes = forms.MultipleChoiceField(
        label=_("May"), choices=(), widget=forms.CheckboxSelectMultiple
    )
    networks = forms.CharField(
        label=_("Only from"),
        required=False,
        max_length=1000,
        help_text=_("IP addresses or networks, with blanks between. Empty: from anywhere."),
        widget=forms.TextInput({"autocomplete": "off", "placeholder": "192.0.2.0/24"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["scopes"]
        field.choices = [(s.name, f"{s.label} ({s.name})") for s in scopes_of(user)]

    def clean_networks(self) -> list[str]:
        texts: str = self.cleaned_data["networks"]
        try:
            return clean_networks(texts.replace(",", " ").split())
        except ValidationError as error:
            raise ValidationError(error.messages) from error

"""Forms of the registry's pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mailgw.lib.csv_export import csv_lines
from tracking.choices import ServiceClass
from tracking.models import Customer
from tracking.registry.csv_reading import MAX_BYTES
from tracking.registry.planning import Mode
from tracking.registry.rows import REQUIRED

MODES = (
    (Mode.MERGE.value, _("Add and change; nothing is removed")),
    (Mode.REPLACE.value, _("This is the whole registry: what it lacks is removed")),
)


class UploadForm(forms.Form):
    """A CSV file, and what it is."""

    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.FileInput({"accept": ".csv,.txt,text/csv"}),
        error_messages={"empty": _("The file is empty.")},
    )
    mode = forms.ChoiceField(
        label=_("What the file is"),
        choices=MODES,
        initial=Mode.MERGE.value,
        widget=forms.RadioSelect,
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            text = _("Larger than %(most)s MiB.") % {"most": MAX_BYTES // 1024**2}
            raise ValidationError(text)
        return file


class RegisterForm(forms.Form):
    """One network of a customer, who may be new."""

    network = forms.CharField(
        label=_("Network"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "placeholder": "192.0.2.0/24"}),
    )
    number = forms.CharField(
        label=_("Customer number"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "list": "customer-numbers"}),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        help_text=_("Of a new customer; blank for one that is known."),
    )
    service_class = forms.ChoiceField(
        label=_("Service class"),
        choices=[("", _("as it is")), *ServiceClass.choices],
        required=False,
    )

    def customers(self) -> Any:
        """Some to choose from; any other number may be typed."""
        return Customer.objects.all()[:500]

    def as_csv(self) -> bytes:
        """A registry file of one line; needs a valid form."""
        line = [self.cleaned_data[name] for name in REQUIRED]
        return "".join(csv_lines(REQUIRED, [line])).encode()

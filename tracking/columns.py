"""Which columns a person wants to see of the mail that was found: part of the query string."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tracking.tables import FIELDS_OF_COLUMNS, FIRST_COLUMNS, DeliveryTable

NAMES = tuple(FIELDS_OF_COLUMNS)


class ColumnForm(forms.Form):
    """A box for each column."""

    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        choices=[(name, DeliveryTable.base_columns[name].verbose_name) for name in NAMES],
        widget=forms.CheckboxSelectMultiple,
    )


def chosen_columns(query: QueryDict) -> list[str]:
    """The columns asked for, in the order of the table; [] for the usual ones.

    A name that is none is passed over: an old link shows what there is.
    """
    asked = set(query.getlist("columns"))
    return [name for name in NAMES if name in asked]


def column_form(chosen: list[str]) -> ColumnForm:
    return ColumnForm({"columns": chosen or FIRST_COLUMNS})


def hidden_columns(chosen: list[str]) -> list[str]:
    """What the table leaves out."""
    shown = set(chosen or FIRST_COLUMNS)
    return [name for name in NAMES if name not in shown]


def fields_of(chosen: list[str]) -> list[str]:
    """The fields of a file with these columns; [] for all fields."""
    return [field for name in chosen for field in FIELDS_OF_COLUMNS[name]]

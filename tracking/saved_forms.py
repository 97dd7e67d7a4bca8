"""Forms of saved searches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tracking.filters import ALL_DELIVERIES, DeliveryFilterSet
from tracking.models import SavedSearch
from tracking.saved_searches import SHARE, kept_query

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MAX_QUERY = 4000
COLUMNS = "columns"


class SavedSearchForm(forms.ModelForm):  # type: ignore[type-arg]  # not at run time
    """Name and sharing; ``query`` is hidden, and fixed once it is saved."""

    class Meta:
        model = SavedSearch
        fields = ("name", "is_shared", "query")
        widgets = {"query": forms.HiddenInput}  # noqa: RUF012
        labels = {"is_shared": _("For everybody")}  # noqa: RUF012

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.instance.owner = user
        else:
            del self.fields["query"]
        if not user.has_perm(SHARE):
            del self.fields["is_shared"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = SavedSearch.objects.filter(owner=self.instance.owner, name=name)
        if others.exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("You have a saved search of this name."))
        return name

    def clean_query(self) -> str:
        names = {*DeliveryFilterSet.base_filters, COLUMNS}
        query = kept_query(self.cleaned_data["query"], names)
        filters = DeliveryFilterSet(QueryDict(query), queryset=ALL_DELIVERIES)
        if len(query) > MAX_QUERY or not filters.is_valid():
            raise ValidationError(_("This is no search that can be saved."))
        return query

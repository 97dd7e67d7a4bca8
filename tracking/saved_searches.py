"""Saved searches: whose they are, and what is kept of a query string."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.http import QueryDict

from tracking.models import SavedSearch

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SHARE = "tracking.share_savedsearch"
DELETE_OTHERS = "tracking.delete_savedsearch"
_NOT_KEPT = ("before", "after", "csrfmiddlewaretoken")


def searches_for(user: User) -> QuerySet[SavedSearch]:
    """A user's own and the shared ones, by name."""
    return SavedSearch.objects.filter(Q(owner=user) | Q(is_shared=True)).select_related("owner")


def changeable_by(user: User) -> QuerySet[SavedSearch]:
    """One's own; the shared ones of others for who keeps them in order."""
    own = Q(owner=user)
    return SavedSearch.objects.filter(
        own | Q(is_shared=True) if user.has_perm(DELETE_OTHERS) else own
    )


def kept_query(text: str, names: set[str]) -> str:
    """Of a query string the filters and columns, from the first page."""
    query = QueryDict(text.removeprefix("?"), mutable=True)
    for name in list(query):
        if name in _NOT_KEPT or name not in names:
            del query[name]
    return query.urlencode()

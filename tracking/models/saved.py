"""Searches that people keep."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedSearch(models.Model):
    """A name for the query string of a search; shared ones are seen by everybody who may search.

    A preset period stays one: "last 24 hours" means those before the search is opened.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("owner"),
    )
    name = models.CharField(_("name"), max_length=80)
    query = models.TextField(_("search"))
    is_shared = models.BooleanField(_("shared"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        permissions = (("share_savedsearch", _("Can share a saved search")),)
        constraints = (models.UniqueConstraint(fields=("owner", "name"), name="saved_search_name"),)

    def __str__(self) -> str:
        return self.name

"""Tables of the quarantine's pages; cells with more than one fact are templates."""

from __future__ import annotations

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _


def cell(label: object, name: str, **attributes: str) -> tables.TemplateColumn:
    """A column drawn by ``quarantine/cells/NAME.html``."""
    return tables.TemplateColumn(
        template_name=f"quarantine/cells/{name}.html",
        verbose_name=label,
        attrs={"td": {"data-label": label, **attributes}},
        accessor="id",
    )


class HeldTable(tables.Table):  # type: ignore[misc]  # untyped
    """Held mails, each with a box to choose it."""

    chosen = cell(_("Chosen"), "choose", **{"class": "cell-choose"})
    received_at = cell(_("Received"), "received")
    mail = cell(_("Sender and recipients"), "mail")
    why = cell(_("Held because of"), "why")
    size_bytes = cell(_("Size"), "size", **{"class": "number"})

    class Meta:
        orderable = False
        attrs = {"class": "table"}  # noqa: RUF012

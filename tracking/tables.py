"""Tables of the pages; the cells with more than one fact are templates."""

from __future__ import annotations

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _


def cell(label: object, name: str, **attributes: str) -> tables.TemplateColumn:
    """A column drawn by ``tracking/cells/NAME.html``; its label goes with it on narrow screens."""
    return tables.TemplateColumn(
        template_name=f"tracking/cells/{name}.html",
        verbose_name=label,
        attrs={"td": {"data-label": label, **attributes}},
        accessor="id",
    )


class DeliveryTable(tables.Table):  # type: ignore[misc]  # untyped
    """What became of mail."""

    first_seen = cell(_("Time"), "time")
    mail = cell(_("Sender and recipient"), "mail")
    disposition = cell(_("Outcome"), "outcome")
    size_bytes = cell(_("Size"), "size")
    hops = cell(_("Path"), "path")

    class Meta:
        orderable = False
        attrs = {"class": "table"}  # noqa: RUF012


class RejectionTable(tables.Table):  # type: ignore[misc]  # untyped
    """What was refused at the door."""

    time = cell(_("Time"), "rejection_time")
    client = cell(_("Client"), "client")
    mail = cell(_("Sender and recipient"), "rejection_mail")
    kind = cell(_("Reason"), "rejection_reason")

    class Meta:
        orderable = False
        attrs = {"class": "table"}  # noqa: RUF012

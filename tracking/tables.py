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


def plain(label: object, name: str) -> tables.Column:
    """A column with a fact as it is; a dash where there is none."""
    return tables.Column(
        verbose_name=label,
        accessor=name,
        empty_values=(None, ""),
        attrs={"td": {"data-label": label, "class": "wrap-anywhere"}},
    )


class DeliveryTable(tables.Table):  # type: ignore[misc]  # untyped
    """What became of mail."""

    time = cell(_("Time"), "time")
    mail = cell(_("Sender and recipient"), "mail")
    outcome = cell(_("Outcome"), "outcome")
    size = cell(_("Size"), "size")
    path = cell(_("Path"), "path")
    client = plain(_("Client"), "client_ip")
    customer = plain(_("Customer"), "customer_name")
    login = plain(_("Login"), "sasl_username")
    message_id = plain(_("Message-ID"), "message_id")
    reply = plain(_("Reply"), "smtp_reply")
    attempts = plain(_("Attempts"), "attempts")
    last_seen = cell(_("Last seen"), "last_seen")
    next_try = cell(_("Next try"), "next_try")
    direction = cell(_("Direction"), "direction")

    class Meta:
        orderable = False
        attrs = {"class": "table"}  # noqa: RUF012


# The fields of the API that a column stands for, in a file.
FIELDS_OF_COLUMNS = {
    "time": ("first_seen",),
    "mail": ("envelope_sender", "recipient", "original_recipient", "subject"),
    "outcome": ("disposition", "quarantine_kind", "reason_code", "reason_text", "dsn"),
    "size": ("size_bytes",),
    "path": ("hops", "relay"),
    "client": ("client_ip", "client_network"),
    "customer": ("customer", "customer_name", "service_class"),
    "login": ("sasl_username",),
    "message_id": ("message_id",),
    "reply": ("smtp_reply",),
    "attempts": ("attempts",),
    "last_seen": ("last_seen",),
    "next_try": ("next_try_at", "gives_up_at"),
    "direction": ("direction", "kind"),
}
FIRST_COLUMNS = ("time", "mail", "outcome", "size", "path")


class RejectionTable(tables.Table):  # type: ignore[misc]  # untyped
    """What was refused at the door."""

    time = cell(_("Time"), "rejection_time")
    client = cell(_("Client"), "client")
    mail = cell(_("Sender and recipient"), "rejection_mail")
    kind = cell(_("Reason"), "rejection_reason")

    class Meta:
        orderable = False
        attrs = {"class": "table"}  # noqa: RUF012

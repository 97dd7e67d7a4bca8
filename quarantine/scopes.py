"""What tokens may do with held mail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mailgw.lib.scopes import Scope

READ, CONTENT = "quarantine:read", "quarantine:content"
RELEASE, DELETE = "quarantine:release", "quarantine:delete"
REQUEST, APPROVE, AUDIT = "quarantine:request", "quarantine:approve", "quarantine:audit"
SCOPES = (
    Scope(READ, _("List held mail"), "quarantine.view_quarantinedmessage"),
    Scope(CONTENT, _("Look into held mail"), "quarantine.view_body"),
    Scope(RELEASE, _("Release held mail"), "quarantine.release"),
    Scope(DELETE, _("Delete and restore held mail"), "quarantine.delete"),
    Scope(REQUEST, _("Request releases"), "quarantine.request_release"),
    Scope(APPROVE, _("Decide on requests"), "quarantine.approve_release"),
    Scope(AUDIT, _("Read the audit trail"), "quarantine.audit"),
)

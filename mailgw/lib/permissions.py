"""Who may call a view of the API: the one place where scopes of tokens are enforced."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from mailgw.lib.scopes import EXPORT, scope_named


class HasScope(IsAuthenticated):
    """The view's ``required_scope``, and ``export`` where the answer is the whole result.

    A token must carry the scopes; the user behind a token or a session must have their
    permissions and those in ``required_permissions``. A view that names no scope is closed.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        names = needed_scopes(view, is_export=is_export(request))
        if request.auth is not None:
            for name in names:
                _check_token(request.auth, name)
        permissions = [scope_named(name).permission for name in names]
        for permission in [*permissions, *getattr(view, "required_permissions", ())]:
            _check_user(request.user, permission)
        return bool(names)


def needed_scopes(view: Any, *, is_export: bool) -> list[str]:
    """Names of the scopes that a request to this view needs."""
    name: str = getattr(view, "required_scope", "")
    return [name, EXPORT] if name and is_export else [name] if name else []


def is_export(request: Request) -> bool:
    """Whether the answer is a file of the whole result."""
    return bool(getattr(getattr(request, "accepted_renderer", None), "is_export", False))


def _check_token(token: Any, scope: str) -> None:
    if scope not in token.scopes:
        raise _denied(_("This token lacks the scope %(name)s.") % {"name": scope}, scope=scope)


def _check_user(user: Any, permission: str) -> None:
    if not user.has_perm(permission):
        text = _("Your account lacks the permission %(name)s.") % {"name": permission}
        raise _denied(text, permission=permission)


def _denied(text: str, **what: str) -> PermissionDenied:
    return PermissionDenied({"detail": text, **what})

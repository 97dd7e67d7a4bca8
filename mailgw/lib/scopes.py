"""What an API token may be allowed to do. Each app registers its own scopes in ``ready()``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.utils.functional import Promise

# Beside a view's own scope, wherever the answer is a file of the whole result.
EXPORT = "export"


class Permitted(Protocol):
    """Who may be asked for permissions."""

    def has_perm(self, perm: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """``name`` stands in tokens and answers; whoever uses it needs ``permission``, too."""

    name: str
    label: str | Promise
    permission: str


_SCOPES: dict[str, Scope] = {}


def register_scopes(scopes: Iterable[Scope]) -> None:
    """Make scopes known; raises ValueError when another one has the name."""
    for scope in scopes:
        if _SCOPES.setdefault(scope.name, scope) != scope:
            raise ValueError(f"There are two scopes {scope.name!r}")


def all_scopes() -> list[Scope]:
    """Every scope, in the order in which they were registered."""
    return list(_SCOPES.values())


def scope_named(name: str) -> Scope:
    """Raises KeyError for an unknown name."""
    return _SCOPES[name]


def scopes_of(user: Permitted) -> list[Scope]:
    """The scopes that a user may give to a token: those he may use himself."""
    return [scope for scope in all_scopes() if user.has_perm(scope.permission)]

"""How a bulk action ended, kept in the session for the page after the redirection."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.sessions.backends.base import SessionBase

from quarantine.choices import Outcome, Verb
from quarantine.services.results import ItemOutcome

_KEY = "quarantine_results"
_KEPT = 5


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """One mail of a finished action."""

    held_id: int
    outcome: Outcome
    text: str


@dataclass(frozen=True, slots=True)
class StoredResults:
    verb: Verb
    items: list[StoredOutcome]


def store(session: SessionBase, verb: Verb, outcomes: Sequence[ItemOutcome]) -> str:
    """Keep the outcomes; the token names them. The last few actions are kept."""
    token = secrets.token_urlsafe(8)
    rows = [[item.held_id, item.outcome.value, item.text] for item in outcomes]
    kept = list(session.get(_KEY, {}).items())[1 - _KEPT :]
    session[_KEY] = dict([*kept, (token, [verb.value, rows])])
    return token


def load(session: SessionBase, token: str) -> StoredResults | None:
    found = session.get(_KEY, {}).get(token)
    if found is None:
        return None
    verb, rows = found
    items = [StoredOutcome(row[0], Outcome(row[1]), row[2]) for row in rows]
    return StoredResults(Verb(verb), items)

"""Query parameters of the API: a filter that is misspelt or empty must not find everything."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

MAX_LENGTH = 4000
_SHOWN = 100


def check_parameters(given: Mapping[str, Any], known: Mapping[str, bool]) -> None:
    """Raises ValidationError that names every bad parameter.

    ``given`` is a QueryDict; ``known`` says of each name whether it may be given several times.
    """
    problems = {}
    for name, values in given.lists():  # type: ignore[attr-defined]  # a QueryDict
        problem = _problem(name, values, known)
        if problem:
            problems[name[:_SHOWN]] = [problem]
    if problems:
        raise ValidationError(problems)


def _problem(name: str, values: list[str], known: Mapping[str, bool]) -> str:
    if name not in known:
        near = difflib.get_close_matches(name[:_SHOWN], known, n=1)
        hint = _(" Did you mean %(near)s?") % {"near": near[0]} if near else ""
        return _("There is no such parameter.") + hint
    if len(values) > 1 and not known[name]:
        return _("Given more than once.")
    if not all(values):
        return _("Empty: leave it out.")
    if any(len(value) > MAX_LENGTH for value in values):
        return _("Longer than %(most)s characters.") % {"most": MAX_LENGTH}
    return ""

"""The version of the console, as the changelog has it."""

from __future__ import annotations

import re
from pathlib import Path

_HEADING = re.compile(r"^## ([0-9]+\.[0-9]+\.[0-9]+)\b", re.MULTILINE)


def read_version(changelog: Path) -> str:
    """The first version that is a heading; raises ValueError when there is none."""
    match = _HEADING.search(changelog.read_text(encoding="utf-8"))
    if match is None:
        message = f"{changelog} has no heading with a version"
        raise ValueError(message)
    return match[1]

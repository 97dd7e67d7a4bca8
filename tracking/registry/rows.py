"""What a registry file holds, whatever its format: rows by line, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

NUMBER, NAME, CLASS, NETWORK = "number", "name", "service_class", "network"
NOTE, NETWORK_NOTE = "note", "network_note"
REQUIRED = (NUMBER, NAME, CLASS, NETWORK)
COLUMNS = (*REQUIRED, NOTE, NETWORK_NOTE)


class Problem(NamedTuple):
    """What is wrong, and where; ``line`` 0 is the file as a whole, ``column`` "" a whole line."""

    line: int
    column: str
    text: str


class Row(NamedTuple):
    """A customer and one of its networks, as texts. A column that the file lacks isn't there."""

    line: int
    cells: dict[str, str]


@dataclass(slots=True)
class Sheet:
    """A file that was read; with problems, its rows are those that could be."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    encoding: str = "utf-8"


class BadRegistry(Exception):
    """A file that is not imported; all that is wrong with it, in the order of its lines."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = sorted(problems, key=lambda problem: problem.line)


def clean(column: str, text: str) -> str:
    """Without blanks at its ends; what is no note is one line, with single blanks."""
    if column == NOTE:
        return "\n".join(text.splitlines()).strip()
    return " ".join(text.split())

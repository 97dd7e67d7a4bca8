"""What measuring gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from stats.alerts.choices import SubjectKind


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a value is about. ``key`` is unique within a rule and stays; ``label`` is for people."""

    kind: SubjectKind
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The value of a subject, of the time from ``since`` up to ``until``.

    ``count`` mails or recipients are behind it; ``usual`` is what it is compared with, if it is.
    ``evidence`` is the path of a page that shows it.
    """

    subject: Subject
    value: float
    count: int
    since: datetime
    until: datetime
    evidence: str
    usual: float | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """All readings of a rule at a time; ``without``: silent sources whose mail is not in them."""

    at: datetime
    readings: Sequence[Reading]
    without: Sequence[str] = field(default_factory=tuple)

    def by_key(self) -> Mapping[str, Reading]:
        return {reading.subject.key: reading for reading in self.readings}

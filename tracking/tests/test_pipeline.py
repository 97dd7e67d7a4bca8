"""Segments that hold nothing, or nothing good, are processed like any other."""

from __future__ import annotations

import pytest

from tracking.ingest.pipeline import waiting_sources
from tracking.intake import raw_lines
from tracking.models import LogSource, UnsupportedShape
from tracking.tests.support import deliveries, ingest

UNKNOWN = "2026-11-24T09:00:00.000001+00:00 mx1 postfix/smtpd[7]: what is this\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "invalid", "unsupported"),
    [("", 0, 0), ("no header\n", 1, 0), (UNKNOWN, 0, 1), ("\n\n\n", 0, 0), ("\0\n", 1, 0)],
)
def test_it_processes_a_segment_without_mail(text: str, invalid: int, unsupported: int) -> None:
    counts = ingest(text)
    assert (counts.invalid, counts.unsupported, counts.hops) == (invalid, unsupported, 0)
    assert waiting_sources() == []
    assert deliveries() == []


@pytest.mark.django_db
def test_it_keeps_and_counts_what_it_does_not_know() -> None:
    ingest(UNKNOWN + "no header\n" + UNKNOWN)
    source = LogSource.objects.get()
    assert (source.line_count, source.invalid_count, source.unsupported_count) == (3, 1, 2)
    shape = UnsupportedShape.objects.get()
    assert (shape.program, shape.line_count, shape.example) == ("smtpd", 2, "what is this")
    assert raw_lines(source.segments.get()).decode() == UNKNOWN + "no header\n" + UNKNOWN

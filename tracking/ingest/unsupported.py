"""Lines that no parser knows, counted by their shape, so that an administrator sees them."""

from __future__ import annotations

import re
from collections import defaultdict

from django.db.models import F

from tracking.ingest.records import UnsupportedLine
from tracking.ingest.store.copying import instant
from tracking.models import LogSource, UnsupportedShape

_CHANGING = re.compile(r"<[^>]*>|\"[^\"]*\"|\S*[0-9@]\S*")
_MAX_SHAPES = 500


def shape_of(text: str) -> str:
    """A line with its changing words replaced, at most 200 characters."""
    return _CHANGING.sub("…", text[:2000])[:200]


def count_shapes(source: LogSource, lines: list[UnsupportedLine]) -> None:
    """Add these lines to the counts of their source; at most 500 shapes are kept apart.

    What comes after that is counted under the shape ``other`` of its program.
    """
    if not lines:
        return
    groups: dict[tuple[str, str], list[UnsupportedLine]] = defaultdict(list)
    for line in lines:
        groups[line.program[:100], shape_of(line.text)].append(line)
    known = set(source.shapes.values_list("program", "shape"))
    for (program, shape), members in groups.items():
        if (program, shape) not in known and len(known) >= _MAX_SHAPES:
            shape = "other"
        known.add((program, shape))
        last = instant(max(member.at for member in members))
        _, is_new = UnsupportedShape.objects.get_or_create(
            source=source,
            program=program,
            shape=shape,
            defaults={
                "example": members[0].text[:2000],
                "line_count": len(members),
                "last_at": last,
            },
        )
        if not is_new:
            UnsupportedShape.objects.filter(source=source, program=program, shape=shape).update(
                line_count=F("line_count") + len(members), last_at=last
            )

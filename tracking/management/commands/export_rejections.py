"""``export_rejections``: NDJSON of what became of mail, for scripts."""

from __future__ import annotations

from tracking.exports import iterate_rejections
from tracking.management.ndjson import ExportCommand


class Command(ExportCommand):
    """See tracking.exports for the fields."""

    help = "Write rejections as NDJSON, oldest first."
    iterate = staticmethod(iterate_rejections)

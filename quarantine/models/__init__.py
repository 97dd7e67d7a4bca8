"""What is held, where, who did what with it, and who wants it released."""

from __future__ import annotations

from quarantine.models.audit import AuditHead, QuarantineAction
from quarantine.models.bulk import BulkAction, BulkItem
from quarantine.models.digest import Digest
from quarantine.models.held import QuarantinedMessage
from quarantine.models.release import Release, ReleaseRequest
from quarantine.models.source import QuarantineSource, SourceShelf

__all__ = [
    "AuditHead",
    "BulkAction",
    "BulkItem",
    "Digest",
    "QuarantineAction",
    "QuarantineSource",
    "QuarantinedMessage",
    "Release",
    "ReleaseRequest",
    "SourceShelf",
]

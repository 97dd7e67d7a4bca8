"""Reads of rollups, each one query however many mails there are; plain dataclasses come back."""

from __future__ import annotations

from stats.selectors.completeness import (
    Behind,
    Completeness,
    Extent,
    completeness,
    extent,
    relays_by_name,
)
from stats.selectors.mail import (
    REJECTED,
    MailRow,
    RejectionRow,
    SpanRows,
    Sums,
    mail_of,
    mail_of_site,
    rejections_of,
    site_day_hours,
    site_traffic,
    site_week_hours,
)

__all__ = [
    "REJECTED",
    "Behind",
    "Completeness",
    "Extent",
    "MailRow",
    "RejectionRow",
    "SpanRows",
    "Sums",
    "completeness",
    "extent",
    "mail_of",
    "mail_of_site",
    "rejections_of",
    "relays_by_name",
    "site_day_hours",
    "site_traffic",
    "site_week_hours",
]

"""Tables of stats: what each hour and day came to, so that no page reads facts."""

from __future__ import annotations

from stats.alerts.models import Alert, AlertNotice, AlertRule
from stats.models.destinations import (
    DomainDay,
    FlowDay,
    FlowHour,
    NetworkReasonHour,
    ProviderDay,
    ProviderHour,
    ReasonDay,
    ReasonHour,
)
from stats.models.mail import (
    MailFigures,
    RejectionDay,
    RejectionHour,
    RelayDay,
    RelayHour,
    SiteHour,
    SizeDay,
    SizeHour,
    TrafficHour,
)
from stats.models.networks import NetworkDue, NetworkRun, NetworkTotal, NetworkUsual
from stats.models.reattribution import ACTIVE, Reattribution, ReattributionState
from stats.models.state import CountedBy, CountedClass, DayState
from stats.models.top import BlockDay, NetworkDay, NetworkTopDay, Subject, TopDay
from stats.models.verdicts import ScoreDay, ScoreHour, VerdictDay, VerdictHour, VerdictSubject
from stats.reports.models import ReportSending, ReportSubscription

__all__ = [
    "ACTIVE",
    "Alert",
    "AlertNotice",
    "AlertRule",
    "BlockDay",
    "CountedBy",
    "CountedClass",
    "DayState",
    "DomainDay",
    "FlowDay",
    "FlowHour",
    "MailFigures",
    "NetworkDay",
    "NetworkDue",
    "NetworkReasonHour",
    "NetworkRun",
    "NetworkTopDay",
    "NetworkTotal",
    "NetworkUsual",
    "ProviderDay",
    "ProviderHour",
    "ReasonDay",
    "ReasonHour",
    "Reattribution",
    "ReattributionState",
    "RejectionDay",
    "RejectionHour",
    "RelayDay",
    "RelayHour",
    "ReportSending",
    "ReportSubscription",
    "ScoreDay",
    "ScoreHour",
    "SiteHour",
    "SizeDay",
    "SizeHour",
    "Subject",
    "TopDay",
    "TrafficHour",
    "VerdictDay",
    "VerdictHour",
    "VerdictSubject",
]

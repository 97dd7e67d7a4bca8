"""Tables of tracking: the registry, the intake of lines, and mail."""

from __future__ import annotations

from tracking.models.intake import LogFile, LogSegment, LogSource, UnsupportedShape
from tracking.models.mail import (
    Address,
    Delivery,
    Domain,
    FilterVerdict,
    Hop,
    Message,
    Name,
    OpenHop,
    QuarantineDeletion,
    Rejection,
    Reply,
)
from tracking.models.registry import (
    ClientNetwork,
    Customer,
    Provider,
    ProviderSuffix,
    RegistryImport,
    Relay,
)
from tracking.models.saved import SavedSearch
from tracking.models.tokens import ApiToken
from tracking.models.watch import Watch

__all__ = [
    "Address",
    "ApiToken",
    "ClientNetwork",
    "Customer",
    "Delivery",
    "Domain",
    "FilterVerdict",
    "Hop",
    "LogFile",
    "LogSegment",
    "LogSource",
    "Message",
    "Name",
    "OpenHop",
    "Provider",
    "ProviderSuffix",
    "QuarantineDeletion",
    "RegistryImport",
    "Rejection",
    "Relay",
    "Reply",
    "SavedSearch",
    "UnsupportedShape",
    "Watch",
]

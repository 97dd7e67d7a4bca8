"""From a configured source to its backend."""

from __future__ import annotations

from quarantine.backends.base import Backend, HeldItem
from quarantine.backends.pmg_spool import PmgSpool
from quarantine.backends.smtp import Reinjection, host_and_port
from quarantine.models import QuarantinedMessage, QuarantineSource


def connect(source: QuarantineSource) -> Backend:
    """The backend of a source. Raises BackendUnavailable when its settings make no sense."""
    return PmgSpool(source.location, _reinjection(source))


def _reinjection(source: QuarantineSource) -> Reinjection | None:
    return Reinjection(*host_and_port(source.release_to)) if source.release_to else None


def item_of(held: QuarantinedMessage) -> HeldItem:
    """What a backend needs to know of a row."""
    return HeldItem(held.key, held.envelope_sender, tuple(held.recipients), held.data)

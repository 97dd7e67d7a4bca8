"""From a configured source to its backend."""

from __future__ import annotations

from collections.abc import Iterable

from quarantine.backends.amavis import Amavis
from quarantine.backends.base import Ability, Backend, BackendUnavailable, Fault, HeldItem
from quarantine.backends.https import Server
from quarantine.backends.maildir import Maildir
from quarantine.backends.pmg_api import PmgApi
from quarantine.backends.pmg_spool import PmgSpool
from quarantine.backends.smtp import Reinjection, host_and_port
from quarantine.choices import BackendKind
from quarantine.models import QuarantinedMessage, QuarantineSource

_KINDS: dict[str, type[PmgSpool | PmgApi | Amavis | Maildir]] = {
    BackendKind.PMG_SPOOL: PmgSpool,
    BackendKind.PMG_API: PmgApi,
    BackendKind.AMAVIS: Amavis,
    BackendKind.MAILDIR: Maildir,
}


def abilities_of(source: QuarantineSource) -> frozenset[Ability]:
    """What this kind of source can do beside releasing and deleting; asks nobody."""
    return _KINDS[source.kind].abilities


def connect(source: QuarantineSource) -> Backend:
    """The backend of a source. Raises BackendUnavailable when its settings make no sense."""
    match source.kind:
        case BackendKind.PMG_SPOOL:
            return PmgSpool(source.location, _reinjection(source))
        case BackendKind.PMG_API:
            server = Server.from_url(source.location, source.tls_fingerprint, source.ca_file)
            return PmgApi(server, source.username, source.password_file)
        case BackendKind.AMAVIS:
            return Amavis(source.location, source.release_to)
        case BackendKind.MAILDIR:
            return Maildir(source.location, _reinjection(source))
    raise BackendUnavailable(f"no kind of source {source.kind!r}", Fault.SETTINGS)


def _reinjection(source: QuarantineSource) -> Reinjection | None:
    return Reinjection(*host_and_port(source.release_to)) if source.release_to else None


def item_of(held: QuarantinedMessage) -> HeldItem:
    """What a backend needs to know of a row."""
    return HeldItem(held.key, held.envelope_sender, tuple(held.recipients), held.data)


def common_abilities(names: Iterable[str]) -> frozenset[Ability]:
    """What the backends of all these sources can do; nothing when one has senseless settings."""
    sources = QuarantineSource.objects.filter(name__in=set(names))
    try:
        found = [connect(source).abilities for source in sources]
    except BackendUnavailable:
        return frozenset()
    return frozenset.intersection(*found) if found else frozenset()

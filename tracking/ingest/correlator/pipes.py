"""Mail that a content filter started by pipe(8) gives back: spamc or a script, then sendmail.

Nothing in the log ties the two queue ids but the Message-ID, the host and the time, and the lines
of either may come first. What a sieve script of a mailbox redirects comes back just so.
"""

from __future__ import annotations

from tracking.ingest.correlator.state import HopState
from tracking.ingest.correlator.workspace import Workspace

NEAR = 10_000_000
"""How much later or earlier than the delivery by pipe(8) the mail comes back, microseconds."""
_LOOPBACK = {"127.0.0.1", "::1"}


def handed_to_pipe(space: Workspace, hop: HopState, at: int) -> None:
    """pipe(8) took the mail at ``at``."""
    name = _name(hop)
    if not name:
        return
    before = space.carry.piped.get(name)
    if before is None or at - before[3] > NEAR:
        # What a filter gave back may be delivered by pipe(8), too: the first stays the parent.
        space.carry.piped[name] = (*hop.life, at)
    begun_at, *queue_ids = space.carry.own.pop(name, (0,))
    for queue_id in queue_ids:
        if queue_id != hop.queue_id and at - int(begun_at) < NEAR:
            hint = space.hint(hop.host, str(queue_id), at)
            hint.parent = hop.life
            space.apply_hint(hop.host, str(queue_id))


def may_be_from_pipe(hop: HopState) -> bool:
    """Whether the host itself began this mail: by sendmail, or a connection from itself."""
    return hop.is_opened and (not hop.client_hostname or hop.client_ip in _LOOPBACK)


def came_from_host(space: Workspace, hop: HopState, at: int) -> None:
    """The Message-ID of such a mail was seen at ``at``."""
    name = _name(hop)
    if not name or hop.parent is not None:
        return
    piped = space.carry.piped.get(name)
    if piped is not None and piped[1] != hop.queue_id and hop.opened_at - piped[3] < NEAR:
        hop.parent = piped[0], piped[1], piped[2]
    else:
        space.carry.own.setdefault(name, [at]).append(hop.queue_id)


def _name(hop: HopState) -> str:
    return f"{hop.host} {hop.message_id}" if hop.message_id not in {None, "", "<>"} else ""

"""The Hops and sessions that the lines of one segment talk about, and how a line finds its own.

Pure: no database, no clock but the log's.
"""

from __future__ import annotations

from tracking.ingest import records
from tracking.ingest.correlator.state import (
    Carry,
    FilterState,
    Hint,
    HopState,
    Key,
    Life,
    RejectionState,
    SessionState,
)
from tracking.ingest.stamps import is_same_time

# A queue id without an opening line so far belongs to an opening line at most this much later.
_LATE_OPENING = 5_000_000
# A second refusal of the same mail comes at most this much later.
_LATE_REFUSAL = 10_000_000


class Workspace:
    """State while one segment is read: ``hops`` by key, and those displaced by a new life.

    ``loaded`` are the keys of the Hops that were kept from former segments; ``told_before`` those
    that turned out to be stored already, from another source's lines.
    """

    def __init__(self, hops: dict[Key, HopState], carry: Carry, segment: int) -> None:
        self.hops = hops
        self.loaded = set(hops)
        self.lives: dict[Key, list[HopState]] = {key: [hop] for key, hop in hops.items()}
        self.carry = carry
        self.segment = segment
        self.touched: dict[int, HopState] = {}
        self.told_before: list[HopState] = []
        self.rejections: list[RejectionState] = []
        self.deletions: list[records.QuarantineActed] = []
        self.newest = 0
        self.new_hops = 0
        self.new_deliveries = 0

    def give_up(self, hop: HopState) -> None:
        """A Hop that nothing was heard of for longer than mail is kept: its end is not known."""
        hop.end, hop.ended_at = "discarded" if hop.is_void else "lost", hop.last_at
        self.touched[id(hop)] = hop

    def touch(self, hop: HopState, at: int) -> HopState:
        """Note that a line of this Hop is in this segment."""
        if at > hop.last_at:
            hop.last_at = at
        segments = hop.segments
        if not segments or segments[-1] != self.segment:
            segments.append(self.segment)
            self.touched[id(hop)] = hop
        elif id(hop) not in self.touched:
            self.touched[id(hop)] = hop
        return hop

    def life(self, life: Life) -> HopState | None:
        """The Hop that a reference means: of the lives of its queue id the nearest in time."""
        lives = self.lives.get(life[:2])
        if not lives:
            return None
        return min(lives, key=lambda hop: abs(hop.opened_at - life[2]))

    def life_of(self, host: str, queue_id: str, at: int) -> Life:
        """A reference to the present life of a queue id, or to one that began before ``at``."""
        hop = self.hops.get((host, queue_id))
        return hop.life if hop is not None else (host, queue_id, at)

    def find(self, host: str, queue_id: str, at: int) -> HopState:
        """The Hop of a line that does not open one; made when the log starts in mid-mail."""
        hop = self.hops.get((host, queue_id))
        if hop is None:
            hop = self._new(host, queue_id, at)
        return self.touch(hop, at)

    def find_starting(self, host: str, queue_id: str, at: int) -> HopState:
        """The Hop of a line that stands near the start of a life (message-id, queue active).

        Mail that the system writes itself has no opening line, so such a line after the end of
        the former life starts the next one.
        """
        hop = self.hops.get((host, queue_id))
        if hop is None or (_is_after_end(hop, at) and not _may_go_on(hop, at)):
            hop = self._new(host, queue_id, at)
        return self.touch(hop, at)

    def open(self, host: str, queue_id: str, at: int) -> HopState:
        """The Hop that an opening line (``client=``, ``uid=``) starts.

        Queue ids come back: an opening line starts a new life unless the present life has none
        yet, began about now and had not ended by then (the lines of two processes may be out of
        order).
        """
        hop = self.hops.get((host, queue_id))
        if hop is not None and hop.is_opened and is_same_time(hop.opened_at, at):
            # The same line again, by way of another source.
            return self.touch(hop, at)
        if hop is not None and (
            hop.is_opened or _is_after_end(hop, at) or abs(at - hop.opened_at) > _LATE_OPENING
        ):
            if not hop.ended_at:
                self.end(hop, "lost", hop.last_at)
            hop = None
        if hop is None:
            hop = self._new(host, queue_id, at)
        hop.is_opened = True
        hop.opened_at = min(hop.opened_at, at)
        return self.touch(hop, at)

    def end(self, hop: HopState, how: str, at: int) -> None:
        """The end of a Hop; an end that says more than ``lost`` or ``removed`` stays."""
        if hop.end in {"", "lost"} or how in {"deleted", "requeued"}:
            hop.end = how
        hop.ended_at = max(hop.ended_at, at)
        self.touch(hop, at)

    def hint(self, host: str, queue_id: str, at: int) -> Hint:
        """What is said of a queue id by others; call ``apply_hint`` after changing it."""
        key = f"{host} {queue_id}"
        found = self.carry.hints.get(key)
        if found is None:
            found = self.carry.hints[key] = Hint(at)
        return found

    def apply_hint(self, host: str, queue_id: str) -> None:
        """Give a queue id's Hop what others said of it, if the Hop is known already."""
        hop = self.hops.get((host, queue_id))
        if hop is not None:
            self._take_hint(hop)

    def apply_hints(self) -> None:
        """Give Hops of former segments what was said of them while they were not at hand."""
        for name in list(self.carry.hints):
            host, queue_id = name.split(" ", 1)
            self.apply_hint(host, queue_id)

    def session(self, host: str, program: str, pid: str, at: int) -> SessionState:
        """The connection that a server process is serving."""
        key = f"{host} {program} {pid}"
        found = self.carry.sessions.get(key)
        if found is None:
            found = self.carry.sessions[key] = SessionState()
        found.at = at
        return found

    def filter(self, host: str, filter_id: str, at: int) -> FilterState:
        """A session of pmg-smtp-filter, made when its first line is not in the log."""
        found = self.carry.filters.get(f"{host} {filter_id}")
        return found or self.new_filter(host, filter_id, at)

    def new_filter(self, host: str, filter_id: str, at: int) -> FilterState:
        """A session that begins now, whatever had its id before."""
        begun = self.carry.filters[f"{host} {filter_id}"] = FilterState(at)
        return begun

    def _new(self, host: str, queue_id: str, at: int) -> HopState:
        hop = HopState(host, queue_id, at, at)
        self.hops[host, queue_id] = hop
        self.lives.setdefault((host, queue_id), []).append(hop)
        self._take_hint(hop)
        return hop

    def _take_hint(self, hop: HopState) -> None:
        key = f"{hop.host} {hop.queue_id}"
        hint = self.carry.hints.get(key)
        if hint is None or hint.at + 3_600_000_000 < hop.opened_at:
            return
        del self.carry.hints[key]
        if hint.parent is not None:
            hop.parent = hint.parent
        if hint.related is not None:
            hop.related = hint.related
        if hint.kind:
            hop.kind = hint.kind
        hop.quarantined.update(hint.quarantined)
        hop.released = hint.released or hop.released
        self.touch(hop, hop.last_at)


def join_spaces(spaces: list[Workspace]) -> Workspace:
    """What several sources' segments say, to be stored as one; no two have a host in common."""
    first, *others = spaces
    if not others:
        return first
    whole = Workspace({}, Carry(), 0)
    for space in spaces:
        whole.hops.update(space.hops)
        whole.lives.update(space.lives)
        whole.touched.update(space.touched)
        whole.rejections += space.rejections
        whole.deletions += space.deletions
    return whole


def _is_after_end(hop: HopState, at: int) -> bool:
    """Of lines of whole seconds, those of the second of the end may still be before it."""
    return hop.ended_at > 0 and at > hop.ended_at and not is_same_time(at, hop.ended_at)


def _may_go_on(hop: HopState, at: int) -> bool:
    """An end without a queue manager's word (a lost client) may be followed by more lines.

    So may a refusal, at once: each of several milters says no in a line of its own, and what
    was refused or discarded for one header is read on to the next, the Message-ID perhaps.
    """
    if hop.end in {"rejected", "discarded"}:
        return at - hop.ended_at < _LATE_REFUSAL
    return hop.end == "lost"

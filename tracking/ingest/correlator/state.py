"""What the correlator knows of a Hop, a recipient, a session: plain data that survives as JSON.

Times are microseconds since 1970 (int), 0 for "not yet". A state is *touched* in a segment when
one of its lines is there; the store writes touched states and keeps those that may go on.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from tracking.ingest.records import AmavisVerdict, RspamdVerdict

Key = tuple[str, str]  # (host, queue id)
Verdict = AmavisVerdict | RspamdVerdict
Life = tuple[str, str, int]  # (host, queue id, opened at): queue ids come back, so which life


def plain(state: Any) -> dict[str, Any]:
    """The fields of a state by name, as they are: ``asdict`` would copy all that they hold."""
    return {name: getattr(state, name) for name in state.__slots__}


def _said(state: Any) -> dict[str, Any]:
    """Those of the fields whose value is not the default of the field."""
    defaults = _DEFAULTS[type(state)]
    return {k: value for k, value in plain(state).items() if value != defaults.get(k, _NONE)}


@dataclass(slots=True)
class DeliveryState:
    """One recipient at one Hop: the newest attempt, and how many there were.

    ``status`` is Postfix's word (sent, deferred, bounced, ...), ``""`` before an attempt and
    ``filter`` for a recipient that only a content filter named.
    """

    recipient: str
    original_recipient: str = ""
    status: str = ""
    agent: str = ""
    dsn: str = ""
    smtp_reply: str = ""
    relay: str = ""
    relay_ip: str = ""
    relay_port: str = ""
    next_queue_id: str = ""
    filter_id: str = ""
    attempts: int = 0
    told: tuple[tuple[int, str], ...] = ()
    first_at: int = 0
    last_at: int = 0
    delays: tuple[float, float, float, float] | None = None
    is_tls: bool | None = None
    id: int = 0
    mark: str = ""

    @classmethod
    def load(cls, data: dict[str, Any]) -> DeliveryState:
        """Back from JSON."""
        if data.get("delays") is not None:
            data["delays"] = tuple(data["delays"])
        data["told"] = tuple((at, status) for at, status in data.get("told", ()))
        return cls(**data)


@dataclass(slots=True)
class VerdictState:
    """What a content filter decided for one recipient; action and kind are words."""

    recipient: str
    at: int
    action: str
    quarantine_kind: str = ""
    filter_id: str = ""
    quarantine_id: str = ""
    score: float | None = None
    required: float | None = None
    virus: str = ""
    rule: str = ""
    queue_id: str = ""
    id: int = 0
    is_stored: bool = False


@dataclass(slots=True)
class HopState:
    """One queue id on one host, from acceptance to its end.

    ``end`` says how it ended: removed, deleted, requeued, rejected, discarded, lost, ``""`` while
    it is open. ``answered_as`` is the filter session that the client was told instead of the queue
    id. ``id``, ``message``, ``received_at`` and ``parent_id`` are given by the store.
    """

    host: str
    queue_id: str
    opened_at: int
    last_at: int
    ended_at: int = 0
    end: str = ""
    is_opened: bool = False
    is_accepted: bool = False
    is_held: bool = False
    is_expired: bool = False
    kind: str = "mail"
    sender: str | None = None
    size_bytes: int = 0
    recipient_count: int = 0
    client_hostname: str = ""
    client_ip: str = ""
    helo_name: str = ""
    sasl_username: str = ""
    is_tls: bool | None = None
    orig_queue_id: str = ""
    orig_client_hostname: str = ""
    orig_client_ip: str = ""
    answered_as: str = ""
    filter_port: str = ""
    message_id: str | None = None
    subject: str | None = None
    end_dsn: str = ""
    end_reply: str = ""
    parent: Life | None = None
    related: Life | None = None
    released: str = ""
    quarantined: dict[str, str] = field(default_factory=dict)
    deliveries: dict[Key, DeliveryState] = field(default_factory=dict)
    verdicts: list[VerdictState] = field(default_factory=list)
    segments: list[int] = field(default_factory=list)
    id: int = 0
    message: int = 0
    received_at: int = 0
    parent_id: int = 0
    related_id: int = 0

    @property
    def life(self) -> Life:
        return self.host, self.queue_id, self.opened_at

    @property
    def is_void(self) -> bool:
        """A notification of Postfix's own (its Message-ID has the queue id) that it never sent.

        bounce(8) begins one, and gives it up when nobody wants to be told (NOTIFY=NEVER).
        """
        is_taken = self.is_opened or self.is_accepted or self.is_held or self.sender is not None
        return not is_taken and f".{self.queue_id}@" in (self.message_id or "")

    def dump(self) -> dict[str, Any]:
        """For JSON; only what differs from the defaults."""
        data = _said(self)
        data["deliveries"] = [_said(item) for item in self.deliveries.values()]
        data["verdicts"] = [_said(item) for item in self.verdicts]
        return data

    @classmethod
    def load(cls, data: dict[str, Any]) -> HopState:
        """Back from JSON."""
        for name in ("parent", "related"):
            if name in data:
                data[name] = tuple(data[name])
        said, data["deliveries"] = data.get("deliveries", ()), {}
        data["verdicts"] = [VerdictState(**item) for item in data.get("verdicts", ())]
        hop = cls(**data)
        for delivery in map(DeliveryState.load, said):
            key = delivery.recipient, delivery.original_recipient
            if key in hop.deliveries:  # as copy_state() made it
                key = key[0], f"{key[1]} {delivery.next_queue_id}"
            hop.deliveries[key] = delivery
        return hop

    def recipient_state(self, recipient: str, original: str = "") -> DeliveryState:
        """The state of a recipient, made when new.

        A recipient that was known before any attempt (``to=`` of a hold) is the same one when
        its alias is attempted: the attempt's ``orig_to=`` names it.
        """
        known = self.deliveries.get((recipient, original))
        if known is not None:
            return known
        for name in (recipient, original, ""):
            early = self.deliveries.get((name, ""))
            if early is not None and not early.status:
                del self.deliveries[name, ""]
                early.recipient, early.original_recipient = recipient, original
                break
        else:
            early = DeliveryState(recipient, original)
        self.deliveries[recipient, original] = early
        return early

    def copy_state(self, delivery: DeliveryState, next_queue_id: str) -> DeliveryState:
        """Of a recipient whose mail local(8) both kept and forwarded: the other of the two."""
        key = delivery.recipient, f"{delivery.original_recipient} {next_queue_id}"
        if key not in self.deliveries:
            self.deliveries[key] = DeliveryState(delivery.recipient, delivery.original_recipient)
        return self.deliveries[key]


_NONE = object()
# What load() gives a field that is not in the JSON.
_DEFAULTS: dict[type, dict[str, Any]] = {
    kind: {
        item.name: item.default if item.default_factory is MISSING else item.default_factory()
        for item in fields(kind)
        if item.default is not MISSING or item.default_factory is not MISSING
    }
    for kind in (HopState, DeliveryState, VerdictState)
}


@dataclass(slots=True)
class SessionState:
    """A connection to smtpd: the process serves one client at a time."""

    client_hostname: str = ""
    client_ip: str = ""
    is_tls: bool | None = None
    helo_name: str = ""
    queue_id: str = ""
    is_too_big: bool = False
    sender: str | None = None
    held: list[str] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)
    at: int = 0


@dataclass(slots=True)
class FilterState:
    """A session of pmg-smtp-filter; ``claims`` are the Hops whose replies named it."""

    at: int
    message_id: str = ""
    sender: str = ""
    subject: str = ""
    port: str = ""
    virus: str = ""
    score: float | None = None
    required: float | None = None
    is_finished: bool = False
    verdicts: list[VerdictState] = field(default_factory=list)
    copies: list[tuple[str, str]] = field(default_factory=list)
    claims: list[Life] = field(default_factory=list)

    @classmethod
    def load(cls, data: dict[str, Any]) -> FilterState:
        """Back from JSON."""
        data["verdicts"] = [VerdictState(**item) for item in data["verdicts"]]
        data["copies"] = [(kind, queue_id) for kind, queue_id in data["copies"]]
        data["claims"] = [(host, queue_id, at) for host, queue_id, at in data["claims"]]
        return cls(**data)


@dataclass(slots=True)
class Hint:
    """What another line said of a queue id, kept until a line of that id itself is seen."""

    at: int
    parent: Life | None = None
    related: Life | None = None
    kind: str = ""
    released: str = ""
    quarantined: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, data: dict[str, Any]) -> Hint:
        """Back from JSON."""
        for name in ("parent", "related"):
            if data[name] is not None:
                data[name] = tuple(data[name])
        return cls(**data)


@dataclass(slots=True)
class RejectionState:
    """One refusal, as it goes to the store; ``stage`` and ``kind`` are words of the design."""

    at: int
    host: str
    stage: str
    kind: str
    code: int
    dsn: str
    reason: str
    client_hostname: str = ""
    client_ip: str = ""
    sender: str | None = None
    recipient: str | None = None
    helo_name: str = ""
    sasl_username: str = ""
    hop: HopState | None = None
    segment: int = 0


@dataclass(slots=True)
class Carry:
    """What lives on between two segments of a source, besides open Hops.

    ``local`` has for each host the last queue ids that came from the host itself: one of them
    may turn out to be a release from quarantine. ``verdicts`` wait for their mail: those
    that name no queue id by host and session, and by host and the id that the mail went on with;
    those of a filter on a host that does not know the queue id by that id. ``piped`` and ``own``
    are by host and Message-ID (see ``pipes.py``): who was delivered by pipe(8) and when, and when
    and under which queue ids mail of the host itself began.
    """

    sessions: dict[str, SessionState] = field(default_factory=dict)
    filters: dict[str, FilterState] = field(default_factory=dict)
    filter_pids: dict[str, str] = field(default_factory=dict)
    filter_ports: dict[str, str] = field(default_factory=dict)
    hints: dict[str, Hint] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    notices: dict[str, list[str]] = field(default_factory=dict)
    local: dict[str, list[str]] = field(default_factory=dict)
    piped: dict[str, tuple[str, str, int, int]] = field(default_factory=dict)
    own: dict[str, list[int | str]] = field(default_factory=dict)
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)

    def dump(self) -> dict[str, Any]:
        """For JSON."""
        data = plain(self)
        for name in ("sessions", "filters", "hints"):
            data[name] = {key: plain(state) for key, state in data[name].items()}
        for state in data["filters"].values():
            state["verdicts"] = [plain(verdict) for verdict in state["verdicts"]]
        return data

    @classmethod
    def load(cls, data: dict[str, Any]) -> Carry:
        """Back from JSON; an empty dict gives an empty carry."""
        carry = cls()
        if data:
            carry.sessions = {k: SessionState(**v) for k, v in data["sessions"].items()}
            carry.filters = {k: FilterState.load(v) for k, v in data["filters"].items()}
            carry.hints = {k: Hint.load(v) for k, v in data["hints"].items()}
            carry.filter_pids = data["filter_pids"]
            carry.filter_ports = data["filter_ports"]
            carry.texts = data["texts"]
            carry.notices = data["notices"]
            carry.local = data.get("local", {})
            carry.own = data.get("own", {})
            carry.piped = {k: (h, q, a, b) for k, (h, q, a, b) in data.get("piped", {}).items()}
            carry.verdicts = {
                k: [load_verdict(values) for values in v]
                for k, v in data.get("verdicts", {}).items()
            }
        return carry

    def prune(self, now: int) -> None:
        """Forget what no later line can need; ``now`` is the newest time of the log."""
        day = now - 86_400_000_000
        hour = now - 3_600_000_000
        self.sessions = {k: v for k, v in self.sessions.items() if v.at > day}
        self.hints = {k: v for k, v in self.hints.items() if v.at > hour}
        self.filters = {
            k: v
            for k, v in self.filters.items()
            if v.at > (now - 60_000_000 if v.is_finished and v.claims else day)
        }
        live = set(self.filters)
        self.filter_pids = {
            k: v for k, v in self.filter_pids.items() if k.split(" ", 1)[0] + " " + v in live
        }
        if len(self.filter_ports) > 1000:
            self.filter_ports.clear()
        if len(self.texts) > 1000:
            self.texts.clear()
        if len(self.notices) > 1000:
            self.notices.clear()
        moment = now - 10_000_000
        self.piped = {k: v for k, v in self.piped.items() if v[3] > moment}
        self.own = {k: v for k, v in self.own.items() if int(v[0]) > moment}
        kept = [(k, v) for k, v in self.verdicts.items() if v[-1].at > hour]
        self.verdicts = dict(kept[-1000:])


def load_verdict(values: list[Any]) -> Verdict:
    """Back from JSON."""
    return RspamdVerdict(*values) if values[3] == "rspamd" else AmavisVerdict(*values)

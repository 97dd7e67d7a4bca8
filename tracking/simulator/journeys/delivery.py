"""A Hop's delivery: attempts, deferrals with growing pauses, notifications, the end.

Postfix's habits: the pause before the next attempt is the mail's age, at least 300 s and at most
4000 s; a delay notification after 4 hours; mail that is a day old expires and returns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from tracking.simulator import lines
from tracking.simulator.clock import DAY, HOUR, MILLISECOND, SECOND
from tracking.simulator.engine import Journey
from tracking.simulator.journeys.remote import Outcome, try_server
from tracking.simulator.journeys.session import Hop, Letter, Session, Target
from tracking.simulator.population import Client
from tracking.simulator.truth import Mail, Recipient
from tracking.simulator.world import World

LIFETIME = DAY
WARN_AFTER = 4 * HOUR
_SHORTEST, _LONGEST = 300 * SECOND, 4000 * SECOND
_XFORWARDS = ("pre",)


@dataclass(slots=True)
class _State:
    pending: list[Target]
    at: int
    is_warned: bool = False
    bounced: list[Target] = field(default_factory=list)


def deliver(world: World, hop: Hop) -> Journey:
    """From "queue active" to "removed"."""
    state = _State(hop.targets, hop.active_at)
    while True:
        outcome = _try_all(world, hop, state.pending, state.at)
        yield outcome.end
        state.at, state.pending = outcome.end, outcome.deferred
        if outcome.bounced:
            state.at = notify(world, hop, "non-delivery", state.at)
        if state.pending and state.at - hop.opened_at > LIFETIME:
            state.at = _expire(world, hop, state)
        if not state.pending:
            finish(world, hop, state.at)
            return
        _warn(world, hop, state)
        state.at += _pause(world, hop, state.at)
        yield state.at
        _activate(hop, state.at)


def _activate(hop: Hop, at: int) -> None:
    text = lines.active(hop.queue_id, hop.mail.sender, hop.size, len(hop.targets))
    hop.host.qmgr_log(at, text)


def _pause(world: World, hop: Hop, at: int) -> int:
    age = at - hop.opened_at
    return min(max(age, _SHORTEST), _LONGEST) + world.between(1, 290)


def _warn(world: World, hop: Hop, state: _State) -> None:
    if state.is_warned or state.at - hop.opened_at < WARN_AFTER:
        return
    state.is_warned = True
    state.at = notify(world, hop, "delay", state.at)


def _expire(world: World, hop: Hop, state: _State) -> int:
    """``status=expired, returned to sender``, and the notification"""
    at = state.at + MILLISECOND // 2
    hop.host.qmgr_log(at, lines.expired(hop.queue_id, hop.mail.sender))
    recipients = [target.recipient for target in state.pending]
    world.book.mark(recipients, at, "expired")
    state.pending = []
    return notify(world, hop, "non-delivery", at)


def finish(world: World, hop: Hop, at: int) -> None:
    """``QID: removed``"""
    at += world.between(0.0002, 0.002)
    hop.host.qmgr_log(at, lines.removed(hop.queue_id))
    hop.host.close_queue_file(hop.queue_id, at)
    world.book.end_hop(hop.mail, at)


def notify(world: World, hop: Hop, kind: str, at: int) -> int:
    """The bounce daemon writes to the sender: a mail of its own. The null sender gets none."""
    sender = hop.mail.sender
    if not sender:
        return at
    host = hop.host
    born, queue_id = host.open_queue_file(at + MILLISECOND)
    at = born + world.between(0.0001, 0.001)
    mail, target = _notification(world, hop, kind, queue_id, at)
    world.book.accept(mail, at, host.name, queue_id, mail.recipients)
    host.once(at, "postfix/cleanup", lines.message_id(queue_id, mail.message_id))
    at += world.between(0.0002, 0.002)
    host.once(at, "postfix/bounce", lines.notification(hop.queue_id, kind, queue_id))
    at += world.between(0.0001, 0.001)
    host.qmgr_log(at, lines.active(queue_id, "", mail.size, 1))
    local = Client("127.0.0.1", "localhost", host.fqdn)
    child = Hop(host, queue_id, mail, [target], born, at, mail.size, local)
    world.scheduler.spawn(at, deliver(world, child))
    return at


def _notification(world: World, hop: Hop, kind: str, queue_id: str, at: int) -> tuple[Mail, Target]:
    domain = hop.mail.sender.rpartition("@")[2]
    recipient = Recipient(hop.mail.sender)
    mail = Mail(
        sender="",
        message_id=_own_message_id(hop, queue_id, at),
        size=world.rng.randrange(2200, 5200),
        direction="internal",
        kind="bounce" if kind == "non-delivery" else "delay",
        recipients=[recipient],
    )
    provider = world.people.stores.get(domain) or world.people.provider(domain)
    return mail, Target(recipient, provider, provider.draw_trouble(world.rng, at, 0.5))


def _own_message_id(hop: Hop, queue_id: str, at: int) -> str:
    """``<20261124111611.BA4951960F7@smtp-ext.isp.example>``; a long queue id needs no time"""
    if hop.host.has_long_ids:
        return f"<{queue_id}@{hop.host.fqdn}>"
    stamp = datetime.fromtimestamp(at // SECOND, tz=UTC).strftime("%Y%m%d%H%M%S")
    return f"<{stamp}.{queue_id}@{hop.host.fqdn}>"


def _try_all(world: World, hop: Hop, targets: list[Target], at: int) -> Outcome:
    """One attempt for every recipient that waits, grouped by next server."""
    groups: dict[str, list[Target]] = {}
    for target in targets:
        groups.setdefault(_next_stop(world, hop, target), []).append(target)
    whole = Outcome(at)
    for stop, group in groups.items():
        start = at + world.between(0.001, 0.01)
        if stop in world.hosts:
            outcome = _hand_over(world, hop, stop, group, start)
        else:
            outcome = try_server(world, hop, group, start)
        whole.end = max(whole.end, outcome.end)
        whole.deferred += outcome.deferred
        whole.bounced += outcome.bounced
    return whole


def _next_stop(world: World, hop: Hop, target: Target) -> str:
    """The role of the next relay of ours, or the destination's server."""
    if hop.via:
        return hop.via
    domain = target.recipient.address.rpartition("@")[2]
    if hop.host.role != "mx" and domain in world.people.stores:
        return "mx"
    return target.provider.relay


def _hand_over(world: World, hop: Hop, role: str, group: list[Target], at: int) -> Outcome:
    """To another relay of ours, whose lines come before our ``status=sent (... queued as X)``."""
    host, other = hop.host, world.hosts[role]
    process = host.lease("postfix/smtp", at)
    in_queue, connecting = world.between(0.0005, 0.02), world.between(0.001, 0.03)
    client = Client(host.address, host.fqdn, host.fqdn)
    session = Session(world, other, client, at + in_queue + connecting)
    session.greet()
    extra = ""
    if role in _XFORWARDS:
        session.count("xforward", 2, 2)
        extra = f", orig_queue_id={hop.queue_id}, orig_client={hop.client.label}"
    nature, subject = hop.nature, hop.subject
    letter = Letter(hop.mail, group, nature=nature, subject=subject)
    onward = session.accept(letter, extra)
    sent_at = session.at + MILLISECOND
    session.at = sent_at + world.between(0.0005, 0.004)
    session.close()
    times = at, in_queue, connecting, sent_at
    _log_handed_over(hop, f"{other.label}:25", group, onward.queue_id, process.pid, times)
    host.release("postfix/smtp", process, sent_at)
    world.scheduler.spawn(onward.active_at, world.onward[role](world, onward))
    return Outcome(sent_at + len(group))


def _log_handed_over(
    hop: Hop,
    relay: str,
    group: list[Target],
    queue_id: str,
    pid: int,
    times: tuple[int, int, int, int],
) -> None:
    at, in_queue, connecting, sent_at = times
    sending = sent_at - at - in_queue - connecting
    timing = lines.delays(at - hop.opened_at, in_queue, connecting, sending)
    reply = f"250 2.0.0 Ok: queued as {queue_id}"
    for number, target in enumerate(group):
        address, original = target.recipient.address, target.recipient.original
        text = lines.delivery(
            hop.queue_id, address, original, relay, timing, "2.0.0", "sent", reply
        )
        hop.host.log(sent_at + number, "postfix/smtp", pid, text)

"""One attempt at a destination's server: connect, TLS, an answer for every recipient."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracking.simulator import lines
from tracking.simulator.clock import MILLISECOND, SECOND
from tracking.simulator.journeys.session import Hop, Target
from tracking.simulator.providers import Answer, Context
from tracking.simulator.truth import Attempt
from tracking.simulator.world import World

_DISPOSITIONS = {"sent": "delivered", "deferred": "deferred", "bounced": "bounced"}

_LOGS_TLS = ("pre", "mx")  # smtp_tls_loglevel = 1


@dataclass(slots=True)
class Outcome:
    """When an attempt was over, and who must be tried again or is told off."""

    end: int
    deferred: list[Target] = field(default_factory=list)
    bounced: list[Target] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class _Try:
    """What all lines of one attempt share."""

    world: World
    hop: Hop
    tag: str
    pid: int
    relay: str
    outcome: Outcome


def try_server(world: World, hop: Hop, group: list[Target], at: int) -> Outcome:
    """Deliver to the recipients of one server."""
    provider = group[0].provider
    if provider.is_down(at):
        return _unreachable(world, hop, group, at)
    process = hop.host.lease(provider.agent, at)
    attempt = _Try(world, hop, provider.agent, process.pid, provider.relay, Outcome(at))
    in_queue = world.between(0.0005, 0.02)
    connecting = world.between(*provider.connect)
    sending = world.between(*provider.send) + int(hop.size / 2e7 * SECOND)
    start = at + in_queue + connecting
    if provider.has_tls and hop.host.role in _LOGS_TLS:
        text = lines.tls_to(provider.relay, trusted=provider.is_trusted)
        hop.host.log(start - MILLISECOND // 2, provider.agent, process.pid, text)
    before = at - hop.opened_at
    for target, answer in _answers(world, hop, group, start):
        took = sending if answer.command in ("", "end of DATA") else sending // 4
        timing = lines.delays(before, in_queue, connecting, took)
        _record(attempt, target, answer, start + took, timing)
    hop.host.release(provider.agent, process, attempt.outcome.end)
    return attempt.outcome


def _answers(world: World, hop: Hop, group: list[Target], at: int) -> list[tuple[Target, Answer]]:
    """The server's word on each; one mail has one "queued as", but LMTP answers each."""
    found: list[tuple[Target, Answer]] = []
    shared: Answer | None = None
    for target in group:
        provider = target.provider
        context = Context(
            world.rng, at, target.recipient.address, hop.mail.message_id, hop.size,
            hop.host.address,
        )  # fmt: skip
        answer = provider.answer(target.trouble, context)
        if answer.status == "sent" and provider.agent != "postfix/lmtp":
            shared = shared or answer
            answer = shared
        found.append((target, answer))
    return found


def _record(attempt: _Try, target: Target, answer: Answer, at: int, timing: str) -> None:
    """One ``to=`` line, and what it means."""
    hop, recipient = attempt.hop, target.recipient
    at += len(attempt.outcome.deferred) + len(attempt.outcome.bounced)
    relay, reply = attempt.relay, answer.reply
    if answer.status != "sent" and answer.command:
        reply = lines.said(target.provider.host, answer.reply, answer.command)
    elif answer.status != "sent":
        relay = "none"
    text = lines.delivery(
        hop.queue_id, recipient.address, recipient.original, relay, timing, answer.dsn,
        answer.status, reply,
    )  # fmt: skip
    hop.host.log(at, attempt.tag, attempt.pid, text)
    word = _DISPOSITIONS[answer.status]
    attempt.world.book.attempt(recipient, at, Attempt(word, answer.dsn, reply, relay))
    attempt.outcome.end = max(attempt.outcome.end, at + MILLISECOND // 4)
    if answer.status != "sent":
        waiting = (
            attempt.outcome.deferred if answer.status == "deferred" else attempt.outcome.bounced
        )
        waiting.append(target)


def _unreachable(world: World, hop: Hop, group: list[Target], at: int) -> Outcome:
    """``connect to H[IP]:25: Connection timed out``; or the queue manager does not even try."""
    provider = group[0].provider
    failure = lines.connect_failed(provider.relay, "Connection timed out")
    is_suspended = world.chance(0.4)
    tag = "postfix/error" if is_suspended else provider.agent
    process = hop.host.lease(tag, at)
    connecting = 0 if is_suspended else 30 * SECOND + world.between(0, 0.05)
    took = world.between(0.001, 0.02)
    attempt = _Try(world, hop, tag, process.pid, "none", Outcome(at))
    if not is_suspended:
        hop.host.log(at + connecting, tag, process.pid, failure)
    reply = f"delivery temporarily suspended: {failure}" if is_suspended else failure
    timing = lines.delays(at - hop.opened_at, MILLISECOND, connecting, took if is_suspended else 0)
    for target in group:
        answer = Answer("deferred", "4.4.1", reply)
        _record(attempt, target, answer, at + connecting + took, timing)
    hop.host.release(tag, process, attempt.outcome.end)
    return attempt.outcome

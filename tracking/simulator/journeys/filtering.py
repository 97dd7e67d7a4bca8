"""The content filter of the inbound relay (PMG, after the queue): LMTP in, SMTP out again.

The first queue file always ends ``sent (250 2.5.0 OK (F))``; only the filter's lines tell who
was accepted, blocked or quarantined. Accepted mail comes back as a new queue file.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracking.simulator import filterlines, lines
from tracking.simulator.clock import MILLISECOND, SECOND
from tracking.simulator.engine import Journey
from tracking.simulator.filterrules import Verdict, judge
from tracking.simulator.journeys.delivery import deliver, finish
from tracking.simulator.journeys.session import REINJECTION, Hop, Letter, Session, Target
from tracking.simulator.population import Client
from tracking.simulator.spool import Held
from tracking.simulator.truth import Attempt, Recipient
from tracking.simulator.world import World

_TAG = "pmg-smtp-filter"
_RELAY = "127.0.0.1[127.0.0.1]:10024"
_LOCALHOST = Client("127.0.0.1", "localhost.localdomain", "localhost")


@dataclass(slots=True)
class _Run:
    """One session of the filter; ``at`` moves on."""

    world: World
    hop: Hop
    verdict: Verdict
    fid: str
    pid: int
    at: int

    def log(self, text: str) -> None:
        self.hop.host.log(self.at, _TAG, self.pid, text)

    def wait(self, low: float, high: float) -> None:
        self.at += self.world.between(low, high)


def filtering(world: World, hop: Hop) -> Journey:
    """From "queue active" on the inbound relay to the end of the first queue file."""
    host, start = hop.host, hop.active_at
    lmtp = host.lease("postfix/lmtp", start)
    in_queue = world.between(0.001, 0.02)
    worker = host.lease(_TAG, start)
    begin = start + in_queue + world.between(0.03, 0.06)
    if world.chance(0.2):
        port = world.rng.randrange(32768, 60999)
        host.log(start + in_queue, _TAG, worker.pid, filterlines.connected(start + in_queue, port))
    run = _Run(world, hop, judge(world.rng, hop.nature), _new_id(world, begin), worker.pid, begin)
    _inspect(run)
    yield run.at
    _act(run)
    _close(run, begin)
    host.release(_TAG, worker, run.at)
    _answer(run, start, in_queue, lmtp.pid)
    host.release("postfix/lmtp", lmtp, run.at)
    finish(world, hop, run.at)


def _new_id(world: World, at: int) -> str:
    return filterlines.filter_id(0x21C00 + world.rng.randrange(0x100), at)


def _inspect(run: _Run) -> None:
    """What the scanners say."""
    run.log(filterlines.new_mail(run.fid, run.hop.mail.message_id))
    run.wait(0.01, 0.08)
    if run.verdict.virus:
        run.log(filterlines.virus(run.fid, run.verdict.virus))
        run.wait(0.01, 0.05)
    run.wait(0.1, 0.9)
    took = run.world.rng.uniform(0.09, 0.9)
    run.log(filterlines.score(run.fid, run.verdict.hits, took))
    run.wait(0.0005, 0.004)


def _act(run: _Run) -> None:
    """What the rules do with the mail."""
    verdict, names = run.verdict, [item.address for item in run.hop.recipients]
    if verdict.action == "accept" and run.world.chance(0.1):
        run.log(filterlines.modified_header(run.fid, names))
    if verdict.kind:
        _quarantine(run, names)
    if verdict.action == "accept":
        _reinject(run)
    elif verdict.action == "block":
        for name in names:
            run.log(filterlines.blocked(run.fid, name, verdict.rule))
            run.at += 110


def _quarantine(run: _Run, names: list[str]) -> None:
    """A file in the spool, a line for each recipient."""
    verdict, xqid = run.verdict, _new_id(run.world, run.at)
    for name in names:
        run.log(filterlines.moved(run.fid, name, verdict.kind, xqid, verdict.rule))
        run.at += 110
    if verdict.attachment:
        run.log(filterlines.removed_attachment(run.fid, 3, verdict.attachment, verdict.rule))
        run.wait(0.0005, 0.01)
    for recipient in run.hop.recipients:
        recipient.quarantine_kind = verdict.kind
    run.world.spool.hold(_held(run, xqid, names))


def _held(run: _Run, xqid: str, names: list[str]) -> Held:
    hop, verdict = run.hop, run.verdict
    if verdict.virus:
        note = f"X-Proxmox-VInfo: {verdict.virus} (clamav)\n"
    else:
        hits = "".join(f"\t{name:<24}{points:>7g} {name}\n" for name, points in verdict.hits)
        total = max(0, int(sum(points for _, points in verdict.hits)))
        note = f"X-SPAM-LEVEL: Spam detection results:  {total}\n{hits}"
    attachment = verdict.attachment or ("document.txt" if verdict.virus else "")
    return Held(
        verdict.kind, xqid, run.at, hop.mail.sender, names, hop.client, hop.queue_id,
        hop.mail.message_id, hop.subject, note, attachment,
    )  # fmt: skip


def _reinject(run: _Run) -> None:
    """Accepted: a new queue file, whose aliases are then expanded."""
    world, hop, fid = run.world, run.hop, run.fid
    names = [item.address for item in hop.recipients]
    session = Session(world, hop.host, _LOCALHOST, run.at, service=REINJECTION)
    session.greet()
    session.count("xforward")
    letter = Letter(hop.mail, _expanded(world, hop, run.at))
    if run.verdict.attachment:
        letter.message_id = f"<pmg-aquar-{run.pid}-{hop.mail.message_id[1:]}"
    onward = session.accept(letter, f", orig_client={hop.client.label}")
    run.at = session.close(quits=False) + world.between(0.0005, 0.01)
    for name in names:
        run.log(filterlines.accepted(fid, name, onward.queue_id))
        run.at += 120
    world.scheduler.spawn(onward.active_at, deliver(world, onward))


def _expanded(world: World, hop: Hop, at: int) -> list[Target]:
    """A role address of a customer may stand for two people (``orig_to=``)."""
    targets: list[Target] = []
    for target in hop.targets:
        members = world.people.members(target.recipient.address)
        if not members or at > world.end:
            targets.append(target)
            continue
        hop.mail.recipients.remove(target.recipient)
        for member in members:
            recipient = Recipient(member, target.recipient.address)
            recipient.hops = target.recipient.hops
            recipient.quarantine_kind = target.recipient.quarantine_kind
            hop.mail.recipients.append(recipient)
            targets.append(Target(recipient, target.provider, target.trouble))
    return targets


def _close(run: _Run, begin: int) -> None:
    """``processing time``, the last line of the session"""
    run.wait(0.001, 0.01)
    total = (run.at - begin) / SECOND
    scan = run.world.rng.uniform(0.015, 0.06)
    run.log(filterlines.processed(run.fid, total, total * 0.6, scan))


def _answer(run: _Run, start: int, in_queue: int, pid: int) -> None:
    """The filter's reply to LMTP: one line for each recipient."""
    hop, world = run.hop, run.world
    run.wait(0.0001, 0.001)
    is_blocked = run.verdict.action == "block"
    dsn, word = ("2.7.0", "BLOCKED") if is_blocked else ("2.5.0", "OK")
    reply = f"250 {dsn} {word} ({run.fid})"
    connecting = 40 * MILLISECOND
    sending = max(run.at - start - in_queue - connecting, 0)
    timing = lines.delays(start - hop.opened_at, in_queue, connecting, sending)
    for recipient in hop.recipients:
        text = lines.delivery(
            hop.queue_id, recipient.address, "", _RELAY, timing, dsn, "sent", reply
        )
        hop.host.log(run.at, "postfix/lmtp", pid, text)
        if run.verdict.action != "accept":
            final = "blocked" if is_blocked else "quarantined"
            world.book.attempt(recipient, run.at, Attempt(final, dsn, reply, _RELAY))
        run.at += 40

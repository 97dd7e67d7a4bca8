"""Refusals before a queue id exists, at the door of either side, each with its true text."""

from __future__ import annotations

from collections.abc import Callable

from tracking.simulator import lines, names
from tracking.simulator.clock import SECOND
from tracking.simulator.journeys.session import SUBMISSION, Refusal, Session, record_refusal
from tracking.simulator.population import Client, Customer, person
from tracking.simulator.world import World

_BLOCKLIST = "zen.dnsbl.example"


def screen(world: World, client: Client, at: int) -> int:
    """postscreen lets a known client through; the moment smtpd gets it."""
    host, pid = world.hosts["mx"], world.screen_pid
    peer = f"[{client.ip}]:{world.rng.randrange(20000, 61000)}"
    host.log(at, "postfix/postscreen", pid, f"CONNECT from {peer} to [{host.address}]:25")
    word, wait = ("OLD", 40) if world.chance(0.85) else ("NEW", 6 * SECOND)
    host.log(at + wait, "postfix/postscreen", pid, f"PASS {word} {peer}")
    return at + wait + 300


def greylist(world: World, client: Client, sender: str, recipient: str, at: int) -> None:
    """First contact: 450, and the policy server says so without naming anybody."""
    host = world.hosts["mx"]
    session = Session(world, host, client, screen(world, client, at))
    session.greet()
    host.once(session.at, "pmgpolicy", "defer greylisted mail")
    session.wait(0.0005, 0.002)
    reason = f"<{recipient}>: Recipient address rejected: Service is unavailable (try later)"
    session.refuse(sender, recipient, Refusal("greylist", 450, "4.7.1", reason))
    session.close()


def refuse_inbound(world: World, at: int) -> None:
    """An unwanted client of the inbound relay."""
    kinds: dict[Callable[[World, Client, str, str, int], None], int] = {
        _block_listed: 44, _too_early: 8, greylist: 16, _bad_spf: 8, _unknown_user: 13,
        _foreign_relay: 4, _no_such_sender: 5, _probe: 2,
    }  # fmt: skip
    act = world.rng.choices(list(kinds), weights=list(kinds.values()))[0]
    domain = names.domain(world.rng.choice(names.SPAM_DOMAINS))
    sender = f"{person(world.rng)}@{domain}"
    recipient = world.people.sender_of(world.people.customer())
    act(world, world.people.bot(), sender, recipient, at)


def _screened(
    world: World, client: Client, envelope: tuple[str, str], at: int, steps: tuple[str, Refusal]
) -> None:
    """postscreen's own little SMTP server: a line of its tests, the reject, DISCONNECT."""
    host, pid, tag = world.hosts["mx"], world.screen_pid, "postfix/postscreen"
    port = world.rng.randrange(20000, 61000)
    peer, (sender, recipient) = f"[{client.ip}]:{port}", envelope
    finding, what = steps
    host.log(at, tag, pid, f"CONNECT from {peer} to [{host.address}]:25")
    tested = at + world.between(0.05, 5.9)
    host.log(tested, tag, pid, finding.format(peer=peer))
    refused = max(tested, at + 6 * SECOND) + world.between(0.2, 1.5)
    rest = f"to=<{recipient}>, proto=ESMTP, helo=<{client.helo}>"
    host.log(refused, tag, pid, lines.screen_reject(client.ip, port, what.reply, sender, rest))
    record_refusal(world, host, refused, client.ip, envelope, what)
    host.log(refused + world.between(0.01, 0.4), tag, pid, f"DISCONNECT {peer}")


def _block_listed(world: World, client: Client, sender: str, recipient: str, at: int) -> None:
    listed = (
        f"addr {client.ip} listed by domain {_BLOCKLIST} as 127.0.0.{world.rng.choice((4, 10))}"
    )
    world.hosts["mx"].once(at + world.between(0.01, 0.05), "postfix/dnsblog", listed)
    reason = f"Service unavailable; client [{client.ip}] blocked using {_BLOCKLIST}"
    what = Refusal("dnsbl", 550, "5.7.1", reason)
    _screened(world, client, (sender, recipient), at, ("DNSBL rank 3 for {peer}", what))


def _too_early(world: World, client: Client, sender: str, recipient: str, at: int) -> None:
    after = world.rng.randrange(8, 60) / 100
    text = f"PREGREET 12 after {after:g} from {{peer}}: EHLO ylmf\\r\\n"
    what = Refusal("protocol", 550, "5.5.1", "Protocol error")
    _screened(world, client, (sender, recipient), at, (text, what))


def _in_session(
    world: World, client: Client, envelope: tuple[str, str], at: int, what: Refusal
) -> None:
    session = Session(world, world.hosts["mx"], client, screen(world, client, at))
    session.greet()
    session.refuse(*envelope, what)
    session.close()


def _bad_spf(world: World, client: Client, sender: str, recipient: str, at: int) -> None:
    forged = f"{person(world.rng)}@{world.rng.choice(('bank', 'tax-office', 'parcel'))}.example"
    reason = (
        f"<{recipient}>: Recipient address rejected: Rejected by SPF: {client.ip} is not a "
        f"designated mailserver for {forged.replace('@', '%40')} (context mfrom, on mx.isp.example)"
    )
    world.hosts["mx"].once(at + SECOND // 50, "pmgpolicy", "SPF says fail")
    _in_session(world, client, (forged, recipient), at, Refusal("spf", 554, "5.7.1", reason))


def _unknown_user(world: World, client: Client, sender: str, recipient: str, at: int) -> None:
    guess, what = unknown_user(world, recipient.rpartition("@")[2])
    _in_session(world, client, (sender, guess), at, what)


def unknown_user(world: World, domain: str) -> tuple[str, Refusal]:
    """A guessed address at a customer, and what is said of it."""
    guess = f"{world.rng.choice(names.GIVEN)}{world.rng.randrange(9)}@{domain}"
    reason = f"<{guess}>: Recipient address rejected: User unknown in relay recipient table"
    return guess, Refusal("unknown_recipient", 550, "5.1.1", reason)


def _foreign_relay(world: World, client: Client, sender: str, recipient: str, at: int) -> None:
    target = world.people.outsider()
    what = Refusal("relay", 454, "4.7.1", f"<{target}>: Relay access denied")
    _in_session(world, client, (sender, target), at, what)


def _no_such_sender(world: World, client: Client, sender: str, recipient: str, at: int) -> None:
    reason = f"<{sender}>: Sender address rejected: Domain not found"
    what = Refusal("sender_domain", 450, "4.1.8", reason)
    _in_session(world, client, (sender, recipient), at, what)


def _probe(world: World, client: Client, sender: str, recipient: str, at: int) -> None:
    """A client that hangs up: no refusal, only noise."""
    session = Session(world, world.hosts["mx"], client, screen(world, client, at))
    session.log(f"lost connection after CONNECT from {client.label}")
    session.close(quits=False)


def refuse_outbound(world: World, customer: Customer, client: Client, at: int) -> None:
    """What the outbound entry does not take."""
    sender, recipient = world.people.sender_of(customer), world.people.outsider()
    point = world.rng.random()
    if point < 0.25:
        _failed_login(world, sender, at)
    elif point < 0.55:
        reason = f"<{recipient}>: Relay access denied"
        what = Refusal("relay", 554, "5.7.1", reason)
        _at_entry(world, world.people.bot(), (sender, recipient), at, what)
    elif point < 0.7:
        what = Refusal("size", 552, "5.3.4", "Message size exceeds fixed limit", "MAIL")
        _at_entry(world, client, (sender, recipient), at, what)
    elif point < 0.85:
        nowhere = f"{sender.partition('@')[0]}@intranet.invalid"
        reason = f"<{nowhere}>: Sender address rejected: Domain not found"
        what = Refusal("sender_domain", 550, "5.1.8", reason)
        _at_entry(world, client, (nowhere, recipient), at, what)
    else:
        reason = f"<{sender}>: Sender address rejected: Too much spam from this account"
        _at_entry(world, client, (sender, recipient), at, Refusal("policy", 554, "5.7.1", reason))


def _at_entry(
    world: World, client: Client, envelope: tuple[str, str], at: int, what: Refusal
) -> None:
    session = Session(world, world.hosts["ext"], client, at)
    session.greet()
    session.refuse(*envelope, what)
    session.close()


def _failed_login(world: World, user: str, at: int) -> None:
    client = world.people.bot()
    session = Session(world, world.hosts["ext"], client, at, service=SUBMISSION)
    session.greet(tls=True)
    for _ in range(world.rng.randrange(1, 4)):
        session.count("auth", 0, 1)
        session.log(
            f"warning: {client.label}: SASL PLAIN authentication failed: Invalid credentials, "
            f"sasl_username={user}"
        )
        session.wait(1, 5)
    session.close()

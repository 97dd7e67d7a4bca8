"""The door of the inbound relay: the Internet writes to customers."""

from __future__ import annotations

from tracking.simulator import names
from tracking.simulator.clock import SECOND
from tracking.simulator.engine import Journey
from tracking.simulator.journeys import doors
from tracking.simulator.journeys.filtering import filtering
from tracking.simulator.journeys.outbound import new_message_id
from tracking.simulator.journeys.session import Letter, Session, Target
from tracking.simulator.population import Client, person
from tracking.simulator.traffic import Arrival
from tracking.simulator.truth import Mail, Recipient
from tracking.simulator.world import World

_REFUSED = 0.22
_GREYLISTED = 0.05
_PARTLY_REFUSED = 0.01
_NATURES = ("ham", "spam", "virus", "attachment")
_NATURE_WEIGHTS = (89, 9, 1.2, 0.8)


def internet(world: World, arrival: Arrival) -> None:
    """A client from the Internet: refused, put off (and back later), or let in."""
    if world.chance(_REFUSED):
        for number in range(arrival.mails):
            doors.refuse_inbound(world, arrival.at + number * 3 * SECOND)
        return
    nature = world.rng.choices(_NATURES, weights=_NATURE_WEIGHTS)[0]
    sender, client = _sender(world, nature)
    if nature == "ham" and world.chance(_GREYLISTED):
        recipient = _recipients(world)[0]
        doors.greylist(world, client, sender, recipient, arrival.at)
        again = arrival.at + world.between(310, 1500)
        journey = _come_back(world, client, sender, recipient, again)
        world.scheduler.spawn(arrival.at, journey)
        return
    _let_in(world, arrival, client, (sender, nature, []))


def _come_back(world: World, client: Client, sender: str, recipient: str, at: int) -> Journey:
    """The greylisted client tries again."""
    yield at
    _let_in(world, Arrival(at, "internet", 1), client, (sender, "ham", [recipient]))


def _let_in(
    world: World, arrival: Arrival, client: Client, what: tuple[str, str, list[str]]
) -> None:
    sender, nature, known = what
    host = world.hosts["mx"]
    at = doors.screen(world, client, arrival.at)
    session = Session(world, host, client, at)
    session.greet(tls=client.name != "unknown" and world.chance(0.6))
    for _ in range(arrival.mails):
        if world.chance(0.5):
            verdict = "SPF says pass" if nature == "ham" else "SPF says none"
            host.once(session.at, "pmgpolicy", verdict)
            session.wait(0.0005, 0.004)
        letter = _letter(world, client, (sender, nature), known or _recipients(world), session.at)
        hop = session.accept(letter)
        world.scheduler.spawn(hop.active_at, filtering(world, hop))
    session.close()


def _sender(world: World, nature: str) -> tuple[str, Client]:
    if nature in ("spam", "virus"):
        domain = names.domain(world.rng.choice(names.SPAM_DOMAINS))
        return f"{person(world.rng)}{world.rng.randrange(99)}@{domain}", world.people.bot()
    sender = world.people.outsider()
    client = world.people.mail_server(sender.rpartition("@")[2])
    return ("" if world.chance(0.015) else sender), client


def _recipients(world: World) -> list[str]:
    customer = world.people.customer()
    wanted = world.rng.choices((1, 2, 4), weights=(88, 9, 3))[0]
    return list(dict.fromkeys(world.people.sender_of(customer) for _ in range(wanted)))


def _letter(
    world: World, client: Client, origin: tuple[str, str], addresses: list[str], at: int
) -> Letter:
    sender, nature = origin
    recipients = [Recipient(address) for address in addresses]
    mail = Mail(
        sender=sender,
        message_id=new_message_id(world, sender, at),
        size=int(min(1800 * world.rng.paretovariate(0.75), 9_500_000)),
        direction="inbound",
        client_ip=client.ip,
        recipients=recipients,
    )
    targets = [_target(world, recipient, at) for recipient in recipients]
    words = names.SPAM_SUBJECTS if nature == "spam" else names.SUBJECTS
    letter = Letter(mail, targets, nature=nature, subject=world.rng.choice(words))
    if world.chance(_PARTLY_REFUSED):
        letter.refused = (doors.unknown_user(world, addresses[0].rpartition("@")[2]),)
    return letter


def _target(world: World, recipient: Recipient, at: int) -> Target:
    store = world.people.stores[recipient.address.rpartition("@")[2]]
    return Target(recipient, store, store.draw_trouble(world.rng, at, 1.0))

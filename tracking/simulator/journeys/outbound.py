"""The door of the outbound entry: customers hand in their mail, some of it is refused or held."""

from __future__ import annotations

from datetime import UTC, datetime

from tracking.simulator import lines, names
from tracking.simulator.clock import HOUR, MILLISECOND, SECOND
from tracking.simulator.engine import Journey
from tracking.simulator.journeys import doors
from tracking.simulator.journeys.delivery import deliver
from tracking.simulator.journeys.session import SMTPD, SUBMISSION, Hop, Letter, Session, Target
from tracking.simulator.population import BULK, PREMIUM, Client, Customer
from tracking.simulator.traffic import Arrival
from tracking.simulator.truth import Mail, Recipient
from tracking.simulator.world import World

_VIA = {PREMIUM: "pre", BULK: "tr"}
_REFUSED = 0.015
_HELD = 0.0006
_TEMPERS = {PREMIUM: 0.7, BULK: 2.2}


def office(world: World, arrival: Arrival) -> None:
    """A customer's server or desktop, or a person who logs in from anywhere."""
    customer = world.people.customer()
    is_login = customer.uses_login and world.chance(0.6)
    client = _client(world, customer, roams=is_login)
    if world.chance(_REFUSED):
        doors.refuse_outbound(world, customer, client, arrival.at)
        return
    person = world.people.sender_of(customer)
    service = SUBMISSION if is_login else SMTPD
    session = Session(world, world.hosts["ext"], client, arrival.at, service=service)
    session.greet(tls=is_login, login=is_login)
    for _ in range(arrival.mails):
        letter = _letter(world, customer, person, client, session.at)
        if is_login:
            letter.mail.sasl_username = person
        _hand_in(world, session, letter)
    session.close()


def newsletter(world: World, arrival: Arrival) -> None:
    """A bulk customer's machine with a dozen copies of one newsletter, a recipient each."""
    bulk = world.people.bulk
    customer = bulk[arrival.burst % len(bulk)]
    client = customer.clients[0]
    session = Session(world, world.hosts["ext"], client, arrival.at)
    session.greet()
    size = 18_000 + 977 * (arrival.burst % 40)
    for _ in range(arrival.mails):
        serial = world.rng.randrange(10**6, 10**7)
        sender = f"bounce+{serial}@{customer.domain}"
        recipients = [world.people.subscriber()]
        letter = _addressed(world, customer, client, (sender, recipients, size), session.at)
        _hand_in(world, session, letter)
        session.wait(0.01, 0.2)
    session.close()


def _client(world: World, customer: Customer, *, roams: bool) -> Client:
    if roams and world.chance(0.5):
        ip = f"198.19.{world.rng.randrange(60, 64)}.{world.rng.randrange(2, 250)}"
        return Client(ip, "unknown", f"[192.168.1.{world.rng.randrange(2, 60)}]")
    first = customer.clients[0]
    return first if world.chance(0.6) else world.rng.choice(customer.clients)


def _letter(world: World, customer: Customer, person: str, client: Client, at: int) -> Letter:
    wanted = world.rng.choices((1, 2, 3, 5, 9), weights=(80, 10, 5, 3, 1))[0]
    people = [world.people.correspondent(customer, person) for _ in range(wanted)]
    size = int(min(1200 * world.rng.paretovariate(0.75), 9_500_000))
    envelope = person, list(dict.fromkeys(people)), size
    return _addressed(world, customer, client, envelope, at)


def _addressed(
    world: World,
    customer: Customer,
    client: Client,
    envelope: tuple[str, list[str], int],
    at: int,
) -> Letter:
    """A letter with what the truth must know: customer, network, direction."""
    sender, addresses, size = envelope
    number, network = world.people.owner(client.ip)
    recipients = [Recipient(address) for address in addresses]
    mail = Mail(
        sender=sender,
        message_id=new_message_id(world, sender, at),
        size=size,
        direction="outbound",
        client_ip=client.ip,
        customer=number,
        client_network=network,
        recipients=recipients,
    )
    factor = _TEMPERS.get(customer.service_class, 1.0)
    targets = [_target(world, recipient, at, factor) for recipient in recipients]
    subject = world.rng.choice(names.SUBJECTS)
    return Letter(mail, targets, via=_VIA.get(customer.service_class), subject=subject)


def _target(world: World, recipient: Recipient, at: int, factor: float) -> Target:
    domain = recipient.address.rpartition("@")[2]
    provider = world.people.stores.get(domain) or world.people.provider(domain)
    return Target(recipient, provider, provider.draw_trouble(world.rng, at, factor))


def new_message_id(world: World, sender: str, at: int) -> str:
    """As Outlook, Thunderbird or a script makes it."""
    domain = sender.rpartition("@")[2] or "localhost"
    style, rng = world.rng.random(), world.rng
    if style < 0.5:
        return f"<{rng.getrandbits(128):032x}@{domain}>"
    if style < 0.8:
        token = f"{rng.getrandbits(32):08x}-{rng.getrandbits(16):04x}-4{rng.getrandbits(12):03x}"
        return f"<{token}-9{rng.getrandbits(12):03x}-{rng.getrandbits(48):012x}@{domain}>"
    stamp = datetime.fromtimestamp(at // SECOND, tz=UTC).strftime("%Y%m%d%H%M%S")
    return f"<{stamp}.{rng.randrange(10**4, 10**6)}@mail.{domain}>"


def _hand_in(world: World, session: Session, letter: Letter) -> None:
    extra = lines.sasl(letter.mail.sasl_username) if letter.mail.sasl_username else ""
    letter.is_held = world.chance(_HELD)
    if letter.is_held:
        recipient = letter.targets[0].recipient.address
        rest = lines.envelope(letter.mail.sender, recipient, session.client.helo)
        session.log(lines.hold(session.client.label, recipient, rest))
        session.wait(0.0002, 0.001)
    hop = session.accept(letter, extra)
    if letter.is_held:
        letter.mail.size = 0
    journey = _held(world, hop) if letter.is_held else deliver(world, hop)
    world.scheduler.spawn(hop.active_at, journey)


def _held(world: World, hop: Hop) -> Journey:
    """In the hold queue until somebody decides: release, delete, or nothing for days."""
    world.book.mark(hop.recipients, hop.active_at, "held")
    at = hop.active_at + world.between(0.2, 30) * (HOUR // SECOND)
    yield at
    host, pid = hop.host, hop.host.new_pid()
    point = world.rng.random()
    if point < 0.5:
        host.log(at, "postfix/postsuper", pid, f"{hop.queue_id}: released from hold")
        host.log(at + 6, "postfix/postsuper", pid, "Released from hold: 1 message")
        world.book.mark(hop.recipients, at, "queued")
        hop.active_at, hop.mail.size = at + MILLISECOND * 200, hop.size
        text = lines.active(hop.queue_id, hop.mail.sender, hop.size, len(hop.targets))
        host.qmgr_log(hop.active_at, text)
        world.scheduler.spawn(hop.active_at, deliver(world, hop))
    elif point < 0.8:
        host.log(at, "postfix/postsuper", pid, lines.removed(hop.queue_id))
        host.log(at + 4, "postfix/postsuper", pid, "Deleted: 1 message")
        world.book.mark(hop.recipients, at, "deleted")
        host.close_queue_file(hop.queue_id, at)
        world.book.end_hop(hop.mail, at)

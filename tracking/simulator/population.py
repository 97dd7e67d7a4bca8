"""Who sends and receives: the ISP's customers with their networks, domains, people and servers.

Addresses are reserved ones: customers in 10/8, 198.18/16 and 2001:db8::/36, the Internet in
192.0.2/24, 198.51.100/24 and 198.19/16, the ISP in 203.0.113/24.
"""

from __future__ import annotations

import ipaddress
import itertools
import random
from dataclasses import dataclass, field

from tracking.simulator import internet, names
from tracking.simulator.providers import Provider, fixed, mailbox_saved, queued_as

PREMIUM, STANDARD, BULK = "premium", "standard", "bulk"
_COUNTS = {PREMIUM: 12, STANDARD: 60, BULK: 6}
_SHARES = {"gmail.example": 34, "outlook.example": 8, "hotmail.example": 6, "yahoo.example": 9}
_TYPOS = ("gmial.example", "yaho.example", "hotmal.example", "outlok.example")


@dataclass(slots=True, frozen=True)
class Client:
    """A machine that connects: its address, its reverse name and what it says in HELO."""

    ip: str
    name: str
    helo: str

    @property
    def label(self) -> str:
        return f"{self.name}[{self.ip}]"


@dataclass(slots=True)
class Customer:
    """A customer of the ISP; one without a number is in no registry (a guest network)."""

    number: str
    name: str
    service_class: str
    networks: list[str]
    domain: str
    people: list[str]
    clients: list[Client]
    weight: float
    uses_login: bool
    contacts: dict[str, list[str]] = field(default_factory=dict)


class Population:
    """Everybody, made from a seed; ``providers`` maps a domain to where its mail goes."""

    def __init__(self, rng: random.Random, start: int, end: int) -> None:
        self._rng = rng
        self.providers = internet.big_providers(rng, start, end)
        self._companies = internet.companies(rng, start, end)
        self.providers.update(self._companies)
        self._company_domains = list(self._companies)
        self._strangers = [d for d in self._companies if d.partition(".")[0] in names.STRANGERS]
        self.customers = _customers(rng)
        self.stores = {item.domain: _store(rng, item, n) for n, item in enumerate(self.customers)}
        self._aliases = _aliases(rng, self.customers)
        self._networks = _networks(self.customers)
        self._owners: dict[str, tuple[str | None, str | None]] = {}
        self._weights = list(itertools.accumulate(item.weight for item in self.customers))
        self.bulk = [item for item in self.customers if item.service_class == BULK]

    def owner(self, ip: str) -> tuple[str | None, str | None]:
        """The customer's number and the longest matching network of the registry."""
        if ip not in self._owners:
            address = ipaddress.ip_address(ip)
            self._owners[ip] = next(
                ((number, str(net)) for net, number in self._networks if address in net),
                (None, None),
            )
        return self._owners[ip]

    def provider(self, domain: str) -> Provider:
        """Where a domain's mail goes; one that nobody knows does not exist."""
        if domain not in self.providers:
            self.providers[domain] = internet.nowhere(domain)
        return self.providers[domain]

    def customer(self) -> Customer:
        """A customer, the busier ones more often."""
        return self._rng.choices(self.customers, cum_weights=self._weights)[0]

    def members(self, address: str) -> tuple[str, ...]:
        """The people behind a role address of a customer; none: it is a mailbox."""
        return self._aliases.get(address, ())

    def sender_of(self, customer: Customer) -> str:
        """Somebody at a customer; a few people write most of the mail."""
        return customer.people[int(len(customer.people) * self._rng.random() ** 2)]

    def correspondent(self, customer: Customer, person: str) -> str:
        """Whom a person writes to: mostly somebody known, else somebody new."""
        known = customer.contacts.setdefault(person, [])
        if len(known) > 3 and self._rng.random() < 0.75:
            return self._rng.choice(known)
        address = self.stranger()
        if len(known) < 12:
            known.append(address)
        return address

    def stranger(self) -> str:
        """An address outside, at the provider mix of the country's consumers and companies."""
        rng = self._rng
        point = rng.random() * 100
        for domain, share in _SHARES.items():
            if point < share:
                return f"{person(rng)}{rng.randrange(1, 99)}@{domain}"
            point -= share
        if point < 15:
            return f"{person(rng)}{rng.randrange(1, 999)}@telconet.example"
        if point < 37:
            domain = rng.choice(self._company_domains)
            return f"{_local_part(rng)}@{domain}"
        if point < 42.5:
            return rng.choice(rng.choice(self.customers).people)
        return f"{person(rng)}@{rng.choice(_TYPOS)}"

    def outsider(self) -> str:
        """Somebody who writes to a customer from outside: as ``stranger``, or a firm abroad."""
        if self._rng.random() < 0.12:
            return f"{_local_part(self._rng)}@{self._rng.choice(self._strangers)}"
        address = self.stranger()
        while address.rpartition("@")[2] in self.stores or address.endswith(_TYPOS):
            address = self.stranger()
        return address

    def subscriber(self) -> str:
        """A reader of a newsletter: consumers' providers, hardly a company."""
        address = self.stranger()
        return address if self._rng.random() < 0.8 else f"{person(self._rng)}@gmail.example"

    def mail_server(self, domain: str) -> Client:
        """The machine that sends a foreign domain's mail."""
        provider = self.provider(domain)
        if provider.key == "nowhere":
            return self.bot()
        last = int(provider.address.rpartition(".")[2])
        base = provider.address.rpartition(".")[0]
        if provider.key == "company":
            return Client(provider.address, provider.mx, provider.mx)
        number = self._rng.randrange(1, 9)
        name = f"mail-out{number}.{domain}"
        return Client(f"{base}.{last + 100 + number}", name, name)

    def bot(self) -> Client:
        """An infected machine somewhere: mostly without a name that fits its address."""
        rng = self._rng
        ip = f"198.19.{rng.randrange(100, 256)}.{rng.randrange(1, 255)}"
        if rng.random() < 0.6:
            return Client(ip, "unknown", rng.choice((f"[{ip}]", "localhost", "win-pc", "mail")))
        name = f"dyn-{ip.replace('.', '-')}.pool.example"
        return Client(ip, name, name)


def person(rng: random.Random) -> str:
    """``budi.santoso``"""
    return f"{rng.choice(names.GIVEN)}.{rng.choice(names.FAMILY)}"


def _local_part(rng: random.Random) -> str:
    return rng.choice(names.MAILBOXES) if rng.random() < 0.3 else person(rng)


def _customers(rng: random.Random) -> list[Customer]:
    made: list[Customer] = []
    for service_class, count in _COUNTS.items():
        for index in range(count):
            made.append(_customer(rng, len(made), service_class, index))
    made.append(_guest(rng))
    return made


def _customer(rng: random.Random, serial: int, service_class: str, index: int) -> Customer:
    title = names.company_name(serial)
    if service_class == BULK:
        title = f"kabar {title}"
    domain = names.domain(title)
    networks = _NETWORKS_OF[service_class](index)
    people_count = {PREMIUM: 40, STANDARD: 14, BULK: 6}[service_class] + rng.randrange(10)
    return Customer(
        number=f"C{1000 + serial}",
        name=f"PT {title.title()}",
        service_class=service_class,
        networks=networks,
        domain=domain,
        people=_people(rng, domain, people_count),
        clients=_clients(rng, domain, networks),
        weight={PREMIUM: 2.4, STANDARD: 1.0, BULK: 1.2}[service_class] * rng.uniform(0.3, 1.7),
        uses_login=service_class == STANDARD and rng.random() < 0.45,
    )


def _guest(rng: random.Random) -> Customer:
    domain = "warung-net.example"
    people = _people(rng, domain, 40)
    clients = [Client(f"10.99.4.{n}", "unknown", f"desktop-{n}") for n in range(20, 60)]
    return Customer("", "guest network", "", [], domain, people, clients, 2.5, uses_login=False)


def _premium_networks(index: int) -> list[str]:
    networks = [f"198.18.{index * 4}.0/26"]
    if index % 3 == 0:
        networks.append(f"2001:db8:{0x100 + index:x}::/48")
    if index == 1:
        networks.append("198.18.4.16/28")
    return networks


def _standard_networks(index: int) -> list[str]:
    """The first is a reseller with a /16 that holds the networks of the next eleven."""
    if index == 0:
        return ["10.40.0.0/16"]
    if index < 12:
        return [f"10.40.{index * 8}.0/24"]
    if index % 10 == 5:
        return [f"198.18.{64 + index}.8/29", f"2001:db8:{0x200 + index:x}::/48"]
    return [f"10.{50 + index}.{index}.0/24" if index % 2 else f"198.18.{64 + index}.8/29"]


def _bulk_networks(index: int) -> list[str]:
    return [f"198.18.{200 + index}.0/27", f"198.18.{210 + index}.128/25"][: 1 + index % 2]


_NETWORKS_OF = {PREMIUM: _premium_networks, STANDARD: _standard_networks, BULK: _bulk_networks}


def _people(rng: random.Random, domain: str, count: int) -> list[str]:
    found = dict.fromkeys(f"{person(rng)}@{domain}" for _ in range(count))
    found.update(dict.fromkeys(f"{name}@{domain}" for name in rng.sample(names.MAILBOXES, 3)))
    return list(found)


def _aliases(rng: random.Random, customers: list[Customer]) -> dict[str, tuple[str, ...]]:
    """Every second customer has its last role address read by two people."""
    return {
        item.people[-1]: tuple(rng.sample(item.people[:-3], 2))
        for item in customers
        if rng.random() < 0.5
    }


def _clients(rng: random.Random, domain: str, networks: list[str]) -> list[Client]:
    """A mail server in each network, and a few desktops without a reverse name."""
    clients: list[Client] = []
    for number, text in enumerate(networks, start=1):
        network = ipaddress.ip_network(text)
        server = f"mail{number if number > 1 else ''}.{domain}"
        clients.append(Client(str(network[5]), server, server))
        for _ in range(2 if network.num_addresses > 8 else 1):
            ip = str(network[rng.randrange(6, min(network.num_addresses - 1, 250) or 7)])
            clients.append(Client(ip, "unknown", f"pc-{rng.randrange(10, 99)}.lan"))
    return clients


def _networks(
    customers: list[Customer],
) -> list[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, str]]:
    """Longest first, so that the first match is the one that counts."""
    pairs = [
        (ipaddress.ip_network(net), item.number) for item in customers for net in item.networks
    ]
    return sorted(pairs, key=lambda pair: -pair[0].prefixlen)


def _store(rng: random.Random, customer: Customer, index: int) -> Provider:
    """Where a customer's mailboxes are: the ISP's stores by LMTP, or the customer's server."""
    replies = {
        "overquota": fixed("bounced", "5.2.2", "552 5.2.2 <{r}> Quota exceeded (mailbox for user "
                           "is full)", "end of DATA"),
        "full": fixed("deferred", "4.2.2", "452 4.2.2 <{r}> Quota exceeded (mailbox for user is "
                      "full)", "end of DATA"),
    }  # fmt: skip
    is_hosted = index % 5 != 0
    number = 1 + index % 2
    store = f"mbox{number}.isp.example" if is_hosted else f"mail.{customer.domain}"
    rates = {"full": 0.002, "overquota": 0.002}
    if not is_hosted:
        replies["unknown"] = fixed(
            "bounced", "5.1.1", "550 5.1.1 <{r}>: Recipient address rejected: User unknown in "
            "virtual mailbox table")  # fmt: skip
        rates["unknown"] = 0.01
    return Provider(
        key="mailbox",
        mx=store,
        address=f"10.20.0.{10 + number}" if is_hosted else customer.clients[0].ip,
        sent=mailbox_saved if is_hosted else queued_as,
        replies=replies,
        rates=rates,
        connect=(0.001, 0.02),
        send=(0.01, rng.uniform(0.05, 0.4)),
        has_tls=False,
        port=24 if is_hosted else 25,
        agent="postfix/lmtp" if is_hosted else "postfix/smtp",
    )


def registry(customers: list[Customer]) -> list[dict[str, object]]:
    """The customers as registry.json lists them."""
    return [
        {
            "number": item.number,
            "name": item.name,
            "service_class": item.service_class,
            "networks": item.networks,
        }
        for item in customers
        if item.number
    ]

"""What an import would do to the registry: compared with what there is, before anything is done."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext as _

from tracking.models import ClientNetwork, Customer
from tracking.registry.checking import Network, Wanted, WantedCustomer
from tracking.registry.nesting import enclosing
from tracking.registry.rows import CLASS, NAME, NETWORK_NOTE, NOTE, NUMBER, Problem, clean


class Mode(StrEnum):
    """``MERGE`` adds and changes; with ``REPLACE`` what the file lacks goes."""

    MERGE = "merge"
    REPLACE = "replace"


class Act(StrEnum):
    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


CUSTOMER, NETWORK = "customer", "network"


@dataclass(frozen=True, slots=True)
class Difference:
    """A column that changes; ``before`` is "" for what is new."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Outer:
    """A network around another, and whose it is."""

    network: Network
    customer: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an import does. ``line`` is 0 for what goes, ``key`` a number or a prefix.

    ``outer``: the network that a new one takes its addresses from, or that gets those of one that
    goes. ``inner``: networks in it, which keep theirs.
    """

    act: Act
    subject: str
    key: str
    customer: str
    line: int
    differences: tuple[Difference, ...] = ()
    outer: Outer | None = None
    inner: tuple[Outer, ...] = ()


@dataclass(slots=True)
class State:
    """The registry as it is."""

    customers: dict[str, Customer]
    networks: dict[Network, ClientNetwork]

    @classmethod
    def read(cls) -> State:
        """Two queries."""
        customers = {item.number: item for item in Customer.objects.all()}
        networks = ClientNetwork.objects.select_related("customer")
        return cls(customers, {item.network: item for item in networks})


@dataclass(slots=True)
class Plan:
    """Changes in the order of the file, removals last."""

    wanted: Wanted
    state: State
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Of what it would do: whoever confirms it has seen just that."""
        return hashlib.sha256(repr(self.changes).encode()).hexdigest()

    def counts(self) -> dict[str, dict[str, int]]:
        """How many are added, changed and removed of each subject."""
        found = Counter((change.subject, change.act) for change in self.changes)
        return {
            subject: {act.value: found[subject, act] for act in Act}
            for subject in (CUSTOMER, NETWORK)
        }


def make_plan(wanted: Wanted, mode: Mode) -> Plan:
    """Compare; two queries however long the file is."""
    plan = Plan(wanted, State.read())
    if not wanted.customers and not wanted.problems:
        plan.problems.append(Problem(0, "", _("The file has no customers.")))
    plan.problems += [*wanted.problems, *_customer_problems(plan)]
    plan.changes += _customer_changes(plan)
    plan.changes += _network_changes(plan, mode)
    plan.changes.sort(key=lambda change: (change.line == 0, change.line))
    if mode is Mode.REPLACE:
        plan.changes += _removed_customers(plan)
    return plan


def _customer_problems(plan: Plan) -> Iterator[Problem]:
    """New customers that lack something, or that are others but for the case of their letters."""
    spellings: dict[str, list[str]] = defaultdict(list)
    for number in {*plan.state.customers, *plan.wanted.customers}:
        spellings[number.casefold()].append(number)
    told = {problem[:2] for problem in plan.wanted.problems}
    for number, customer in plan.wanted.customers.items():
        if number in plan.state.customers:
            continue
        for column, value in ((NAME, customer.name), (CLASS, customer.service_class)):
            if not value and (customer.line, column) not in told:
                yield Problem(customer.line, column, _("A new customer needs this."))
        others = [other for other in spellings[number.casefold()] if other != number]
        if others:
            text = _("There is a customer %(number)s: only upper and lower case differ.")
            yield Problem(customer.line, NUMBER, text % {"number": others[0]})


def _customer_changes(plan: Plan) -> Iterator[Change]:
    for number, wanted in plan.wanted.customers.items():
        known = plan.state.customers.get(number)
        differences = tuple(_customer_differences(known, wanted))
        if known is None or differences:
            act = Act.CHANGE if known else Act.ADD
            name = wanted.name or (known.name if known else "")
            yield Change(act, CUSTOMER, number, name, wanted.line, differences)


def _customer_differences(known: Customer | None, wanted: WantedCustomer) -> Iterator[Difference]:
    for column in (NAME, CLASS, NOTE):
        before = clean(column, getattr(known, column)) if known else ""
        after = getattr(wanted, column)
        if after is not None and after != before:
            yield Difference(column, before, after)


def _network_changes(plan: Plan, mode: Mode) -> list[Change]:
    """Adds, changes and, replacing, removals, with what they do to each other's addresses."""
    known, wanted = plan.state.networks, plan.wanted.networks
    gone = set(known) - set(wanted) if mode is Mode.REPLACE else set()
    owners = {network: item.customer.number for network, item in known.items()}
    owners |= {network: item.number for network, item in wanted.items()}
    nests = _Nests(owners, gone)
    changes = []
    for network, item in wanted.items():
        before = known.get(network)
        differences = tuple(_network_differences(before, item.number, item.note))
        if before is None:
            outer, inner = nests.outer(network), nests.inner(network)
            changes.append(_network_change(Act.ADD, network, item.number, item.line, differences,
                                           outer, inner))  # fmt: skip
        elif differences:
            changes.append(
                _network_change(Act.CHANGE, network, item.number, item.line, differences)
            )
    for network in sorted(gone, key=str):
        outer = nests.outer(network)
        changes.append(_network_change(Act.REMOVE, network, owners[network], outer=outer))
    return changes


def _network_change(
    act: Act,
    network: Network,
    number: str,
    line: int = 0,
    differences: tuple[Difference, ...] = (),
    outer: Outer | None = None,
    inner: tuple[Outer, ...] = (),
) -> Change:
    return Change(act, NETWORK, str(network), number, line, differences, outer, inner)


def _network_differences(
    known: ClientNetwork | None, number: str, note: str | None
) -> Iterator[Difference]:
    if known is not None and known.customer.number != number:
        yield Difference(NUMBER, known.customer.number, number)
    before = clean(NETWORK_NOTE, known.note) if known else ""
    if note is not None and note != before:
        yield Difference(NETWORK_NOTE, before, note)


class _Nests:
    """Networks around and in each other, as they will be; those in ``gone`` do not count."""

    def __init__(self, owners: dict[Network, str], gone: set[Network]) -> None:
        self.owners, self.gone = owners, gone
        self.around = enclosing(owners)
        self.within: dict[Network, list[Network]] = defaultdict(list)
        for network in set(owners) - gone:
            outer = self._outer(network)
            if outer is not None:
                self.within[outer].append(network)

    def _outer(self, network: Network) -> Network | None:
        found = self.around[network]
        while found in self.gone:
            found = self.around[found] if found is not None else None
        return found

    def outer(self, network: Network) -> Outer | None:
        found = self._outer(network)
        return None if found is None else Outer(found, self.owners[found])

    def inner(self, network: Network) -> tuple[Outer, ...]:
        found: Iterable[Network] = sorted(self.within.get(network, ()), key=str)
        return tuple(Outer(item, self.owners[item]) for item in found)


def _removed_customers(plan: Plan) -> list[Change]:
    gone = sorted(set(plan.state.customers) - set(plan.wanted.customers))
    return [
        Change(Act.REMOVE, CUSTOMER, number, plan.state.customers[number].name, 0)
        for number in gone
    ]

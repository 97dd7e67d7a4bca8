"""What the rows of a registry file ask for, and every contradiction among them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network

from django.utils.translation import gettext as _

from tracking.choices import ServiceClass
from tracking.registry.rows import (
    CLASS,
    NAME,
    NETWORK,
    NETWORK_NOTE,
    NOTE,
    NUMBER,
    Problem,
    Row,
)

Network = IPv4Network | IPv6Network
_MOST = {NUMBER: 40, NAME: 200, NETWORK_NOTE: 200, NOTE: 10_000}
_ROUNDED = re.compile(r"[0-9][.,]?[0-9]*E\+[0-9]+", re.IGNORECASE)
_SHOWN = 60


@dataclass(slots=True)
class WantedCustomer:
    """A customer as a file has it, first on ``line``; None: the file doesn't say."""

    line: int
    number: str
    name: str | None = None
    service_class: str | None = None
    note: str | None = None


@dataclass(slots=True)
class WantedNetwork:
    """A network as a file has it."""

    line: int
    network: Network
    number: str
    note: str | None = None


@dataclass(slots=True)
class Wanted:
    """All that a file asks for. ``repeated``: lines that say again what another line says."""

    customers: dict[str, WantedCustomer] = field(default_factory=dict)
    networks: dict[Network, WantedNetwork] = field(default_factory=dict)
    repeated: list[tuple[int, Network, int]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    encoding: str = "utf-8"


def check_rows(rows: list[Row]) -> Wanted:
    """What rows that were read ask for; costs some 20 µs a row."""
    wanted = Wanted()
    for row in rows:
        problems = list(_too_long(row))
        number = row.cells.get(NUMBER, "")
        if not number:
            problems.append(Problem(row.line, NUMBER, _("The number of the customer is missing.")))
        elif _ROUNDED.fullmatch(number):
            text = _("A spreadsheet has rounded this number: make the column text.")
            problems.append(Problem(row.line, NUMBER, text))
        if problems:
            wanted.problems += problems
            continue
        _add_customer(wanted, row, number)
        if row.cells.get(NETWORK):
            _add_network(wanted, row, number)
    return wanted


def _too_long(row: Row) -> Iterator[Problem]:
    for column, most in _MOST.items():
        if len(row.cells.get(column, "")) > most:
            text = _("Longer than %(most)s characters.") % {"most": most}
            yield Problem(row.line, column, text)


def _add_customer(wanted: Wanted, row: Row, number: str) -> None:
    """Put together what lines say of a customer; a blank name or class is said elsewhere."""
    known = wanted.customers.setdefault(number, WantedCustomer(row.line, number))
    for column in (NAME, CLASS, NOTE):
        text = row.cells.get(column)
        if column == CLASS and text:
            text = _service_class(wanted, row, text)
        if text is None or (not text and (column != NOTE or known.note)):
            continue
        before = getattr(known, column)
        if before and before != text:
            wanted.problems.append(_contradiction(row, column, known, before))
        else:
            setattr(known, column, text)


def _contradiction(row: Row, column: str, known: WantedCustomer, before: str) -> Problem:
    text = _("Customer %(number)s of line %(line)s has “%(before)s” here.")
    values = {"number": known.number, "before": before[:_SHOWN], "line": known.line}
    return Problem(row.line, column, text % values)


def _service_class(wanted: Wanted, row: Row, text: str) -> str | None:
    if text.lower() in ServiceClass.values:
        return text.lower()
    problem = _("“%(text)s” is no class; there are %(known)s.")
    values = {"text": text[:_SHOWN], "known": ", ".join(ServiceClass.values)}
    wanted.problems.append(Problem(row.line, CLASS, problem % values))
    return None


def _add_network(wanted: Wanted, row: Row, number: str) -> None:
    try:
        network = _parse(row.cells[NETWORK])
    except ValueError as error:
        wanted.problems.append(Problem(row.line, NETWORK, str(error)))
        return
    before = wanted.networks.get(network)
    if before is None:
        note = row.cells.get(NETWORK_NOTE)
        wanted.networks[network] = WantedNetwork(row.line, network, number, note)
    elif before.number == number:
        wanted.repeated.append((row.line, network, before.line))
    else:
        text = _("%(network)s belongs to customer %(number)s on line %(line)s.")
        values = {"network": network, "number": before.number, "line": before.line}
        wanted.problems.append(Problem(row.line, NETWORK, text % values))


def _parse(text: str) -> Network:
    """Raises ValueError with what is wrong, for people."""
    shown = text[:_SHOWN]
    try:
        network = ip_network("" if "%" in text else text, strict=False)
    except ValueError as error:
        problem = _("“%(text)s” is no network such as 192.0.2.0/24 or 2001:db8::/48.")
        raise ValueError(problem % {"text": shown}) from error
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped:
        problem = _("“%(text)s” is an IPv4 address in IPv6 form: write it as IPv4.")
        raise ValueError(problem % {"text": shown})
    address = text.partition("/")[0]
    if ip_network(address).network_address != network.network_address:
        problem = _("“%(text)s” is an address in a network: do you mean %(network)s?")
        raise ValueError(problem % {"text": shown, "network": network})
    return network

"""The way of outbound mail as a graph: service class, relay, provider, ending."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stats.selectors.destinations import FlowRow
from tracking.choices import Disposition, ServiceClass
from tracking.selectors.origins import UNREGISTERED

RELAYS, PROVIDERS = 6, 8
OTHER = ""
# From what is well to what is not.
ENDINGS = (
    *(Disposition.DELIVERED, Disposition.QUEUED, Disposition.DEFERRED, Disposition.HELD),
    *(Disposition.BOUNCED, Disposition.EXPIRED, Disposition.REJECTED, Disposition.BLOCKED),
    *(Disposition.QUARANTINED, Disposition.GREYLISTED, Disposition.DISCARDED),
    *(Disposition.DELETED, Disposition.LOST),
)
CLASSES = {**dict(ServiceClass.choices), UNREGISTERED: _("Unregistered")}
Text = str | Promise
Key = TypeVar("Key", int, str)


@dataclass(frozen=True, slots=True)
class FlowNode:
    """``key`` is ``class:…``, ``relay:…``, ``provider:…`` or ``ending:…``."""

    key: str
    label: Text
    column: int


@dataclass(frozen=True, slots=True)
class FlowLink:
    """Recipients that went from one node to the next and ended as ``ending``."""

    source: str
    target: str
    ending: Disposition
    recipients: int


@dataclass(frozen=True, slots=True)
class FlowGraph:
    """Nodes in the order of their columns; each way from a class to an ending as ``lines``."""

    nodes: list[FlowNode]
    links: list[FlowLink]
    lines: list[tuple[list[FlowNode], int]]


def flow_graph(rows: Sequence[FlowRow], relays: dict[int, str]) -> FlowGraph:
    """The busiest relays and providers; the others are one node each."""
    kept_relays = _busiest(((row.relay_id or 0, row.recipients) for row in rows), RELAYS)
    kept_providers = _busiest(
        ((row.provider, row.recipients) for row in rows if row.provider), PROVIDERS
    )
    columns: list[dict[str, Text]] = [
        {f"class:{name}": label for name, label in CLASSES.items()},
        {
            **{f"relay:{pk}": relays.get(pk) or _("No relay") for pk in kept_relays},
            "relay:": _("Other relays"),
        },
        {
            **{f"provider:{name}": name for name in kept_providers},
            "provider:": _("Other providers"),
        },
        {f"ending:{item.name.lower()}": item.label for item in ENDINGS},
    ]
    ways: Counter[tuple[str, str, str, str]] = Counter()
    for row in rows:
        relay = row.relay_id or 0
        way = (
            f"class:{row.service_class or UNREGISTERED}",
            f"relay:{relay if relay in kept_relays else OTHER}",
            f"provider:{row.provider if row.provider in kept_providers else OTHER}",
            f"ending:{Disposition(row.disposition).name.lower()}",
        )
        ways[way] += row.recipients
    return _graph(columns, ways)


def _busiest(counts: Iterable[tuple[Key, int]], limit: int) -> list[Key]:
    found: Counter[Key] = Counter()
    for key, recipients in counts:
        found[key] += recipients
    return [key for key, _count in found.most_common(limit)]


def _graph(columns: list[dict[str, Text]], ways: Counter[tuple[str, str, str, str]]) -> FlowGraph:
    used = {key for way in ways for key in way}
    nodes = {
        key: FlowNode(key, label, number)
        for number, column in enumerate(columns)
        for key, label in column.items()
        if key in used
    }
    places = {key: place for place, key in enumerate(nodes)}
    links: Counter[tuple[str, str, str]] = Counter()
    for way, recipients in ways.items():
        for source, target in pairwise(way):
            links[source, target, way[-1]] += recipients
    ordered = sorted(ways, key=lambda way: [places[key] for key in way])
    return FlowGraph(
        list(nodes.values()),
        [
            FlowLink(source, target, Disposition[ending.partition(":")[2].upper()], recipients)
            for (source, target, ending), recipients in links.items()
        ],
        [([nodes[key] for key in way], ways[way]) for way in ordered],
    )

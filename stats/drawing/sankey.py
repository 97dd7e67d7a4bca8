"""Flows through columns of nodes, from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format

from stats.drawing.palette import colour
from stats.drawing.shapes import Picture, Rect, Ribbon, Shape, Text, fitted, text_width

_NODE_WIDTH = 9.0
_GAP = 3.0
_LEAST = 1.0  # a node is seen, however little flows through it
_THINNEST = 0.3
_FAINT = 0.42
_STEPS = 40
_LEFT_SHARE = 0.55


@dataclass(frozen=True, slots=True)
class Node:
    """``column`` counts from 0 at the left; nodes of a column stand in the order given."""

    key: str
    label: str
    column: int
    fill: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """What flows from one node to another in a later column.

    ``order``: at both ends, links stand by it first; so what is alike goes on side by side.
    """

    source: str
    target: str
    value: int
    fill: str
    order: int = 0


@dataclass(slots=True)
class _Placed:
    """A node on the sheet; ``left`` and ``right`` are how far its sides are taken."""

    node: Node
    value: int
    x: float
    y: float
    height: float
    left: float = 0.0
    right: float = 0.0


def sankey(
    title: str, nodes: Sequence[Node], links: Sequence[Link], width: float, height: float
) -> Picture:
    """Every label has a line of its own beside its node."""
    size = 8.5
    columns = _columns(nodes, _values(nodes, links))
    if not columns:
        return Picture(title, width, height)
    scale = min(_scale([value for _, value in column], height, size + 1) for column in columns)
    placed = _place(columns, scale, width, height, size + 1)
    shapes = [*_ribbons(placed, links, scale), *_nodes(placed, len(columns), width, size)]
    return Picture(title, width, height, shapes)


def _values(nodes: Sequence[Node], links: Sequence[Link]) -> dict[str, int]:
    taken, given = {node.key: 0 for node in nodes}, {node.key: 0 for node in nodes}
    for link in links:
        given[link.source] += link.value
        taken[link.target] += link.value
    return {key: max(taken[key], given[key]) for key in taken}


def _columns(nodes: Sequence[Node], values: dict[str, int]) -> list[list[tuple[Node, int]]]:
    columns: list[list[tuple[Node, int]]] = [[] for _ in {node.column for node in nodes}]
    for node in nodes:
        columns[node.column].append((node, values[node.key]))
    return columns


def _scale(values: Sequence[int], height: float, line: float) -> float:
    """Points for each unit, so that a column of nodes, with room for labels, fits the height."""
    low, high = 0.0, height / max(sum(values), 1)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if sum(max(value * middle, line) + _GAP for value in values) - _GAP <= height:
            low = middle
        else:
            high = middle
    return low


def _place(
    columns: list[list[tuple[Node, int]]], scale: float, width: float, height: float, line: float
) -> dict[str, _Placed]:
    step = (width - _NODE_WIDTH) / max(len(columns) - 1, 1)
    found = {}
    for number, column in enumerate(columns):
        used = sum(max(value * scale, line) for _, value in column)
        gap = min((height - used) / max(len(column) - 1, 1), 4 * line)
        y = (height - used - gap * (len(column) - 1)) / 2
        for node, value in column:
            tall = max(value * scale, _LEAST)
            slot = max(value * scale, line)
            found[node.key] = _Placed(node, value, number * step, y + (slot - tall) / 2, tall)
            y += slot + gap
    return found


def _ribbons(placed: dict[str, _Placed], links: Sequence[Link], scale: float) -> list[Shape]:
    starts = {}
    for link in sorted(links, key=lambda link: (link.order, placed[link.target].y)):
        source = placed[link.source]
        starts[link.source, link.target, link.order] = source.y + source.right
        source.right += link.value * scale
    shapes: list[Shape] = []
    for link in sorted(links, key=lambda link: (link.order, placed[link.source].y)):
        source, target = placed[link.source], placed[link.target]
        tall = link.value * scale
        ends = (
            *(source.x + _NODE_WIDTH, starts[link.source, link.target, link.order]),
            *(target.x, target.y + target.left),
        )
        note = f"{source.node.label} → {target.node.label}: {_number(link.value)}"
        shapes.append(Ribbon(*ends, max(tall, _THINNEST), link.fill, _FAINT, note))
        target.left += tall
    return shapes


def _nodes(placed: dict[str, _Placed], columns: int, width: float, size: float) -> list[Shape]:
    ink, muted = colour("text"), colour("text-muted")
    gap = (width - _NODE_WIDTH) / max(columns - 1, 1) - _NODE_WIDTH
    shapes: list[Shape] = []
    for item in placed.values():
        number = _number(item.value)
        is_left = item.node.column * 2 >= columns
        # Between two columns, what stands at the right end (names of providers) is longer.
        room = gap * (_LEFT_SHARE if is_left else 1 - _LEFT_SHARE) - 4
        label = f"{fitted(item.node.label, size, room - text_width(number, size) - 4)} {number}"
        wide = text_width(label, size)
        x = item.x - 4 if is_left else item.x + _NODE_WIDTH + 4
        middle = item.y + item.height / 2
        corner = (x - wide - 2 if is_left else x - 2, middle - size / 2 - 0.5)
        shapes += [
            Rect(item.x, item.y, _NODE_WIDTH, item.height, item.node.fill or muted),
            Rect(*corner, wide + 4, size + 1, "#ffffff", 0.72, 2),
            Text(x, middle + size * 0.35, label, size, ink, "end" if is_left else "start"),
        ]
    return shapes


def _number(value: int) -> str:
    return str(number_format(value, force_grouping=True))

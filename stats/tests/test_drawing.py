"""Pictures that the server draws: nothing leaves the sheet, nothing overlaps, nothing is lost."""

from __future__ import annotations

from io import BytesIO
from itertools import combinations
from xml.etree import ElementTree

import pypdf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stats.drawing.bars import Series, lying_bars, standing_bars
from stats.drawing.grid import grid
from stats.drawing.palette import series_colour
from stats.drawing.pdf import pdf
from stats.drawing.sankey import Link, Node, sankey
from stats.drawing.shapes import Picture, Rect, Ribbon, Text, fitted, text_width
from stats.drawing.sheet import sheet
from stats.drawing.svg import svg
from stats.drawing.treemap import Area, treemap

COLOUR = "#0b7a85"
WIDE, TALL = 500.0, 200.0
numbers = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=12)


def assert_inside(picture: Picture) -> None:
    for shape in picture.shapes:
        if isinstance(shape, Rect):
            box = (shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
        elif isinstance(shape, Ribbon):
            low = max(shape.y, shape.y2) + shape.height
            box = (shape.x, min(shape.y, shape.y2), shape.x2, low)
        else:
            wide = text_width(shape.text, shape.size)
            left = shape.x - {"start": 0, "middle": wide / 2, "end": wide}[shape.anchor]
            box = (left, shape.y - shape.size * 0.75, left + wide, shape.y)
        left, top, right, bottom = box
        assert left >= -4.1
        assert top >= -1
        assert right <= picture.width + 4.1
        assert bottom <= picture.height + 1


def flows(values: list[int]) -> Picture:
    """A column of one node, one of several, one of one."""
    nodes = [Node("a", "Standard", 0), Node("z", "Delivered", 2)]
    nodes += [Node(f"m{n}", f"provider{n}.example", 1) for n in range(len(values))]
    links = [Link("a", f"m{n}", value, COLOUR) for n, value in enumerate(values)]
    links += [Link(f"m{n}", "z", value, COLOUR) for n, value in enumerate(values)]
    return sankey("Flow", nodes, links, WIDE, TALL)


@settings(deadline=None)  # the first example loads fonts
@given(numbers)
@example([0] * 11 + [999_999_998])
def test_every_picture_stays_on_its_sheet(values: list[int]) -> None:
    bars = [(f"quite a long label {n}", [value, value // 2]) for n, value in enumerate(values)]
    series = [Series("one", COLOUR), Series("two", "#d98324")]
    rows: list[tuple[str, list[float | None]]] = [("Monday", [None, *map(float, values)])]
    heads = [f"{number:02}" for number in range(len(values) + 1)]
    for picture in (
        standing_bars("Bars", series, bars, WIDE, TALL),
        lying_bars("Bars", series, bars, WIDE, TALL),
        lying_bars("Bars", series, bars, WIDE, TALL, is_share=True),
        treemap(
            "Map", [Area(f"d{n}.example", v, COLOUR) for n, v in enumerate(values)], WIDE, TALL
        ),
        grid("Week", rows, heads, WIDE, TALL),
        flows(values),
        sheet(flows(values), "Friday, 20 November 2026", ["word " * 99, "w" * 999]),
    ):
        assert_inside(picture)
        ElementTree.fromstring(svg(picture))  # noqa: S314 (our own)


def test_bars_without_room_for_their_sums_have_a_scale() -> None:
    bars = [(f"{day} November", [day * 100]) for day in range(1, 31)]

    def told(count: int) -> set[str]:
        picture = standing_bars("Bars", [Series("one", COLOUR)], bars[:count], WIDE, TALL)
        return {shape.text for shape in picture.shapes if isinstance(shape, Text)}

    assert {"1,000", "2,000", "3,000"} <= told(30)
    assert "2,900" not in told(30)
    assert {"100", "200", "300"} <= told(3)


@settings(deadline=None)  # the first example loads fonts
@given(numbers)
def test_the_labels_of_a_flow_stand_apart(values: list[int]) -> None:
    texts = [shape for shape in flows(values).shapes if isinstance(shape, Text)]
    assert len(texts) == len(values) + 2
    middle = [text for text in texts if "provider" in text.text]
    for one, other in combinations(middle, 2):
        assert abs(one.y - other.y) >= one.size


@settings(deadline=None)  # the first example loads fonts
@given(numbers)
def test_areas_are_in_proportion_and_do_not_overlap(values: list[int]) -> None:
    picture = treemap("Map", [Area(str(v), v, COLOUR) for v in values], WIDE, TALL)
    boxes = [shape for shape in picture.shapes if isinstance(shape, Rect)]
    assert len(boxes) == sum(value > 0 for value in values)
    for one, other in combinations(boxes, 2):
        is_apart = (
            one.x + one.width <= other.x + 0.3
            or other.x + other.width <= one.x + 0.3
            or one.y + one.height <= other.y + 0.3
            or other.y + other.height <= one.y + 0.3
        )
        assert is_apart


HOSTILE = '</text><script>alert("1")</script>\x00\x1b\ud800 😀 ](tel:1) ünï 例'


def test_names_from_the_log_are_only_text() -> None:
    picture = Picture(HOSTILE, 300, 40, [Text(0, 20, HOSTILE, 9, COLOUR)])
    root = ElementTree.fromstring(svg(picture))  # noqa: S314 (our own)
    found = [item for item in root.iter() if item.tag.endswith("text")]
    assert len(found) == 1
    assert '<script>alert("1")' in (found[0].text or "")
    pages = pypdf.PdfReader(BytesIO(pdf(picture))).pages
    assert "ünï 例" in pages[0].extract_text()


def test_a_text_is_cut_to_its_room() -> None:
    assert fitted("short", 9, 100) == "short"
    cut = fitted("a very long name of a domain.example", 9, 60)
    assert cut.endswith("…")
    assert text_width(cut, 9) <= 60
    assert fitted("wide", 9, 1) == ""


@pytest.mark.parametrize("key", ["delivered", "premium", "nothing-of-its-own"])
def test_colours_are_those_of_the_style_sheet(key: str) -> None:
    assert series_colour(key, 11).startswith("#")
    assert series_colour("delivered") == "#14683c"
    assert series_colour("nothing-of-its-own", 8) == series_colour("nothing-of-its-own", 0)

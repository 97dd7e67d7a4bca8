"""Lists by score and by size: every row once, in both directions, ties and gaps included."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from quarantine.models import QuarantinedMessage
from quarantine.sorting import ValueCursor, cursor_parser, list_page
from quarantine.tests.support import make_many

pytestmark = pytest.mark.django_db


@pytest.fixture
def numbers(tmp_path: Path) -> list[int]:
    """Scores 0, 0.1, 0.2, 0, 0.1 …; the last has none."""
    make_many(tmp_path, 10)
    rows = list(QuarantinedMessage.objects.order_by("pk"))
    for number, row in enumerate(rows[:-1]):
        row.score = (number % 3) / 10
        row.save(update_fields=("score",))
    return [row.pk for row in rows]


@pytest.mark.parametrize(("sort", "count"), [("score", 9), ("size", 10), ("", 10)])
def test_pages_hold_every_row_once(sort: str, count: int, numbers: list[int]) -> None:
    found, parse = QuarantinedMessage.objects.all(), cursor_parser(sort)
    pages, before = [], None
    while True:
        page = list_page(found, sort, 4, before=before, after=None)
        pages.append(page)
        if page.older is None:
            break
        before = parse(str(page.older))
    ids = [row.id for page in pages for row in page.rows]
    assert len(ids) == len(set(ids)) == count
    back = list_page(found, sort, 4, before=None, after=parse(str(pages[-1].newer)))
    assert [row.id for row in back.rows] == [row.id for row in pages[-2].rows]
    assert pages[0].newer is None


def test_the_highest_come_first(numbers: list[int]) -> None:
    found = QuarantinedMessage.objects.all()
    scores = [row.score for row in list_page(found, "score", 50, before=None, after=None).rows]
    assert scores == sorted([(number % 3) / 10 for number in range(9)], reverse=True)
    sizes = [row.size_bytes for row in list_page(found, "size", 3, before=None, after=None).rows]
    assert sizes == [1009, 1008, 1007]


@pytest.mark.parametrize("text", ["", "x", "1", "1_", "_1", "nan_1", "inf_1", "1_-1", "1_²",
                                  "1_" + "9" * 30])  # fmt: skip
def test_it_knows_what_is_no_cursor(text: str) -> None:
    assert ValueCursor.parse(text) is None


def test_the_page_sorts(numbers: list[int], boss: Client) -> None:
    page = boss.get("/quarantine/?sort=size").content.decode()
    assert page.index("Offer 9") < page.index("Offer 0")
    page = boss.get("/quarantine/?sort=score&before=0.1_999999").content.decode()
    assert "Offer 2<" not in page
    assert "Offer 1<" in page
    assert boss.get("/quarantine/?sort=name").status_code == 422
    rows = boss.get("/api/v1/quarantine/?sort=size&page_size=2").json()
    assert [row["size_bytes"] for row in rows["results"]] == [1009, 1008]
    rows = boss.get(rows["next"]).json()
    assert [row["size_bytes"] for row in rows["results"]] == [1007, 1006]
    assert boss.get("/api/v1/quarantine/?sort=size&before=x").status_code == 400

"""Registry files as spreadsheets write them, and every mistake in them by line."""

from __future__ import annotations

import pytest

from tracking.registry.checking import Wanted, check_rows
from tracking.registry.csv_reading import read_csv
from tracking.registry.services import wanted_of

HEADER = "number,name,service_class,network\n"
GOOD = (
    HEADER
    + """\
C1,PT Satu,premium,198.18.0.0/24
C1,PT Satu,premium,2001:db8:1::/48
C2,"PT Dua, Tbk",bulk,
"""
)


def wanted(text: str | bytes) -> Wanted:
    return wanted_of(read_csv(text.encode() if isinstance(text, str) else text))


def networks(text: str | bytes) -> dict[str, str]:
    found = wanted(text)
    assert found.problems == []
    return {str(network): item.number for network, item in found.networks.items()}


def problems(text: str | bytes) -> list[tuple[int, str, str]]:
    return [tuple(problem) for problem in wanted(text).problems]  # type: ignore[misc]


EXPECTED = {"198.18.0.0/24": "C1", "2001:db8:1::/48": "C1"}


@pytest.mark.parametrize(
    "raw",
    [
        GOOD.encode(),
        GOOD.encode("utf-8-sig"),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\r").encode(),
        GOOD.replace("\n", "\n\n,,,\n").encode(),
        GOOD.rstrip("\n").encode(),
        GOOD.replace(",", ";").replace('"PT Dua; Tbk"', '"PT Dua, Tbk"').encode(),
        ("sep=;\r\n" + GOOD.replace(",", ";")).encode(),
        GOOD.replace(",", "\t").encode("utf-16"),
        GOOD.replace("number,", " Number ,").replace("service_class", "Service Class").encode(),
        GOOD.replace("network\n", "network,,\n").replace("/24\n", "/24,,\n").encode(),
        GOOD.replace("premium", "PREMIUM").encode(),
    ],
)
def test_it_takes_a_file_as_any_spreadsheet_writes_it(raw: bytes) -> None:
    assert networks(raw) == EXPECTED
    assert wanted(raw).customers["C1"].name == "PT Satu"
    assert wanted(raw).customers["C2"].service_class == "bulk"


def test_it_takes_columns_in_any_order() -> None:
    assert networks("network,service_class,name,number\n192.0.2.0/24,bulk,A,C7\n") == {
        "192.0.2.0/24": "C7"
    }


def test_it_reads_what_old_spreadsheets_save() -> None:
    raw = (HEADER + "C1,Café,premium,\n").encode("cp1252")
    found = wanted(raw)
    assert found.customers["C1"].name == "Café"
    assert found.encoding == "windows-1252"


def test_a_customer_needs_saying_once() -> None:
    text = HEADER + "C1,,,192.0.2.0/24\nC1,PT Satu,bulk,198.51.100.0/24\n"
    found = wanted(text)
    assert found.problems == []
    assert (found.customers["C1"].name, found.customers["C1"].service_class) == ("PT Satu", "bulk")


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        (",PT Satu,premium,", "number", "missing"),
        ("1.23E+11,PT Satu,premium,", "number", "spreadsheet has rounded"),
        ("C1,PT Satu,gold,", "service_class", "“gold” is no class"),
        ("C1,PT Satu,premium,192.0.2.999/24", "network", "is no network"),
        ("C1,PT Satu,premium,192.0.2.1/24", "network", "do you mean 192.0.2.0/24?"),
        ("C1,PT Satu,premium,192.0.2.0/33", "network", "is no network"),
        ("C1,PT Satu,premium,fe80::1%eth0", "network", "is no network"),
        ("C1,PT Satu,premium,::ffff:192.0.2.0/120", "network", "write it as IPv4"),
        ("C1,PT Satu,premium,\x1b[31m", "network", "is no network"),
        ("C1,PT Lain,premium,", "name", "Customer C1 of line 2 has “PT Satu” here"),
        ("C1,PT Satu,bulk,", "service_class", "has “premium” here"),
        ("C9,PT Sembilan,bulk,198.18.0.0/24", "network", "belongs to customer C1 on line 2"),
        ("C1,PT Satu,premium,,one more", "", "more cells"),
        ('C1,"PT Satu,premium,', "", "never closed"),
        ('C1,"PT" Satu,premium,', "", "wrong place"),
        ("C1,PT\0Satu,premium,", "", "NUL"),
        (f"{'9' * 41},PT Satu,premium,", "number", "Longer than 40"),
        (f"C1,{'x' * 140000},premium,", "", "too long"),
    ],
)
def test_it_says_what_is_wrong_and_where(line: str, column: str, words: str) -> None:
    text = HEADER + "C1,PT Satu,premium,198.18.0.0/24\n" + line + "\n"
    if column or "closed" not in words:
        text += "C3,PT Tiga,bulk,nonsense\n"
    found = problems(text)
    assert (found[0][0], found[0][1]) in {(3, column), (4, "network")}
    mine = next(problem for problem in found if problem[0] == 3)
    assert mine[1] == column
    assert words in mine[2]


def test_it_names_every_mistake_of_a_file() -> None:
    lines = "".join(f"C{n},PT,gold,192.0.2.{n}/24\n" for n in range(1, 4))
    assert [problem[:2] for problem in problems(HEADER + lines)] == [
        (line, column) for line in (2, 3, 4) for column in ("service_class", "network")
    ]


def test_a_line_is_where_its_row_begins() -> None:
    header = "number,name,service_class,network,note\n"
    text = header + 'C1,PT Satu,premium,,"two\nlines"\nC2,PT Dua,gold,,\n'
    assert [problem[:2] for problem in problems(text)] == [(4, "service_class")]
    assert wanted(text).customers["C1"].note == "two\nlines"


def test_it_tells_a_repetition_from_a_contradiction() -> None:
    line = "C1,PT Satu,premium,198.18.0.0/24\n"
    found = wanted(HEADER + line + line)
    assert found.problems == []
    assert [(n, str(network), before) for n, network, before in found.repeated] == [
        (3, "198.18.0.0/24", 2)
    ]


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("number,name,service_class\n", "network"),
        ("number,name,service_class,network,colour\n", "colour"),
        ("number,name,service_class,network,name\n", "name"),
        ("\x00\n", "number"),
    ],
)
def test_it_says_what_is_wrong_with_the_columns(header: str, column: str) -> None:
    found = problems(header + "C1,PT Satu,premium,x\n")
    assert column in {problem[1] for problem in found} or found[0][2].startswith("There is a NUL")


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"\xef\xbb\xbf", "".encode("utf-16")])
def test_it_knows_an_empty_file(raw: bytes) -> None:
    assert problems(raw) == [(0, "", "The file is empty.")]


@pytest.mark.parametrize("raw", [b"number\x81", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_it_takes_no_file_that_is_no_text(raw: bytes) -> None:
    assert problems(raw) != []
    assert check_rows(read_csv(raw).rows).customers == {}


def test_it_stops_where_everything_is_wrong() -> None:
    text = HEADER + "\0\n" * 5000
    found = problems(text)
    assert len(found) == 1001
    assert found[-1][2] == "From this line on the file was not read."

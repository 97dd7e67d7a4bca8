from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from tracking.ingest.stamps import StampReader

BERLIN = ZoneInfo("Europe/Berlin")
JAKARTA = ZoneInfo("Asia/Jakarta")


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def reader(
    reference: str, zone: tzinfo = UTC, year: int | None = None, previous: str = ""
) -> StampReader:
    before = round(seconds(previous) * 1_000_000) if previous else None
    return StampReader(zone, seconds(reference), year, before)


def as_text(at: int | None) -> str | None:
    if at is None:
        return None
    instant = datetime.fromtimestamp(at // 1_000_000, UTC).replace(microsecond=at % 1_000_000)
    return instant.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2026-11-24T11:15:56.376339+00:00", "2026-11-24T11:15:56.376339Z"),
        ("2026-11-24T11:15:56.376339Z", "2026-11-24T11:15:56.376339Z"),
        ("2026-11-24T11:15:56+07:00", "2026-11-24T04:15:56Z"),
        ("2026-11-24T11:15:56-0330", "2026-11-24T14:45:56Z"),
        ("2026-11-24T11:15:56.3Z", "2026-11-24T11:15:56.300000Z"),
        ("2026-11-24T11:15:56.123456789Z", "2026-11-24T11:15:56.123456Z"),
        ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z"),
        ("2026-11-24T11:15:56", "2026-11-24T04:15:56Z"),
        ("2026-02-29T11:15:56Z", None),
        ("2026-11-24T24:15:56Z", None),
        ("2026-11-24T11:61:56Z", None),
        ("1969-11-24T11:15:56Z", None),
        ("9999-11-24T11:15:56Z", None),
        ("0000-00-00T00:00:00Z", None),
        ("2026-11-24T11:15:56.Z", None),
        ("2026-11-24T11:15:56 Z", None),
        ("٢٠٢٦-11-24T11:15:56Z", None),
        ("", None),
    ],
)
def test_it_reads_rfc_3339(stamp: str, expected: str | None) -> None:
    assert as_text(reader("2026-11-24T13:00Z", JAKARTA).read_iso(stamp)) == expected


@pytest.mark.parametrize("zone", ["+99:99", "-24:00", "+23:59"])
def test_it_survives_odd_offsets(zone: str) -> None:
    assert reader("2026-11-24T13:00Z").read_iso(f"2026-11-24T11:15:56{zone}") is not None


@pytest.mark.parametrize(
    "stamp",
    [
        "Nov 24 11:15:5x ", "Nov 31 11:15:56 ", "Nov 24 25:15:56 ", "Nov 24 11:60:56 ",
        "Nov 24 11:15:61 ", "nov 24 11:15:56 ", "Nov 24 11:15:56", "Nov  0 11:15:56 ", "",
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_stamp(stamp: str) -> None:
    assert reader("2026-11-24T13:00Z").read_bsd(stamp) is None


@pytest.mark.parametrize(
    ("reference", "stamp", "expected"),
    [
        ("2026-11-24T13:00Z", "Nov 24 11:15:56 ", "2026-11-24T11:15:56Z"),
        ("2026-11-24T13:00Z", "Nov  4 11:15:56 ", "2026-11-04T11:15:56Z"),
        ("2026-11-24T13:00Z", "Nov 04 11:15:56 ", "2026-11-04T11:15:56Z"),
        ("2026-11-24T13:00Z", "Nov 25 12:00:00 ", "2026-11-25T12:00:00Z"),
        ("2026-11-24T13:00Z", "Nov 25 14:00:00 ", "2025-11-25T14:00:00Z"),
        ("2027-01-02T00:10Z", "Dec 31 23:59:59 ", "2026-12-31T23:59:59Z"),
        ("2026-12-31T23:59Z", "Jan  1 00:00:01 ", "2027-01-01T00:00:01Z"),
        ("2026-11-24T13:00Z", "Feb 29 10:00:00 ", "2024-02-29T10:00:00Z"),
        ("2026-11-24T13:00Z", "Feb 30 10:00:00 ", None),
    ],
)
def test_it_takes_the_latest_year_before_the_reference(
    reference: str, stamp: str, expected: str | None
) -> None:
    assert as_text(reader(reference).read_bsd(stamp)) == expected


def test_it_keeps_its_course_over_new_year() -> None:
    stamps = reader("2026-12-31T00:00Z")
    read = [
        as_text(stamps.read_bsd(text))
        for text in ("Dec 31 23:59:59 ", "Jan  2 00:00:01 ", "Dec 31 23:59:58 ", "Jan  2 08:00:00 ")
    ]
    assert read == [
        "2026-12-31T23:59:59Z",
        "2027-01-02T00:00:01Z",
        "2026-12-31T23:59:58Z",
        "2027-01-02T08:00:00Z",
    ]


def test_it_starts_with_a_given_year_and_goes_on_from_there() -> None:
    stamps = reader("2026-11-24T13:00Z", year=2023)
    read = [
        as_text(stamps.read_bsd(text))
        for text in ("Nov  1 10:00:00 ", "Dec 31 23:00:00 ", "Jan  1 00:00:00 ", "Jun  1 00:00:00 ")
    ]
    assert read == [
        "2023-11-01T10:00:00Z",
        "2023-12-31T23:00:00Z",
        "2024-01-01T00:00:00Z",
        "2024-06-01T00:00:00Z",
    ]


def test_it_goes_on_after_the_line_before() -> None:
    stamps = reader("2026-11-24T13:00Z", year=2023, previous="2023-12-31T23:59:00Z")
    assert as_text(stamps.read_bsd("Jan  1 00:00:01 ")) == "2024-01-01T00:00:01Z"


def test_it_uses_the_zone_of_the_source() -> None:
    stamps = reader("2026-11-24T13:00Z", JAKARTA)
    assert as_text(stamps.read_bsd("Nov 24 18:00:00 ")) == "2026-11-24T11:00:00Z"


def test_it_keeps_the_order_in_the_hour_that_summer_time_repeats() -> None:
    stamps = reader("2026-10-26T00:00Z", BERLIN)
    texts = ["01:59:59", "02:00:00", "02:40:00", "02:39:59", "02:59:59", "02:00:00", "02:20:00"]
    read = [
        as_text(stamps.read_bsd(f"Oct 25 {text} ")) for text in [*texts, "02:19:59", "03:00:00"]
    ]
    assert read == [
        "2026-10-24T23:59:59Z",
        "2026-10-25T00:00:00Z",
        "2026-10-25T00:40:00Z",
        "2026-10-25T00:39:59Z",
        "2026-10-25T00:59:59Z",
        "2026-10-25T01:00:00Z",
        "2026-10-25T01:20:00Z",
        "2026-10-25T01:19:59Z",
        "2026-10-25T02:00:00Z",
    ]


def test_it_goes_through_the_hour_that_summer_time_skips() -> None:
    stamps = reader("2026-03-30T00:00Z", BERLIN)
    read = [
        as_text(stamps.read_bsd(f"Mar 29 {text} "))
        for text in ("01:59:59", "02:30:00", "03:00:00", "04:00:00")
    ]
    assert read == [
        "2026-03-29T00:59:59Z",
        "2026-03-29T01:30:00Z",
        "2026-03-29T01:00:00Z",
        "2026-03-29T02:00:00Z",
    ]


def test_it_knows_half_hours_of_summer_time() -> None:
    stamps = reader("2026-10-05T00:00Z", ZoneInfo("Australia/Lord_Howe"))
    assert as_text(stamps.read_bsd("Oct  4 01:59:59 ")) == "2026-10-03T15:29:59Z"
    assert as_text(stamps.read_bsd("Oct  4 02:30:00 ")) == "2026-10-03T15:30:00Z"

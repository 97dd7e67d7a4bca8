"""Values on the command line, refused in words that say what is wanted."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import date


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """A type of argparse: a whole number from ``lowest`` to ``highest``."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = lowest - 1
        if not lowest <= number <= highest:
            message = f"{text[:40]!r} is no whole number from {lowest} to {highest}"
            raise ArgumentTypeError(message)
        return number

    return read


def day(text: str) -> date:
    """A type of argparse: a day such as 2026-11-24."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"{text[:40]!r} is no day such as 2026-11-24"
        raise ArgumentTypeError(message) from error


def day_count(text: str) -> float:
    """A type of argparse: a length in days, parts of a day included, up to ten years."""
    try:
        days = float(text)
    except ValueError:
        days = 0
    if not 0 < days <= 3660:
        message = f"{text[:40]!r} is no number of days above 0, up to 3660"
        raise ArgumentTypeError(message)
    return days

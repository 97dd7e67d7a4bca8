"""Hysteresis and patience, without a database."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from stats.alerts.judging import QUIET, Limits, Stage, Standing, advance
from stats.alerts.tests.support import MINUTE, NOW


def walk(values: list[float], limits: Limits) -> list[Stage]:
    """The stage after each value, a minute apart."""
    stages, standing = [], QUIET
    for number, value in enumerate(values):
        standing = advance(
            standing,
            limits,
            NOW + number * MINUTE,
            is_over=limits.is_over(value, 100),
            is_clear=limits.is_clear(value, 100),
        )
        stages.append(standing.stage)
    return stages


def test_it_raises_at_one_threshold_and_clears_below_another() -> None:
    stages = walk([9, 10, 8, 5, 4.9, 9, 10], Limits(raise_at=10, clear_at=5))
    words = "".join(stage.value[0] for stage in stages)
    assert words == "qoooqqo"


def test_it_waits_for_as_long_as_the_rule_says() -> None:
    limits = Limits(raise_at=10, clear_at=5, hold=2 * MINUTE)
    words = "".join(stage.value[0] for stage in walk([10, 9, 10, 11, 12, 7, 3], limits))
    assert words == "pqppooq"


def test_what_rests_is_not_raised() -> None:
    limits = Limits(raise_at=10, clear_at=5, hold=MINUTE)
    assert advance(QUIET, limits, NOW, is_over=True, is_clear=False, is_resting=True) == QUIET
    pending = Standing(Stage.PENDING, NOW)
    later = advance(pending, limits, NOW + MINUTE, is_over=True, is_clear=False, is_resting=True)
    assert later.stage is Stage.OPEN


def test_too_little_mail_is_never_over() -> None:
    limits = Limits(raise_at=10, clear_at=5, minimum=50)
    assert not limits.is_over(99.0, 49)
    assert limits.is_clear(99.0, 49)
    assert limits.is_over(10.0, 50)


@given(st.lists(st.floats(0, 20), max_size=30), st.integers(0, 5))
def test_a_second_look_at_the_same_time_changes_nothing(values: list[float], hold: int) -> None:
    limits = Limits(raise_at=10, clear_at=5, hold=timedelta(minutes=hold))
    standing = QUIET
    for number, value in enumerate(values):
        at, over, clear = NOW + number * MINUTE, value >= 10, value < 5
        standing = advance(standing, limits, at, is_over=over, is_clear=clear)
        assert advance(standing, limits, at, is_over=over, is_clear=clear) == standing

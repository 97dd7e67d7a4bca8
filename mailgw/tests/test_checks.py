"""Each numbered check finds its fault and accepts what is right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.checks import CheckMessage
from pytest_django import Settings

from mailgw import checks

Check = Callable[..., list[CheckMessage]]


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
@pytest.mark.parametrize(
    ("check", "name", "wrong", "right", "number"),
    [
        (checks.check_site_time_zone, "SITE_TIME_ZONE", "Mars/Base", "Asia/Jakarta", "mailgw.E001"),
        (
            checks.check_database_engine,
            "DATABASES",
            {"default": {"ENGINE": "django.db.backends.sqlite3"}},
            {"default": {"ENGINE": "django.db.backends.postgresql"}},
            "mailgw.E002",
        ),
        (
            checks.check_front_end_packages,
            "NODE_MODULES",
            Path("/absent"),
            Path("/"),
            "mailgw.E003",
        ),
        (checks.check_log_format, "LOG_FORMAT", "console", "json", "mailgw.W004"),
    ],
)
def test_it_finds_the_fault_and_says_what_to_do(
    settings: Settings, check: Check, name: str, wrong: object, right: object, number: str
) -> None:
    setattr(settings, name, right)
    assert check(None) == []
    setattr(settings, name, wrong)
    (message,) = check(None)
    assert message.id == number
    assert message.hint

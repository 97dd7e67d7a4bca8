"""What is typed wrong on the command line is said in words, without a traceback."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError
from psycopg2.errors import UndefinedTable

import manage
from mailgw.lib.arguments import day


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ingest_logs", "x.log", "--year", "99999"], "--year: '99999' is no whole number from"),
        (["ingest_logs", "x.log", "--year", "this"], "--year: 'this' is no whole number from"),
        (["simulate", "--out", "x", "--days", "-1"], "--days: '-1' is no number of days"),
        (["simulate", "--out", "x", "--days", "nan"], "--days: 'nan' is no number of days"),
        (["simulate", "--out", "x", "--messages", "-5"], "--messages: '-5' is no whole number"),
        (["reattribute", "--since", "31-12-2026"], "--since: '31-12-2026' is no day such as"),
    ],
)
def test_it_says_what_is_wrong_with_a_value(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command(*arguments)


def test_it_takes_a_day() -> None:
    assert day("2026-11-24") == date(2026, 11, 24)


def test_it_says_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(CommandError, match="Not a directory"):
        call_command("simulate", out=tmp_path / "taken", days=1, messages=10)


def test_it_says_how_to_make_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_arguments: list[str]) -> None:
        raise ProgrammingError("relation does not exist") from UndefinedTable()

    monkeypatch.setattr(manage, "execute_from_command_line", fail)
    monkeypatch.setattr(sys, "argv", ["manage.py", "export_deliveries"])
    with pytest.raises(SystemExit, match="bin/manage migrate"):
        manage.main()

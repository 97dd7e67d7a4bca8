"""The embedded servers: shared, stopped by the last holder, back after any crash."""

from __future__ import annotations

import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import redis

from mailgw.embedded.errors import EmbeddedError
from mailgw.embedded.holder import hold, needed_servers
from mailgw.embedded.home import SOCKET_PATH_LIMIT, Home
from mailgw.tests.processes import kill_all, kill_keepers, processes_of, wait_for

BOTH = ["postgres", "redis"]


@pytest.fixture
def home() -> Iterator[Home]:
    yield from make_home()


@pytest.fixture
def other_home() -> Iterator[Home]:
    yield from make_home()


def make_home() -> Iterator[Home]:
    home = Home(Path(tempfile.mkdtemp(prefix="mailgw-embedded-")))
    yield home
    kill_all(home.root)
    shutil.rmtree(home.root)
    shutil.rmtree(home.run, ignore_errors=True)


def quiet(message: str) -> None:
    """Tests need no progress."""


def query(home: Home, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(host=home.run, user="mailgw", dbname="mailgw")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


def broker(home: Home) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(home.redis_socket))


def answers(home: Home) -> bool:
    try:
        return bool(broker(home).ping())
    except redis.RedisError:
        return False


def test_it_starts_and_stops_with_its_only_holder(home: Home) -> None:
    with hold(home, BOTH, notify=quiet):
        assert query(home, "SHOW fsync") == [("on",)]
        assert broker(home).ping()
    assert processes_of(home.root) == []


def test_it_is_shared_and_stopped_by_the_last_to_leave(home: Home) -> None:
    with hold(home, BOTH, notify=quiet):
        with hold(home, BOTH, notify=quiet):
            shared = processes_of(home.root)
        assert processes_of(home.root) == shared
        assert query(home, "SELECT 1") == [(1,)]
    assert processes_of(home.root) == []


def test_it_keeps_data_and_tasks_between_runs(home: Home) -> None:
    with hold(home, BOTH, notify=quiet):
        query(home, "CREATE TABLE kept AS SELECT 7 AS number")
        broker(home).set("kept", "7")
    with hold(home, BOTH, notify=quiet):
        assert query(home, "SELECT number FROM kept") == [(7,)]
        assert broker(home).get("kept") == b"7"


def test_it_forgets_the_data_of_a_test_run(home: Home) -> None:
    with hold(home, BOTH, notify=quiet, is_durable=False):
        assert query(home, "SHOW fsync") == [("off",)]
    wait_for(lambda: not home.postgres.exists() and not home.redis.exists(), "empty data")


def test_it_comes_back_after_everything_was_killed(home: Home) -> None:
    with hold(home, BOTH, notify=quiet):
        query(home, "CREATE TABLE kept AS SELECT 7 AS number")
        kill_all(home.root)
    with hold(home, BOTH, notify=quiet):
        assert query(home, "SELECT number FROM kept") == [(7,)]
        assert broker(home).ping()


def test_it_starts_although_a_stale_pid_file_names_a_living_process(home: Home) -> None:
    with hold(home, ["postgres"], notify=quiet):
        stale = (home.postgres / "postmaster.pid").read_text().splitlines()
        kill_all(home.root)
    (home.postgres / "postmaster.pid").write_text("\n".join(["1", *stale[1:]]) + "\n")
    with hold(home, ["postgres"], notify=quiet):
        assert query(home, "SELECT 1") == [(1,)]


def test_it_starts_a_server_again_that_died_alone(home: Home) -> None:
    with hold(home, ["redis"], notify=quiet):
        first = broker(home).info("server")["run_id"]
        broker(home).shutdown(nosave=True)
        wait_for(lambda: answers(home), "the next server")
        assert broker(home).info("server")["run_id"] != first


def test_it_brings_back_a_server_whose_keeper_was_killed(home: Home) -> None:
    with hold(home, BOTH, notify=quiet) as held:
        query(home, "CREATE TABLE kept AS SELECT 7 AS number")
        held.revive()
        assert query(home, "SELECT number FROM kept") == [(7,)]
        kill_keepers(home.root)
        held.revive()
        assert query(home, "SELECT number FROM kept") == [(7,)]
        assert broker(home).ping()
    assert processes_of(home.root) == []


def test_it_lets_two_homes_stand_side_by_side(home: Home, other_home: Home) -> None:
    with hold(home, ["postgres"], notify=quiet):
        query(home, "CREATE TABLE mine ()")
        with hold(other_home, ["postgres"], notify=quiet):
            assert query(other_home, "SELECT to_regclass('mine')") == [(None,)]
        assert query(home, "SELECT to_regclass('mine')") == [("mine",)]


def test_it_serves_a_home_whose_path_is_too_long_for_a_socket(home: Home) -> None:
    deep = Home(home.root / ("long-" * 20) / "home")
    assert len(str(deep.root / "run")) > SOCKET_PATH_LIMIT
    with hold(deep, BOTH, notify=quiet):
        assert query(deep, "SELECT 1") == [(1,)]
        assert broker(deep).ping()
    shutil.rmtree(deep.run)


def test_it_lets_nobody_else_near_sockets_and_secrets(home: Home) -> None:
    with hold(home, BOTH, notify=quiet):
        assert stat.S_IMODE(home.run.stat().st_mode) == 0o700
        assert stat.S_IMODE(home.secret_key_file.stat().st_mode) == 0o600
        assert len(home.secret_key_file.read_text()) >= 50


def test_it_makes_one_secret_key_for_good(home: Home) -> None:
    home.create()
    key = home.secret_key_file.read_text()
    home.create()
    assert home.secret_key_file.read_text() == key


def test_it_says_why_a_server_does_not_start(home: Home) -> None:
    home.create()
    home.postgres.mkdir()
    (home.postgres / "PG_VERSION").write_text("9\n")
    with (
        pytest.raises(EmbeddedError, match=r"postgres(.|\n)*postgres\.log"),
        hold(home, ["postgres"], notify=quiet),
    ):
        pytest.fail("PostgreSQL took data of another version")
    wait_for(lambda: not processes_of(home.root), "the failed server to be gone")


def test_it_says_what_to_do_about_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.touch()
    with pytest.raises(EmbeddedError, match="set MAILGW_HOME"):
        Home(blocker / "home").create()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ["postgres", "redis"]),
        (["DATABASE_URL"], ["redis"]),
        (["BROKER_URL_FILE"], ["postgres"]),
        (["DATABASE_URL", "BROKER_URL"], []),
    ],
)
def test_it_starts_nothing_that_the_environment_replaces(
    monkeypatch: pytest.MonkeyPatch, names: list[str], expected: list[str]
) -> None:
    for name in ("DATABASE_URL", "DATABASE_URL_FILE", "BROKER_URL", "BROKER_URL_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name in names:
        monkeypatch.setenv(name, "set")
    assert needed_servers() == expected

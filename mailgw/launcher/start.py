"""bin/start: everything of a console on this machine, until Ctrl-C."""

from __future__ import annotations

import argparse
import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypedDict

from mailgw.embedded.holder import Held, hold, needed_servers
from mailgw.embedded.home import Home
from mailgw.embedded.locks import lock
from mailgw.launcher import children
from mailgw.launcher.children import Child, ChildKeepsDying, Program
from mailgw.launcher.environment import local_environment
from mailgw.launcher.terminal import tail, tell

ADDRESS = "127.0.0.1"
DEFAULT_PORT = 8000
POLL_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StartError(Exception):
    """The console can't start; the text says what to do."""


class Stopped(Exception):
    """Somebody asked the console to stop."""


class Prepared(TypedDict):
    """What ``manage.py prepare_console`` reports."""

    admin_password: str | None
    has_logs: bool


def start(arguments: Sequence[str]) -> int:
    """Exit status: 0 after being asked to stop; raises StartError and EmbeddedError."""
    options = parse(arguments)
    home = Home.from_environment()
    home.create()
    with only_start(home), listening(options.port) as listener:
        tell(f"Starting PostgreSQL, Redis and the console in {home.root} …")
        with hold(home, needed_servers(), notify=tell) as held:
            Console(home, held, listener, options.port, options.logs).run()
        tell("Stopped.")
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/start",
        description="Set up and serve the console; Ctrl-C stops all of it.",
        epilog="Without LOG, an empty console shows a simulated week.",
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="default: %(default)s")
    parser.add_argument("logs", nargs="*", metavar="LOG", help="log files or directories to read")
    options = parser.parse_args(arguments)
    for log in options.logs:
        if log != "-" and not Path(log).exists():
            parser.error(f"no such file or directory: {log}")
    return options


@contextmanager
def only_start(home: Home) -> Iterator[None]:
    """Two on one home would run every scheduled task twice."""
    try:
        descriptor = lock(home.lock / "start", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        message = (
            f"A console already runs in {home.root}. Stop it first, or set MAILGW_HOME to another "
            "directory for a second one."
        )
        raise StartError(message) from error
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def listening(port: int) -> Iterator[int]:
    """Bind before anything starts; the web server inherits the socket."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((ADDRESS, port))
        except OSError as error:
            message = (
                f"Port {port} on {ADDRESS} can't be used: {error.strerror}. Stop the program that "
                f"uses it, or choose another port: bin/start --port {port + 1}"
            )
            raise StartError(message) from error
        yield listener.fileno()


class Console:
    """The processes between the servers' start and stop."""

    def __init__(
        self, home: Home, held: Held, listener: int, port: int, logs: Sequence[str]
    ) -> None:
        self.home = home
        self.held = held
        self.url = f"http://{ADDRESS}:{port}/"
        self.port = port
        self.logs = logs
        self.environment = local_environment(home)
        self.services = [
            Child(program, home.log / f"{name}.log", self.environment)
            for name, program in {
                "web": children.web(listener),
                "worker": children.worker(),
                "beat": children.beat(home),
                "follower": children.follower(),
            }.items()
        ]
        self.jobs: list[subprocess.Popen[bytes]] = []
        self.is_told_to_stop = False

    def run(self) -> None:
        """Returns when asked to stop; raises StartError when it can't go on."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._note_stop)
        try:
            prepared = self._prepare()
            self.services[0].start()
            self._wait_until_served()
            self._announce(prepared)
            # Only now: three interpreters loading at once would keep the first page waiting.
            for service in self.services[1:]:
                service.start()
            self._ingest(prepared)
            while True:
                self._check()
        except Stopped:
            tell("\nStopping …")
        except ChildKeepsDying as error:
            raise StartError(str(error)) from error
        finally:
            running = [service.process for service in self.services if service.process]
            children.end_all([*self.jobs, *reversed(running)])

    def _note_stop(self, _signal: int, _frame: object) -> None:
        self.is_told_to_stop = True

    def _check(self) -> None:
        """One round of waiting; raises Stopped, ChildKeepsDying and EmbeddedError."""
        if self.is_told_to_stop:
            raise Stopped
        self.held.revive()
        for service in self.services:
            service.restart_if_dead()
        time.sleep(POLL_SECONDS)

    def _prepare(self) -> Prepared:
        report = self.home.log / "prepare.json"
        with report.open("wb") as output:
            status = self._run_job("prepare_console", output=output)
        if status != 0:
            message = f"The console could not be prepared (status {status}):\n{tail(report)}"
            raise StartError(message)
        prepared: Prepared = json.loads(report.read_bytes())
        report.unlink()
        return prepared

    def _run_job(self, *arguments: str, output: IO[bytes] | None = None) -> int:
        """Run a manage.py command while watching the rest; its exit status."""
        program = Program(arguments[0], children.manage(*arguments))
        job = children.spawn_job(program, self.environment, output)
        self.jobs.append(job)
        while job.poll() is None:
            self._check()
        self.jobs.remove(job)
        return job.returncode

    def _wait_until_served(self) -> None:
        while not answers(self.port):
            self._check()

    def _announce(self, prepared: Prepared) -> None:
        tell(f"\n  The console is at {self.url}")
        if prepared["admin_password"]:
            tell(f"  User admin, password {prepared['admin_password']} (shown this once)")
        tell(f"  Logs of its processes: {self.home.log}\n  Ctrl-C stops it\n")

    def _ingest(self, prepared: Prepared) -> None:
        """A failed ingest is told and leaves the console running."""
        logs = list(self.logs)
        is_simulated = not logs and not prepared["has_logs"]
        if is_simulated:
            logs = [str(self.home.root / "simulated")]
            tell("No logs yet: simulating a week of four relays …")
            options = ["--days", "7", "--messages", "4000", "--seed", "1", "--out", logs[0]]
            registry = str(Path(logs[0]) / "registry.json")
            if self._run_job("simulate", *options) or self._run_job("load_registry", registry):
                tell("The simulation failed: see above.")
                return
        if logs:
            tell(f"Reading {', '.join(logs)} …")
            status = self._run_job("ingest_logs", *logs)
            tell("All read." if status == 0 else f"Reading failed (status {status}): see above.")
        if is_simulated:
            self._show_quarantine(Path(logs[0]) / "quarantine" / "spool")

    def _show_quarantine(self, spool: Path) -> None:
        """What the simulated filter holds; beat reads it again every minute."""
        options = ["--kind", "pmg_spool", "--location", str(spool)]
        if self._run_job("add_quarantine_source", "simulated", *options):
            tell("The simulated quarantine could not be added: see above.")


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()

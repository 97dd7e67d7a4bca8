"""The processes of a running console: started, watched, restarted and ended together."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from mailgw.embedded.home import PROJECT_DIR, Home
from mailgw.embedded.process import die_with_parent, kill_group
from mailgw.launcher.terminal import tail, tell

# How long a child may take to finish its request or task before it is killed.
GRACE_SECONDS = 8.0
# A child that dies this often within the time isn't restarted any more.
DEATHS_ALLOWED = 3
DEATHS_WINDOW_SECONDS = 60.0
LOG_LIMIT_BYTES = 10 * 2**20


class ChildKeepsDying(Exception):
    """A process of the console can't run; the text holds the end of its log."""


@dataclass(frozen=True)
class Program:
    """A command of the console. ``orphan_signal`` ends it when the launcher itself was killed."""

    name: str
    argv: Sequence[str]
    orphan_signal: signal.Signals = signal.SIGTERM
    pass_fds: Sequence[int] = ()


@dataclass
class Child:
    """A program that should run until told to stop, with its output in a log file."""

    program: Program
    log: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS_ALLOWED))

    def start(self) -> None:
        with open_log(self.log) as log:
            self.process = spawn(self.program, self.environment, log)

    def restart_if_dead(self) -> None:
        """Raises ChildKeepsDying when restarting doesn't help."""
        if self.process is None or self.process.poll() is None:
            return
        kill_group(self.process.pid)
        name, status = self.program.name, self.process.returncode
        self.deaths.append(time.monotonic())
        if (
            len(self.deaths) == DEATHS_ALLOWED
            and self.deaths[-1] - self.deaths[0] < DEATHS_WINDOW_SECONDS
        ):
            message = f"The {name} keeps ending (status {status}). The end of {self.log}:"
            raise ChildKeepsDying(f"{message}\n{tail(self.log)}")
        tell(f"The {name} ended (status {status}); starting it again. The end of {self.log}:")
        tell(tail(self.log, 5))
        self.start()


def spawn(program: Program, environment: dict[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a service as the leader of its own session, so the terminal's Ctrl-C misses it."""
    return subprocess.Popen(
        program.argv,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=program.pass_fds,
        start_new_session=True,
        preexec_fn=die_with_parent(program.orphan_signal),
    )


def spawn_job(
    program: Program, environment: dict[str, str], output: IO[bytes] | None
) -> subprocess.Popen[bytes]:
    """Start a command that ends by itself and shows its progress on the terminal."""
    return subprocess.Popen(
        program.argv,
        env=environment,
        stdout=output,
        start_new_session=True,
        preexec_fn=die_with_parent(program.orphan_signal),
    )


def end_all(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask all, wait for all, kill what is left; takes GRACE_SECONDS at most."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            tell(f"Process {process.pid} does not stop: killing it.")
        kill_group(process.pid)
        process.wait()


def open_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def web(listener: int) -> Program:
    """gunicorn on a socket that the launcher has bound, so the port can't be lost meanwhile."""
    options = ["--bind", f"fd://{listener}", "--workers", "2", "--threads", "4"]
    options += ["--limit-request-line", "8190"]  # a search is a link, of several ids too
    options += ["--graceful-timeout", "5", "--no-control-socket", "--chdir", str(PROJECT_DIR)]
    argv = [sys.executable, "-m", "gunicorn", *options, "mailgw.wsgi:application"]
    return Program("web server", argv, pass_fds=[listener])


def worker() -> Program:
    options = ["--queues", "ingest,rollup,default", "--concurrency", "2", "--loglevel", "INFO"]
    # One worker needs no talk with others.
    options += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    # Without its launcher the broker ends as well, and Celery would wait for it: what was begun
    # has committed nothing, and beat has waiting segments processed again.
    return Program("worker", [*celery(), "worker", *options], orphan_signal=signal.SIGKILL)


def beat(home: Home) -> Program:
    options = ["--schedule", str(home.root / "beat-schedule"), "--pidfile=", "--loglevel", "INFO"]
    return Program("beat", [*celery(), "beat", *options])


def follower() -> Program:
    """Reads the logs that are marked as followed; without any it only looks for new ones."""
    return Program("follower", manage("follow_logs"))


def celery() -> list[str]:
    return [sys.executable, "-m", "celery", "--app", "mailgw", "--workdir", str(PROJECT_DIR)]


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(PROJECT_DIR / "manage.py"), *arguments]

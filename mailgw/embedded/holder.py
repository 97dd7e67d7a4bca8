"""Hold the embedded servers for as long as they are needed."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from mailgw.embedded.errors import EmbeddedError
from mailgw.embedded.home import PROJECT_DIR, Home
from mailgw.embedded.locks import Locks, lock

# Replaying the log after a crash may take minutes: longer than this is a fault.
START_SECONDS = 900
STOP_SECONDS = 90
SLOW_SECONDS = 5
POLL_SECONDS = 0.02

Notify = Callable[[str], None]


def needed_servers() -> list[str]:
    """The servers that the environment doesn't replace by real ones."""
    switches = {"postgres": "DATABASE_URL", "redis": "BROKER_URL"}
    return [
        server
        for server, name in switches.items()
        if not (os.environ.get(name) or os.environ.get(f"{name}_FILE"))
    ]


@dataclass(frozen=True, slots=True)
class Held:
    """The servers of a ``hold`` block."""

    home: Home
    servers: Sequence[str]
    notify: Notify
    is_durable: bool

    def revive(self) -> None:
        """Bring back the servers whose keeper was killed, and with it the server; cheap.

        Raises EmbeddedError when one doesn't come up again.
        """
        for server in self.servers:
            locks = Locks(self.home, server)
            with locks.deciding_if_free() as is_deciding:
                if is_deciding and not locks.is_kept():
                    self.notify(f"The keeper of {server} was killed; starting both again.")
                    keeper = _start_keeper(self.home, server, self.is_durable)
                    _wait_until_ready(server, locks, keeper, self.notify)


@contextmanager
def hold(
    home: Home, servers: Sequence[str], *, notify: Notify, is_durable: bool = True
) -> Iterator[Held]:
    """Have the servers run inside the block; started if need be, stopped by the last to leave.

    Raises EmbeddedError when a server doesn't come up.
    """
    home.create()
    with ExitStack() as stack:
        servers = sorted(servers)  # one order for everybody, or two could wait for each other
        all_locks = [Locks(home, server) for server in servers]
        with ExitStack() as decisions:
            for locks in all_locks:
                decisions.enter_context(locks.deciding())
                stack.callback(_wait_until_stopped, locks)
                stack.callback(os.close, lock(locks.holders, fcntl.LOCK_SH))
            keepers = {
                server: None if locks.is_kept() else _start_keeper(home, server, is_durable)
                for server, locks in zip(servers, all_locks, strict=True)
            }
            for server, locks in zip(servers, all_locks, strict=True):
                _wait_until_ready(server, locks, keepers[server], notify)
        yield Held(home, servers, notify, is_durable)


def _start_keeper(home: Home, server: str, is_durable: bool) -> subprocess.Popen[bytes]:  # noqa: FBT001
    """Only while deciding; what a killed keeper wrote about its server counts no more."""
    locks = Locks(home, server)
    for path in (locks.ready, locks.error):
        path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "mailgw.embedded.keeper", server, str(home.root)]
    with (home.log / "keeper.log").open("ab") as log:
        return subprocess.Popen(
            command if is_durable else [*command, "--volatile"],
            cwd=PROJECT_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _wait_until_ready(
    server: str, locks: Locks, keeper: subprocess.Popen[bytes] | None, notify: Notify
) -> None:
    started_at = time.monotonic()
    is_slow = False
    while not locks.ready.exists():
        waited = time.monotonic() - started_at
        has_ended = (keeper is None or keeper.poll() is not None) and not locks.is_kept()
        if has_ended or waited > START_SECONDS:
            raise EmbeddedError(_describe_failure(server, locks))
        if waited > SLOW_SECONDS and not is_slow:
            is_slow = True
            notify(f"Waiting for {server}: its first start and one after a crash take longer …")
        time.sleep(POLL_SECONDS)


def _describe_failure(server: str, locks: Locks) -> str:
    if locks.error.exists():
        return locks.error.read_text()
    log = locks.error.parent.parent / "log"
    return f"The embedded {server} did not start; see keeper.log and {server}.log in {log}"


def _wait_until_stopped(locks: Locks) -> None:
    """The last to leave sees the server stopped before going on; others don't wait."""
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        with locks.deciding():
            if locks.is_held() or not locks.is_kept():
                return
        time.sleep(POLL_SECONDS)

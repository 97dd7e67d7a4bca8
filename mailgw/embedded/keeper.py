"""The keeper: ``python -m mailgw.embedded.keeper SERVER HOME [--volatile]``.

Runs one server as its child as long as somebody holds the holders' lock. A killed holder loses
the lock by itself; a killed keeper takes its server with it (parent-death signal); so whatever is
killed, nothing runs on for nobody.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from mailgw.embedded import process
from mailgw.embedded.broker import RedisServer
from mailgw.embedded.errors import EmbeddedError
from mailgw.embedded.home import Home
from mailgw.embedded.locks import Locks, lock
from mailgw.embedded.postgres import PostgresServer
from mailgw.embedded.server import Server

SERVERS: dict[str, type[PostgresServer | RedisServer]] = {
    PostgresServer.name: PostgresServer,
    RedisServer.name: RedisServer,
}
POLL_SECONDS = 0.1
STOP_SECONDS = 60
# Between the death of a server that had been ready and its next start.
RESTART_SECONDS = 0.5
LOG_LIMIT_BYTES = 10 * 2**20


class Keeper:
    """Starts, watches and stops one server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.locks = Locks(server.home, server.name)
        self.is_told_to_stop = False

    def run(self) -> int:
        """Exit status: 0 when nobody needs the server any more, 1 when it can't run."""
        try:
            lock(self.locks.keeper, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._note_stop)
        try:
            self._keep()
        except (EmbeddedError, OSError) as error:
            self.locks.error.write_text(str(error))
            return 1
        if not self.server.is_durable:  # a killed test run leaves no data behind
            shutil.rmtree(self.server.data, ignore_errors=True)
        return 0

    def _note_stop(self, _signal: int, _frame: object) -> None:
        self.is_told_to_stop = True

    def _keep(self) -> None:
        while True:
            child = self._start()
            try:
                if self._watch(child):
                    return
                if not self.locks.ready.exists():
                    raise EmbeddedError(self._describe_death())
            finally:
                self._stop(child)
            time.sleep(RESTART_SECONDS)

    def _start(self) -> subprocess.Popen[bytes]:
        """The server inherits a locked descriptor: the lock ends with its last process."""
        descriptor = self._wait_for_processes()
        try:
            self.server.prepare()
            with self._open_log() as log:
                return subprocess.Popen(
                    self.server.argv(),
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[descriptor],
                    start_new_session=True,
                    preexec_fn=process.die_with_parent(self.server.stop_signal),
                )
        finally:
            os.close(descriptor)

    def _wait_for_processes(self) -> int:
        """A server whose keeper was killed has been told to stop and may be busy with that."""
        deadline = time.monotonic() + STOP_SECONDS
        while True:
            try:
                return lock(self.locks.processes, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    name, home = self.server.name, self.server.home.root
                    message = f"An earlier {name} of {home} does not stop: end it by hand"
                    raise EmbeddedError(message) from error
            time.sleep(POLL_SECONDS)

    def _watch(self, child: subprocess.Popen[bytes]) -> bool:
        """True when the server isn't needed any more, False when it died."""
        is_ready = False
        while child.poll() is None:
            if not is_ready and self.server.is_ready():
                self.server.finish_start()
                self.locks.ready.write_text(str(child.pid))
                is_ready = True
            if self.is_told_to_stop or self._has_stopped_unneeded(child):
                return True
            time.sleep(POLL_SECONDS if is_ready else POLL_SECONDS / 5)
        return False

    def _has_stopped_unneeded(self, child: subprocess.Popen[bytes]) -> bool:
        """Stop when nobody holds it, while nobody can start to."""
        with self.locks.deciding_if_free() as is_deciding:
            if not is_deciding or self.locks.is_held():
                return False
            self._stop(child)
            return True

    def _stop(self, child: subprocess.Popen[bytes]) -> None:
        if child.returncode is None:
            process.stop(child, self.server.stop_signal, STOP_SECONDS)
        self.locks.ready.unlink(missing_ok=True)

    def _open_log(self) -> IO[bytes]:
        path = self.server.home.log / f"{self.server.name}.log"
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    def _describe_death(self) -> str:
        path = self.server.home.log / f"{self.server.name}.log"
        tail = "\n".join(path.read_text(errors="replace").splitlines()[-8:])
        return f"{self.server.name} ends right after its start. The end of {path}:\n{tail}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", choices=SERVERS)
    parser.add_argument("home", type=Path)
    parser.add_argument("--volatile", action="store_true", help="data need not survive a crash")
    options = parser.parse_args()
    os.umask(0o077)
    server = SERVERS[options.server](Home(options.home), is_durable=not options.volatile)
    return Keeper(server).run()


if __name__ == "__main__":
    sys.exit(main())

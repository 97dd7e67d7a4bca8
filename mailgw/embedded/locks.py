"""flock on files of the home: who needs a server, who keeps it, who is deciding about it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailgw.embedded.home import Home


class Locks:
    """The locks of one server, and the files that tell its state.

    ``holders`` and ``keeper`` are looked at only while deciding: a look is a short lock itself,
    and would mislead another process that looks at the same time.
    """

    def __init__(self, home: Home, server: str) -> None:
        self.control = home.lock / f"{server}.control"
        self.holders = home.lock / f"{server}.holders"
        self.keeper = home.lock / f"{server}.keeper"
        self.processes = home.lock / f"{server}.processes"
        self.ready = home.lock / f"{server}.ready"
        self.error = home.lock / f"{server}.error"

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """Alone in deciding whether the server starts or stops; waits for its turn."""
        descriptor = lock(self.control)
        try:
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def deciding_if_free(self) -> Iterator[bool]:
        """As ``deciding``, but False instead of waiting while somebody else decides."""
        try:
            descriptor = lock(self.control, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        try:
            yield True
        finally:
            os.close(descriptor)

    def is_held(self) -> bool:
        return not is_free(self.holders)

    def is_kept(self) -> bool:
        return not is_free(self.keeper)


def lock(path: Path, mode: int = fcntl.LOCK_EX, *, flags: int = os.O_RDWR | os.O_CREAT) -> int:
    """Lock a file and return its descriptor; closing it, or the end of the process, unlocks.

    Raises BlockingIOError when ``mode`` has LOCK_NB and somebody else has the lock.
    """
    descriptor = os.open(path, flags, 0o600)
    try:
        fcntl.flock(descriptor, mode)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_free(path: Path) -> bool:
    try:
        os.close(lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True

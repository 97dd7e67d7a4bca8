"""Finding and killing the processes of one home, and nobody else's."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

TIMEOUT_SECONDS = 180


def processes_of(home: Path) -> list[int]:
    """Living processes that name the home on their command line or in their environment.

    Those whose files another user may not read count by their command line alone.
    """
    needle = os.fsencode(home)
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if _is_alive(entry) and (
                needle in (entry / "cmdline").read_bytes()
                or needle in (entry / "environ").read_bytes()
            ):
                found.append(int(entry.name))
    return found


def kill_all(home: Path) -> None:
    """SIGKILL every process of the home at once, as a power failure would."""
    for pid in processes_of(home):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not processes_of(home), f"the processes of {home} to be gone")


def kill_keepers(home: Path) -> None:
    """SIGKILL the keepers alone; their servers are to end by themselves."""
    keepers = [
        pid
        for pid in processes_of(home)
        if b"mailgw.embedded.keeper" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    for pid in keepers:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not set(keepers) & set(processes_of(home)), "the keepers to be gone")


def wait_for(is_true: Callable[[], bool], what: str) -> None:
    """Poll; fails when it takes longer than a slow machine could excuse."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not is_true():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def _is_alive(entry: Path) -> bool:
    """A zombie is dead: its parent has not looked yet."""
    return (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"

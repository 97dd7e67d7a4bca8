"""Processes that end when they should: with their parent, or soon after being told."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """A ``preexec_fn``: the kernel sends the child this signal when its parent is gone.

    The parent is the thread that starts the child: start children from the main thread.
    """
    parent = os.getpid()

    def ask_kernel() -> None:
        follow_parent(death_signal)
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def follow_parent(death_signal: signal.Signals) -> None:
    """Have the kernel send this process the signal when its present parent is gone."""
    LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)


def stop(process: subprocess.Popen[bytes], polite: signal.Signals, grace: float) -> None:
    """End a child that leads a process group: politely, and after ``grace`` seconds by force."""
    if process.poll() is None:
        process.send_signal(polite)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    kill_group(process.pid)
    process.wait()


def kill_group(leader: int) -> None:
    """Kill what is left of a process group; nothing left is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)

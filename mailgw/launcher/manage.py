"""bin/manage: one manage.py command with the servers up."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence

from mailgw.embedded.holder import hold, needed_servers
from mailgw.embedded.home import PROJECT_DIR, Home
from mailgw.embedded.process import die_with_parent
from mailgw.launcher.environment import local_environment
from mailgw.launcher.terminal import tell


def run_command(arguments: Sequence[str]) -> int:
    """Exit status of the command; raises EmbeddedError when a server doesn't come up."""
    home = Home.from_environment()
    with hold(home, needed_servers(), notify=tell):
        command = subprocess.Popen(
            [sys.executable, str(PROJECT_DIR / "manage.py"), *arguments],
            env=local_environment(home),
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        return _wait(command)


def _wait(command: subprocess.Popen[bytes]) -> int:
    """The terminal's Ctrl-C reaches the command by itself; other signals are passed on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: command.send_signal(received))
    status = command.wait()
    return 128 - status if status < 0 else status

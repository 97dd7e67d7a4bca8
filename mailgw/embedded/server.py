"""What the keeper needs to know of a server."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Protocol

from mailgw.embedded.home import Home


class Server(Protocol):
    """One kind of embedded server of one home."""

    @property
    def home(self) -> Home:
        """Where its data, socket and log are."""

    @property
    def is_durable(self) -> bool:
        """Whether its data survive a crash, and the end of who needs it."""

    @property
    def name(self) -> str:
        """Its word in messages and file names."""

    @property
    def stop_signal(self) -> signal.Signals:
        """What ends it in good order."""

    @property
    def data(self) -> Path:
        """Directory of its data."""

    def prepare(self) -> None:
        """Make its directories and clear what a crash left; no process of it is alive then."""

    def argv(self) -> list[str]:
        """The command line, unprivileged when run by root."""

    def is_ready(self) -> bool:
        """Does it answer? Costs one connection."""

    def finish_start(self) -> None:
        """What only a running server can do for its first use; idempotent."""

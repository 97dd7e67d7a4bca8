"""What the launcher says; a closed terminal never stops it from cleaning up."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path


def tell(message: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(message, file=sys.stderr, flush=True)  # noqa: T201


def tail(log: Path, lines: int = 15) -> str:
    """The end of a log, indented."""
    with contextlib.suppress(OSError):
        return "\n".join(f"    {x}" for x in log.read_text(errors="replace").splitlines()[-lines:])
    return "    (no log)"

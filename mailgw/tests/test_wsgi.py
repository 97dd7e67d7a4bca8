"""The entry point of the web server."""

from __future__ import annotations

import subprocess
import sys

_COUNT = "import gc, mailgw.wsgi; print(gc.get_freeze_count(), len(gc.get_objects()))"


def test_what_is_loaded_before_the_first_request_is_not_collected_again() -> None:
    ran = subprocess.run([sys.executable, "-c", _COUNT], capture_output=True, text=True, check=True)
    frozen, collected = map(int, ran.stdout.split())
    assert frozen > 50_000
    assert collected < frozen / 100

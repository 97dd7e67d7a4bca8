"""How long a thing takes, again and again."""

from __future__ import annotations

import time
from collections.abc import Callable


def seconds_of(act: Callable[[], object], looks: int) -> list[float]:
    """Of each look; a first one that fills caches does not count."""
    act()
    seconds = []
    for _ in range(looks):
        begun = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - begun)
    return seconds

"""One figure and what it is measured against."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass


class BenchError(Exception):
    """A benchmark can't run; the text says what to do."""


@dataclass(frozen=True)
class Peer:
    """Another tool's figure in the same unit, a target, or our own figure at another size."""

    name: str
    value: float


@dataclass(frozen=True)
class Result:
    """``ratio`` is our value by the peer's: more is better or worse as the unit says."""

    name: str
    value: float
    unit: str
    peer: Peer | None = None

    @property
    def ratio(self) -> float | None:
        return round(self.value / self.peer.value, 3) if self.peer and self.peer.value else None

    def as_json(self) -> str:
        return json.dumps(asdict(self) | {"ratio": self.ratio})


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: the smallest value that ``percent`` of all do not exceed."""
    if not values:
        message = "no measurement was made"
        raise BenchError(message)
    return sorted(values)[max(math.ceil(len(values) * percent / 100) - 1, 0)]


def size_name(count: int) -> str:
    """1009328 → 1M, 297761 → 0.3M, 21000 → 21k."""
    if count >= 95_000:
        return f"{count / 1_000_000:.1f}".removesuffix(".0") + "M"
    return f"{count / 1000:.0f}k" if count >= 1000 else str(count)

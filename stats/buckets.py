"""Fixed buckets of histograms, so that the counts of any hours add up.

A bucket holds values from its lower bound up to, not including, the next bound; the first begins
at 0 and the last has no end: n bounds make n + 1 buckets. The delay bounds grow by about 2, so a
percentile is known to within a factor of 2, and far better where mails are many on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence

# Seconds, up to Postfix's usual maximal_queue_lifetime of five days.
DELAYS = (
    *(0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800),
    *(3600, 7200, 14400, 28800, 86400, 172800, 432000),
)
# Bytes: 1 KiB, 2 KiB … 64 MiB.
SIZES = tuple(1024 * 2**power for power in range(17))
# Whole points of spam score; the first and last hold all that is beyond.
SCORES = range(-10, 41)


def percentile(counts: Sequence[int], percent: float, bounds: Sequence[float]) -> float | None:
    """The value that ``percent`` of all do not exceed, linear within its bucket; None of nothing.

    In the last bucket, which has no end, it is the bucket's beginning.
    """
    total = sum(counts)
    if not total:
        return None
    wanted, passed = total * percent / 100, 0
    for number, count in enumerate(counts):
        if count and passed + count >= wanted:
            low = bounds[number - 1] if number else 0
            high = bounds[number] if number < len(bounds) else low
            return low + (high - low) * (wanted - passed) / count
        passed += count
    return bounds[-1]

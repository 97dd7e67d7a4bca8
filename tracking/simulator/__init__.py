"""A believable mail site: the logs of its four relays, its quarantine, and the truth about both.

The same settings always write the same files. A line goes one way: a plan of arrivals (traffic),
the journeys of their mails (journeys), the text of each daemon (lines, filterlines), files in
order of time (writer). What truly happened goes to the truth book beside it. This package imports
nothing from the rest of the project: it must not share the parser's errors.
"""

from __future__ import annotations

from tracking.simulator.run import Settings, Summary, simulate

__all__ = ["Settings", "Summary", "simulate"]

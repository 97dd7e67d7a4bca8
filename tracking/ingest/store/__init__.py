"""Touched Hops and Rejections to rows: bulk writes, links between hosts, one transaction."""

from __future__ import annotations

from tracking.ingest.store.open_hops import (
    load_open_hops,
    refresh_open_hops,
    save_open_hops,
    take_forgotten,
)
from tracking.ingest.store.writer import prepare_states, store_workspace

__all__ = [
    "load_open_hops",
    "prepare_states",
    "refresh_open_hops",
    "save_open_hops",
    "store_workspace",
    "take_forgotten",
]

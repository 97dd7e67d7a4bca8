"""Records and open Hops in, touched Hops, verdicts and rejections out; pure Python."""

from __future__ import annotations

from tracking.ingest.correlator.core import (
    RELEVANT,
    Correlator,
    addresses_of,
    join_texts,
    kept_keys,
    named_keys,
)
from tracking.ingest.correlator.dispositions import quarantine_kind_for, word_for
from tracking.ingest.correlator.state import Carry, DeliveryState, HopState, RejectionState

__all__ = [
    "RELEVANT",
    "Carry",
    "Correlator",
    "DeliveryState",
    "HopState",
    "RejectionState",
    "addresses_of",
    "join_texts",
    "kept_keys",
    "named_keys",
    "quarantine_kind_for",
    "word_for",
]

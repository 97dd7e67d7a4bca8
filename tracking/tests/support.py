"""Log text through the real pipeline, and what came of it."""

from __future__ import annotations

import lzma
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from tracking.choices import SourceKind
from tracking.exports import iterate_deliveries, iterate_rejections
from tracking.ingest.pipeline import Counts, run_source
from tracking.ingest.store.lookup import reset_caches
from tracking.intake import add_segment
from tracking.models import LogSource
from tracking.tokens import issue_token

DATA = Path(__file__).parent / "data"


def make_source(name: str = "test", time_zone: str = "UTC") -> LogSource:
    """A source of pushed lines."""
    source, _ = LogSource.objects.get_or_create(
        name=name, defaults={"kind": SourceKind.PUSH, "time_zone": time_zone}
    )
    return source


def cut(raw: bytes, size: int) -> Iterable[bytes]:
    """Runs of whole lines of at least ``size`` bytes."""
    while raw:
        end = raw.find(b"\n", size - 1) + 1 or len(raw)
        yield raw[:end]
        raw = raw[end:]


def ingest(
    text: str | bytes,
    source: str = "test",
    *,
    time_zone: str = "UTC",
    segment_bytes: int = 0,
    reference_at: datetime | None = None,
) -> Counts:
    """Store log text as segments of a source and process them.

    ``reference_at`` is when the lines are from at the latest (now), for stamps without a year.
    """
    reset_caches()
    raw = text.encode() if isinstance(text, str) else text
    target = make_source(source, time_zone)
    for part in cut(raw, segment_bytes or len(raw) or 1):
        add_segment(target, part, reference_at=reference_at)
    return run_source(target.pk)


def deliveries(**selection: Any) -> list[dict[str, Any]]:
    """The exported deliveries."""
    return list(iterate_deliveries(**selection))


def rejections(**selection: Any) -> list[dict[str, Any]]:
    """The exported rejections."""
    return list(iterate_rejections(**selection))


def unpack(name: str) -> bytes:
    """A file of tests/data, decompressed."""
    return lzma.decompress((DATA / name).read_bytes())


def token_client(user: User, *scopes: str) -> Client:
    """A script that holds a new token of the user."""
    _, secret = issue_token(user, " ".join(scopes).replace(":", " ")[:60].strip(), scopes, days=1)
    return Client(headers={"Authorization": f"Token {secret}"})

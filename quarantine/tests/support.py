"""A real PMG spool, and small files to hold."""

from __future__ import annotations

import os
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from quarantine.models import QuarantinedMessage, QuarantineSource
from quarantine.sync import sync_source
from tracking.choices import QuarantineKind

DATA = Path(__file__).parent / "data"
# Older than any file that counts as still being written, or any directory as just changed.
LONG_AGO = 1_795_511_000

MAIL = (
    b"Delivered-To: alice@example.com,bruno@example.com\n"
    b"Return-Path: sender@example.net\n"
    b"Received: from mx.example.net (mx.example.net [192.0.2.7])\n"
    b"\tby pmg.example.com (Proxmox) with ESMTP id 4CB1A2308FC\n"
    b"\tfor <alice@example.com>; Tue, 24 Nov 2026 09:07:42 +0000 (UTC)\n"
    b"From: Sender <sender@example.net>\nTo: alice@example.com\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nMessage-ID: <m1@example.net>\n\n"
    b"first line\n.second line\n"
)


def unpack_spool(directory: Path) -> Path:
    """The spool of the samples: 106 files."""
    with tarfile.open(DATA / "pmg-spool.tar.xz") as archive:
        archive.extractall(directory, filter="data")
    age(directory / "pmg")
    return directory / "pmg"


def age(directory: Path) -> None:
    """Make all of it look settled."""
    for path in [directory, *directory.rglob("*")]:
        os.utime(path, (LONG_AGO, LONG_AGO), follow_symlinks=False)


def hold(spool: Path, name: str, raw: bytes = MAIL, kind: str = "spam") -> Path:
    """A file in a PMG spool."""
    path = spool / kind / name[-2:] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    age(spool)
    return path


def make_source(location: Path | str, **values: Any) -> QuarantineSource:
    defaults = {"name": "pmg", "kind": "pmg_spool", "location": str(location)}
    return QuarantineSource.objects.create(**(defaults | values))


def held_one(spool: Path, name: str = "21C0366B0553DEC02D8", **values: Any) -> QuarantinedMessage:
    """One mail in a spool, read by sync."""
    hold(spool, name)
    sync_source(make_source(spool, **values))
    return QuarantinedMessage.objects.get(quarantine_id=name)


NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def make_many(spool: Path, count: int, first: int = 0, **values: Any) -> None:
    source = QuarantineSource.objects.first() or make_source(spool)
    QuarantinedMessage.objects.bulk_create(
        QuarantinedMessage(
            source=source, key=f"k{number}", shelf="s", size_bytes=1000 + number,
            received_at=NOW + timedelta(minutes=number), subject=f"Offer {number}",
            envelope_sender=f"s{number}@example.net", recipients=[f"r{number}@example.com"],
            **({"kind": QuarantineKind.SPAM} | values),
        )
        for number in range(first, first + count)
    )  # fmt: skip

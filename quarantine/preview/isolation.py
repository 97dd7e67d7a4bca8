"""Each mail is read in a process of its own: it has no secrets, little memory, little time.

Parsers of hostile input fail in ways no limit inside them foresees: 100,000 nested tags keep nh3
busy for 75 s. A process that is ended costs one mail its preview, not the console.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from quarantine.preview.extract import Extracted, is_place
from quarantine.preview.model import (
    Attachment,
    Cut,
    CutNote,
    Header,
    HtmlPart,
    Preview,
    TextPart,
    Warn,
)

_ROOT = Path(__file__).resolve().parents[2]
_WALL_SECONDS = 30
_KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")


def make_preview(raw: bytes, *, with_images: bool = False) -> Preview:
    """``build_preview`` behind a wall; what makes it fail is left out and told in ``cuts``.

    About 0.1 s; at most twice the limits of ``__main__`` for a mail made to be slow.
    """
    words = ["--images"] if with_images else []
    for attempt in (words, [*words, "--without-html"]):
        answer = _ask(raw, attempt)
        if answer is not None:
            return _preview(json.loads(answer))
    return Preview(len(raw), cuts=[CutNote(Cut.FAILED)])


def extract_part(raw: bytes, place: str) -> Extracted | None:
    """``extract`` behind the same wall; None also for what takes too long or too much memory."""
    answer = _ask(raw, [f"--part={place}"]) if is_place(place) else None
    if not answer:
        return None
    described, _newline, data = answer.partition(b"\n")
    return Extracted(Attachment(**_warned(json.loads(described))), data)


def _ask(raw: bytes, words: list[str]) -> bytes | None:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    command = [sys.executable, "-s", "-B", "-m", "quarantine.preview", *words]
    try:
        done = subprocess.run(
            command,
            input=raw,
            capture_output=True,
            timeout=_WALL_SECONDS,
            cwd=_ROOT,
            env=environment,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return done.stdout


def encode_part(found: Extracted | None) -> bytes:
    """A line of JSON, then the bytes; nothing for nothing."""
    if found is None:
        return b""
    return json.dumps(asdict(found.attachment)).encode("ascii") + b"\n" + found.data


def encode(preview: Preview) -> bytes:
    """As JSON: whatever the process became, its answer is data and nothing else."""
    return json.dumps(asdict(preview)).encode("ascii")


def _preview(answer: dict[str, Any]) -> Preview:
    return Preview(
        size_bytes=answer["size_bytes"],
        headers=[Header(**_warned(item)) for item in answer["headers"]],
        texts=[TextPart(**item) for item in answer["texts"]],
        pages=[HtmlPart(**item) for item in answer["pages"]],
        attachments=[Attachment(**_warned(item)) for item in answer["attachments"]],
        cuts=[CutNote(Cut(item["kind"]), item["limit"]) for item in answer["cuts"]],
    )


def _warned(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "warnings": tuple(Warn(warning) for warning in item["warnings"])}

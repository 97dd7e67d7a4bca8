"""The process that reads one mail: bytes on stdin, JSON on stdout, limits from the first moment."""

from __future__ import annotations

import resource
import sys

from quarantine.preview.build import build_preview
from quarantine.preview.extract import extract
from quarantine.preview.isolation import encode, encode_part
from quarantine.preview.limits import MIB

_CPU_SECONDS = 5
_MEMORY_BYTES = 1024 * MIB


def main(words: list[str]) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    raw = sys.stdin.buffer.read()
    place = next((word[7:] for word in words if word.startswith("--part=")), "")
    if place:
        sys.stdout.buffer.write(encode_part(extract(raw, place)))
        return
    preview = build_preview(
        raw, with_images="--images" in words, with_html="--without-html" not in words
    )
    sys.stdout.buffer.write(encode(preview))


if __name__ == "__main__":
    main(sys.argv[1:])

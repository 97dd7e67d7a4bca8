"""Tells whether the collected static files are still those of the source directories."""

from __future__ import annotations

import hashlib

from django.contrib.staticfiles.finders import get_finders


def static_fingerprint(ignore_patterns: list[str]) -> str:
    """Digest of path, size and time of every static file; about 0.1 s, reads no content."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(ignore_patterns):
            modified_at = storage.get_modified_time(path).timestamp()
            digest.update(f"{path}\0{storage.size(path)}\0{modified_at}\n".encode())
    return digest.hexdigest()

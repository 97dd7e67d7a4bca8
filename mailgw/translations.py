"""``python -m mailgw.translations``: compile locale/*/LC_MESSAGES/*.po without gettext's tools."""

from __future__ import annotations

import os
from pathlib import Path

import polib

from mailgw.embedded.home import PROJECT_DIR


def compile_translations(project: Path) -> list[Path]:
    """Write a .mo beside every .po whose .mo is older or missing; returns those written."""
    written = []
    for source in sorted(project.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
            continue
        draft = target.with_suffix(f".{os.getpid()}.draft")
        polib.pofile(str(source)).save_as_mofile(str(draft))
        draft.replace(target)
        written.append(target)
    return written


if __name__ == "__main__":
    compile_translations(PROJECT_DIR)

"""Translations compile without gettext's tools, and only when they changed."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

from mailgw.translations import compile_translations

CATALOGUE = """\
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Delivered"
msgstr "Terkirim"
"""


def test_it_compiles_what_is_new_and_leaves_the_rest(tmp_path: Path) -> None:
    source = tmp_path / "locale/id/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE)
    os.utime(source, (1, 1))
    target = source.with_suffix(".mo")
    assert compile_translations(tmp_path) == [target]
    assert compile_translations(tmp_path) == []
    with target.open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("Delivered") == "Terkirim"

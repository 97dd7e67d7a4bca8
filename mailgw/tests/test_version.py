"""The version comes from the changelog."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from mailgw.lib.version import read_version


def test_it_is_the_first_heading_with_a_number(tmp_path: Path) -> None:
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## Unreleased\n\n## 1.10.2 (2026-11-24)\n\n## 1.9.0\n")
    assert read_version(changelog) == "1.10.2"


def test_no_version_is_an_error(tmp_path: Path) -> None:
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text("# Changelog\n")
    with pytest.raises(ValueError, match="no heading"):
        read_version(changelog)


def test_the_schema_says_it() -> None:
    assert settings.SPECTACULAR_SETTINGS["VERSION"] == settings.VERSION

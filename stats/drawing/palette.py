"""Colours on paper: those of the style sheet's light theme, which alone defines them."""

from __future__ import annotations

import re
from functools import cache

from django.conf import settings

_TOKEN = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")
_REFERENCE = re.compile(r"var\(--([a-z0-9-]+)\)")
_CYCLE = 8


@cache
def _tokens() -> dict[str, str]:
    text = (settings.BASE_DIR / "static/css/tokens.css").read_text(encoding="utf-8")
    light = text[text.index(":root {") : text.index("[data-bs-theme")]
    return dict(_TOKEN.findall(light))


def colour(name: str) -> str:
    """The token of this name, as ``#rrggbb``."""
    value = _tokens()[name]
    reference = _REFERENCE.fullmatch(value)
    return colour(reference[1]) if reference else value


def series_colour(key: str, index: int = 0) -> str:
    """A series' own colour, or else the next of eight: as static/js/chart_colours.js has it."""
    own = f"series-{key}"
    return colour(own if own in _tokens() else f"chart-{index % _CYCLE + 1}")

"""A picture as a file of its own: under its title, with words that say what it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stats.drawing.palette import colour
from stats.drawing.shapes import Picture, Text, fitted, wrapped

_EDGE = 20.0
_TITLE, _SIZE = 14.0, 9.0


def sheet(picture: Picture, range_words: str, notes: Sequence[str]) -> Picture:
    """``notes``: paragraphs of small print below the title."""
    ink, muted = colour("text"), colour("text-muted")
    title = fitted(picture.title, _TITLE, picture.width, is_bold=True)
    whole = Picture(f"{picture.title} – {range_words}", picture.width + 2 * _EDGE, 0)
    whole.shapes.append(Text(_EDGE, _EDGE + _TITLE, title, _TITLE, ink, is_bold=True))
    y = _EDGE + _TITLE + 1.9 * _SIZE
    whole.shapes.append(Text(_EDGE, y, range_words, _SIZE + 1, ink))
    for line in [line for note in notes for line in wrapped(note, _SIZE, picture.width)]:
        y += 1.35 * _SIZE
        whole.shapes.append(Text(_EDGE, y, line, _SIZE, muted))
    y += 1.6 * _SIZE
    whole.shapes.extend(picture.at(_EDGE, y))
    return replace(whole, height=y + picture.height + _EDGE)

"""Outbound mail on one sheet A4: the same pictures and numbers as on the page, as one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stats.drawing.palette import colour
from stats.drawing.shapes import Picture, Rect, Text, fitted
from stats.figures import Tile
from stats.outbound_pictures import (
    domains_picture,
    flow_picture,
    heat_picture,
    weather_picture,
)
from stats.pictures import bars_picture

WIDTH, HEIGHT = 595.28, 841.89  # A4 in points
_EDGE = 34.0
_ACROSS = WIDTH - 2 * _EDGE
_GAP = 14.0
_PROVIDERS = 7
SCOPE = gettext_lazy("Filter: outbound mail of all clients; without notifications and probes")


def poster(context: dict[str, Any]) -> Picture:
    """Of the context of the page (stats.outbound)."""
    sheet = Picture(f"{_('Outbound mail')} – {context['range_title']}", WIDTH, HEIGHT)
    y = _head(sheet, context)
    y = _tiles(sheet, context["tiles"], y)
    if not context["has_mail"]:
        return sheet
    y = _row(sheet, y, flow_picture(context["graph"], _ACROSS, 164))
    y = _row(sheet, y, weather_picture(context["weather"][:_PROVIDERS], _ACROSS))
    half = (_ACROSS - _GAP) / 2
    wide = _ACROSS - _GAP - 190
    y = _row(
        sheet,
        y,
        bars_picture(context["reasons"], wide, 88),
        bars_picture(context["sizes"], 190, 88),
    )
    y = _row(
        sheet,
        y,
        domains_picture(context["domains"], half, 100),
        bars_picture(context["tls"], half, 100),
    )
    _row(sheet, y, heat_picture(context["heat"], _ACROSS, 96))
    return sheet


def _head(sheet: Picture, context: dict[str, Any]) -> float:
    ink, muted = colour("text"), colour("text-muted")
    zone = {"site_time_zone": timezone.get_current_timezone_name()}
    lines = [
        f"{SCOPE}. {_('Times are in %(site_time_zone)s.') % zone}",
        " · ".join(context["completeness_words"]),
    ]
    sheet.shapes.extend(
        [
            Text(_EDGE, _EDGE + 16, _("Outbound mail"), 20, ink, is_bold=True),
            Text(WIDTH - _EDGE, _EDGE + 16, context["range_title"], 12, ink, "end", is_bold=True),
        ]
    )
    for number, line in enumerate(lines):
        place = _EDGE + 32 + 11 * number
        sheet.shapes.append(Text(_EDGE, place, fitted(line, 8, _ACROSS), 8, muted))
    return _EDGE + 32 + 11 * len(lines) + 4


def _tiles(sheet: Picture, tiles: Sequence[Tile], y: float) -> float:
    ink, muted = colour("text"), colour("text-muted")
    wide, tall = (_ACROSS + 6) / len(tiles), 44.0
    for number, tile in enumerate(tiles):
        x = _EDGE + number * wide
        room = wide - 18
        value = str(number_format(tile.figure.value, force_grouping=True))
        sheet.shapes.extend(
            [
                Rect(x, y, wide - 6, tall, colour("surface"), radius=4),
                Text(x + 6, y + 13, fitted(str(tile.label), 8, room), 8, muted),
                Text(x + 6, y + 28, fitted(value, 13, room, is_bold=True), 13, ink, is_bold=True),
                Text(x + 6, y + 39, fitted(_change(tile), 7.5, room), 7.5, muted),
            ]
        )
    return y + tall + _GAP


def _change(tile: Tile) -> str:
    figure = tile.figure
    if not figure.change:
        return "="
    if figure.times:
        return f"× {number_format(figure.times, force_grouping=True)}"
    if figure.change_percent is not None:
        return f"{figure.change_percent:+d} %"
    return _("new")


def _row(sheet: Picture, y: float, *pictures: Picture) -> float:
    """Pictures beside each other under their titles; returns where the next row may begin."""
    x = _EDGE
    for picture in pictures:
        title = fitted(picture.title, 9, picture.width, is_bold=True)
        sheet.shapes.append(Text(x, y + 8, title, 9, colour("text"), is_bold=True))
        sheet.shapes.extend(picture.at(x, y + 14))
        x += picture.width + _GAP
    return y + 14 + max(picture.height for picture in pictures) + _GAP - 2

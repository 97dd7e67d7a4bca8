"""A figure with the search that lists it: pages have hundreds, so that no template is included."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mailgw.templatetags.ui import bytesize, duration
from stats.figures import BYTES, MILLISECONDS, Figure

register = template.Library()


@register.filter
def amount(figure: Figure) -> str:
    """Its value in its unit, as it is read."""
    if figure.unit == BYTES:
        return bytesize(figure.value)
    if figure.unit == MILLISECONDS:
        return duration(figure.seconds)
    return str(number_format(figure.value, force_grouping=True))


@register.simple_tag
def figure_link(figure: Figure) -> SafeString:
    """The number, linked if a search lists it, and its share of the whole."""
    least, number = "≥ " if figure.is_least else "", amount(figure)
    share = ""
    if figure.whole:
        share = format_html(' <span class="share">{} %</span>', number_format(figure.percent, 1))
    if not figure.url:
        return format_html("{}{}{}", least, number, share)
    link = '{}<a href="{}" class="figure">{}</a>{}'
    return format_html(link, least, figure.url, number, share)

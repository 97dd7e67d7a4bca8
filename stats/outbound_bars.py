"""Bars of outbound mail: why it failed, how large it is, how much of it is encrypted."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mailgw.templatetags.ui import bytesize
from stats.buckets import SIZES
from stats.charts import Bar, Chart, Text
from stats.figures import MESSAGES, RECIPIENTS, Figure, Links
from stats.provider_links import GIVEN, ProviderLinks
from stats.selectors.destinations import ProviderPair, ReasonRow, reason_text
from stats.selectors.histograms import Sizes
from stats.spans import Span
from tracking.choices import Disposition

REASONS_SHOWN, TLS_SHOWN = 12, 6
_FAILED = (Disposition.BOUNCED, Disposition.EXPIRED)
TLS: dict[str, Text] = {
    "tls": gettext_lazy("Encrypted"),
    "plain": gettext_lazy("Not encrypted"),
}


def reasons_chart(rows: Sequence[ReasonRow], span: Span) -> Chart:
    """Recipients whom the mail did not reach, by reason, the most frequent first."""
    sums: dict[str, dict[int, int]] = {}
    for row in rows:
        if row.disposition in _FAILED and row.recipients:
            counts = sums.setdefault(row.reason, dict.fromkeys(_FAILED, 0))
            counts[row.disposition] += row.recipients
    ordered = sorted(sums, key=lambda code: (-sum(sums[code].values()), code))
    links = Links.of(span.since, span.until)
    bars = []
    for code in ordered[:REASONS_SHOWN]:
        figures = [
            Figure(sums[code][ending], RECIPIENTS, links.mail(**GIVEN, reason=code, **_of(ending)))
            for ending in _FAILED
        ]
        bars.append(Bar(str(reason_text(code)), "", figures))
    if rest := ordered[REASONS_SHOWN:]:
        counted = (sum(sums[code][ending] for code in rest) for ending in _FAILED)
        figures = [Figure(count, RECIPIENTS, "") for count in counted]
        bars.append(Bar(_("Other reasons"), "", figures))
    series: dict[str, Text] = {ending.name.lower(): ending.label for ending in _FAILED}
    title = _("Why mail came back: recipients by reason")
    return _chart("reasons", title, _("Reason"), bars, span, series, "rows")


def sizes_chart(sizes: Sizes, span: Span) -> Chart:
    """Mails by powers of two of their bytes."""
    links = Links.of(span.since, span.until)
    ends: list[int | None] = [0, *SIZES, None]
    used = [number for number, count in enumerate(sizes.counts) if count]
    bars = []
    for number in range(min(used, default=0), max(used, default=-1) + 1):
        low, high = ends[number] or 0, ends[number + 1]
        given = {"size_min": str(low)} if low else {}
        given |= {"size_max": str(high - 1)} if high else {}
        figure = Figure(sizes.counts[number], MESSAGES, links.mails(**GIVEN, **given))
        bars.append(Bar(_size_words(low, high), "", [figure]))
    title = _("How large outbound mails are")
    return _chart("sizes", title, _("Size"), bars, span, {"outbound": _("Mails")})


def _size_words(low: int, high: int | None) -> str:
    if not low:
        return f"< {_short(high or 0)}"
    if high is None:
        return f"≥ {_short(low)}"
    first, last = _short(low), _short(high)
    number, _blank, unit = first.partition("\xa0")
    return f"{number}–{last}" if last.endswith(f"\xa0{unit}") else f"{first}–{last}"


def _short(size: int) -> str:
    """``64 KB``, without a fraction: all bounds are whole."""
    return bytesize(size).replace(".0", "").replace(",0", "")


def tls_chart(sizes: Sizes, pairs: Sequence[ProviderPair], span: Span) -> Chart:
    """What came encrypted, and what was delivered so: in all, and to the busiest providers."""
    links = Links.of(span.since, span.until)
    ended = {**GIVEN, **_of(Disposition.DELIVERED)}
    plain = sizes.messages - sizes.client_tls
    came = [
        Figure(sizes.client_tls, MESSAGES, links.mails(**GIVEN, client_tls="yes")),
        Figure(plain, MESSAGES, links.mails(**GIVEN, client_tls="no")),
    ]
    encrypted, delivered = _encrypted(pairs)
    went = [
        Figure(encrypted, RECIPIENTS, links.mail(**ended, tls="yes")),
        Figure(delivered - encrypted, RECIPIENTS, links.mail(**ended, tls="no")),
    ]
    bars = [Bar(_("Mails from clients"), "", came), Bar(_("Delivered recipients"), "", went)]
    ways = ProviderLinks.of(links, pairs)
    for pair in [pair for pair in pairs if pair.provider][:TLS_SHOWN]:
        encrypted, delivered = _encrypted([pair])
        counts = {"yes": encrypted, "no": delivered - encrypted}
        took = _of(Disposition.DELIVERED)
        figures = [
            ways.recipients(pair.provider, count, **took, tls=word)
            for word, count in counts.items()
        ]
        bars.append(Bar(pair.provider, "", figures))
    title = _("How much of it is encrypted (TLS)")
    return _chart("tls", title, _("Part of the way"), bars, span, TLS, "shares")


def _encrypted(pairs: Sequence[ProviderPair]) -> tuple[int, int]:
    """Recipients delivered on encrypted connections, and on all."""
    return sum(pair.now.tls for pair in pairs), sum(pair.now.endings.delivered for pair in pairs)


def _of(ending: Disposition) -> dict[str, str]:
    return {"disposition": ending.name.lower()}


def _chart(
    name: str,
    title: str,
    label_title: str,
    bars: list[Bar],
    span: Span,
    series: dict[str, Text],
    kind: str = "bars",
) -> Chart:
    urls = (reverse(f"stats:{name}-chart"), reverse("stats:outbound-svg", args=[name]))
    data_url, svg_url = (f"{url}?{span.query}" for url in urls)
    return Chart(f"{name}-chart", title, label_title, bars, data_url, series, kind, svg_url=svg_url)

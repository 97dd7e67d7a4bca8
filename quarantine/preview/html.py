"""A mail's HTML made harmless: nh3 by an allow list, then written anew without any address.

Two steps that do not trust each other. nh3 parses as browsers do and drops what is not listed.
What it leaves is plain enough for the standard library's reader; every tag, attribute and text is
then written by us, escaped, from a second list. No ``href``, no ``style``, no class, no id of the
mail is written; ``src`` is only ever a ``data:`` address that we made.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

import nh3

from quarantine.preview.model import Cut, HtmlPart
from quarantine.preview.pictures import Pictures
from quarantine.preview.structure import Reading
from quarantine.preview.visible import visible_line, visible_text

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
    "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
    "caption",
})  # fmt: skip
_INLINE = frozenset({
    "abbr", "b", "big", "br", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark",
    "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "td",
    "th",
})  # fmt: skip
_ALLOWED = _BLOCKS | _INLINE
# Their contents are no text for a reader.
_DROPPED_WITH_CONTENT = frozenset({
    "script", "style", "title", "template", "noscript", "svg", "math", "iframe", "frameset",
    "noframes", "object", "embed", "applet", "audio", "video", "canvas", "select", "textarea",
    "xmp", "noembed", "plaintext", "portal",
})  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "td": {"colspan", "rowspan"},
               "th": {"colspan", "rowspan"}, "ol": {"start"}}  # fmt: skip
_NUMBERS = frozenset({"colspan", "rowspan", "start"})
_EMPTY = frozenset({"br", "hr"})
_NUMBER = re.compile(r"[1-9]\d{0,2}")
_LARGEST_SPAN = 50
_TOLD = {
    "script": re.compile(r"<\s*(?:[\w-]+:)?script\b|javascript:|vbscript:", re.IGNORECASE),
    "handler": re.compile(r"[\s/\"']on[a-z]{3,20}\s*=", re.IGNORECASE),
    "form": re.compile(r"<\s*form\b", re.IGNORECASE),
    "frame": re.compile(r"<\s*(?:iframe|frame|object|embed|applet|portal)\b", re.IGNORECASE),
    "redirect": re.compile(r"http-equiv\s*=\s*[\"']?\s*refresh|<\s*base\b", re.IGNORECASE),
}
_BLANKS = re.compile(r"\n\s*\n\s*")
_ADDRESS_LENGTH = 200


def sanitise(html: str, path: str, pictures: Pictures, reading: Reading) -> HtmlPart:
    """HTML that fetches nothing, runs nothing and leads nowhere; pictures only from ``pictures``.

    Time is quadratic in how deep tags are nested, so it belongs in a process with a time limit.
    """
    if len(html) > reading.limits.html:
        reading.cut(Cut.HTML, reading.limits.html)
        html = html[: reading.limits.html]
    cleaned = nh3.clean(
        html.replace("\0", "\ufffd"),
        tags=set(_ALLOWED | {"a", "img"}),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "cid", "ftp"},
        link_rel=None,
    )
    writer = _Writer(pictures, reading)
    writer.feed(cleaned)
    writer.finish()
    removed = {name: len(pattern.findall(html)) for name, pattern in _TOLD.items()}
    return HtmlPart(
        path=path,
        body="".join(writer.html),
        text=_BLANKS.sub("\n\n", visible_text("".join(writer.text))).strip(),
        removed={name: count for name, count in removed.items() if count},
        remote=writer.remote,
        inline=writer.inline,
    )


class _Writer(HTMLParser):
    """Reads sanitised HTML and writes it anew, as HTML and as text."""

    def __init__(self, pictures: Pictures, reading: Reading) -> None:
        super().__init__(convert_charrefs=True)
        self.html: list[str] = []
        self.text: list[str] = []
        self.remote = 0
        self.inline = 0
        self._pictures = pictures
        self._reading = reading
        self._elements = 0
        self._open: list[str] = []
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._elements += 1
        if self._is_over():
            return
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._links.append((given.get("href", ""), len(self.text)))
            self.html.append('<span class="link">')
            self._open.append(tag)
        elif tag == "img":
            self._picture(given)
        elif tag in _ALLOWED:
            self._begin(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if self._is_over() or not self._open or self._open[-1] != tag:
            return
        self._close()

    def handle_data(self, data: str) -> None:
        if not self._is_over():
            self.html.append(escape(visible_text(data)))
            self.text.append(data)

    def finish(self) -> None:
        """What is still open is closed."""
        self.close()
        while self._open:
            self._close()

    def _is_over(self) -> bool:
        limit = self._reading.limits.html_elements
        if self._elements <= limit:
            return False
        self._reading.cut(Cut.HTML_ELEMENTS, limit)
        return True

    def _begin(self, tag: str, given: dict[str, str]) -> None:
        numbers = "".join(
            f' {name}="{min(int(value), _LARGEST_SPAN)}"'
            for name, value in given.items()
            if name in _NUMBERS and _NUMBER.fullmatch(value)
        )
        self.html.append(f"<{tag}{numbers}>")
        if tag in _BLOCKS or tag == "br":
            self.text.append("\n")
        elif tag in ("td", "th"):
            self.text.append("\t")
        if tag not in _EMPTY:
            self._open.append(tag)

    def _close(self) -> None:
        tag = self._open.pop()
        if tag == "a":
            self._end_link(*self._links.pop())
            return
        self.html.append(f"</{tag}>")
        if tag in _BLOCKS:
            self.text.append("\n")

    def _end_link(self, href: str, text_start: int) -> None:
        """Where a link leads stands behind it, unless its text says just that."""
        self.html.append("</span>")
        target = _shown(href)
        if target and target not in ("".join(self.text[text_start:]).strip(), ""):
            self.html.append(f'<span class="target">[{escape(target)}]</span>')
            self.text.append(f" [{target}]")

    def _picture(self, given: dict[str, str]) -> None:
        source = given.get("src", "").strip()
        alt = visible_line(given.get("alt", ""))[:_ADDRESS_LENGTH]
        if source.lower().startswith("cid:"):
            self.inline += 1
            address = self._pictures.address(source[4:].strip("<> "))
            if address:
                self.html.append(f'<img src="{address}" alt="{escape(alt)}">')
                return
        elif source:
            self.remote += 1
        self.html.append(f'<span class="picture">{escape(alt)}</span>')
        self.text.append(alt)


def _shown(href: str) -> str:
    target = visible_line(href.strip())
    return target if len(target) <= _ADDRESS_LENGTH else f"{target[:_ADDRESS_LENGTH]}…"

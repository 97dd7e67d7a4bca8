"""Sanitised HTML: whatever came in, what goes out is from a short list of tags and attributes."""

from __future__ import annotations

import base64
from html.parser import HTMLParser

import pytest

from quarantine.preview.build import build_preview
from quarantine.preview.limits import Limits
from quarantine.preview.model import Cut, HtmlPart
from quarantine.tests.hostile import ALL
from quarantine.tests.hostile.bombs import _picture
from quarantine.tests.hostile.making import RAN, html, multipart, part

_ATTRIBUTES = {
    ("span", "class"), ("img", "src"), ("img", "alt"), ("ol", "start"),
    ("td", "colspan"), ("td", "rowspan"), ("th", "colspan"), ("th", "rowspan"),
}  # fmt: skip
_NEVER = {"script", "style", "svg", "math", "iframe", "object", "embed", "form", "input", "button",
          "meta", "link", "base", "template", "a", "video", "audio", "body", "html"}  # fmt: skip


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.sources: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.sources |= {value or "" for name, value in attrs if name == "src"}


def page_of(mail: bytes, *, with_images: bool = False) -> HtmlPart:
    (page,) = build_preview(mail, with_images=with_images).pages
    return page


def with_picture(data: bytes, declared: str = "image/png") -> bytes:
    picture = part(
        declared, base64.encodebytes(data), "Content-ID: <pic@x>",
        "Content-Transfer-Encoding: base64",
    )  # fmt: skip
    body = b'<img alt="a &quot;cat&quot;" src="CID:pic@x">'
    return multipart(part("text/html", body), picture, kind="related")


@pytest.mark.parametrize("attack", [name for name in ALL if "tags inside" not in name])
def test_it_writes_only_what_it_lists(attack: str) -> None:
    for page in build_preview(ALL[attack], with_images=True).pages:
        reader = _Reader()
        reader.feed(page.body)
        assert reader.tags.isdisjoint(_NEVER)
        assert reader.attributes <= _ATTRIBUTES
        assert all(source.startswith("data:image/png;base64,") for source in reader.sources)


def test_it_keeps_what_people_read() -> None:
    page = page_of(html("<h1>Faktur</h1><p>Total <b>Rp 5</b><br>x</p><ul><li>a<li>b</ul>"
                        "<table><tr><td colspan=2>c</td></tr></table>"))  # fmt: skip
    assert page.body == (
        "<h1>Faktur</h1><p>Total <b>Rp 5</b><br>x</p><ul><li>a</li><li>b</li></ul>"
        '<table><tbody><tr><td colspan="2">c</td></tr></tbody></table>\n'
    )
    assert page.text == "Faktur\n\nTotal Rp 5\nx\n\na\n\nb\n\nc"


def test_it_shows_where_a_link_leads_and_makes_none() -> None:
    page = page_of(html('<a href="https://evil.example/?a=1&b=2">https://bank.example/</a>'))
    assert page.body.strip() == (
        '<span class="link">https://bank.example/</span>'
        '<span class="target">[https://evil.example/?a=1&amp;b=2]</span>'
    )
    assert page.text == "https://bank.example/ [https://evil.example/?a=1&b=2]"


def test_it_shows_a_link_once_when_its_text_is_its_target() -> None:
    page = page_of(html('<a href="https://a.example/">https://a.example/</a>'))
    assert page.body.strip() == '<span class="link">https://a.example/</span>'


def test_it_shows_no_target_that_is_code() -> None:
    for attack in ("javascript link", "javascript link in entities", "javascript link with tabs"):
        assert page_of(ALL[attack]).body.strip() == '<span class="link">x</span>'


def test_it_counts_what_it_removed() -> None:
    mail = html(f'<script>{RAN}</script><p onclick="x()">a</p><form><input></form>'
                '<iframe src=x></iframe><meta http-equiv="refresh" content="0">'
                '<img src="https://a.example/x"><img src="cid:y">')  # fmt: skip
    page = page_of(mail)
    assert page.removed == {"script": 1, "handler": 1, "form": 1, "frame": 1, "redirect": 1}
    assert (page.remote, page.inline) == (1, 1)


def test_it_draws_the_mails_own_pictures_only_when_asked() -> None:
    mail = with_picture(_picture(4, 4))
    assert "<img" not in page_of(mail).body
    drawn = page_of(mail, with_images=True).body
    assert drawn.startswith('<img src="data:image/png;base64,iVBOR')
    assert 'alt="a &quot;cat&quot;"' in drawn


@pytest.mark.parametrize(
    "data",
    [b"GIF89a\x04\0\x04\0", b"\xff\xd8\xff\xe0\0\4xx\xff\xc0\0\x11\x08\0\4\0\4",
     b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 20],
)  # fmt: skip
def test_it_draws_other_formats_by_their_bytes(data: bytes) -> None:
    assert "<img src=" in page_of(with_picture(data, "image/x"), with_images=True).body


@pytest.mark.parametrize(
    "data",
    [b"<svg onload=x>", b"MZ", b"", b"BM" + b"\0" * 60, b"\x89PNG\r\n\x1a\n",
     b"GIF89a\xff\xff\xff\xff", b"\xff\xd8\xff", _picture(60_000, 60_000)],
)  # fmt: skip
def test_it_draws_nothing_else(data: bytes) -> None:
    assert "<img" not in page_of(with_picture(data), with_images=True).body


def test_it_draws_no_picture_over_the_limits() -> None:
    preview = build_preview(
        with_picture(_picture(4, 4) + b"x" * 1000), with_images=True, limits=Limits(image_bytes=500)
    )
    assert "<img" not in preview.pages[0].body
    assert [cut.kind for cut in preview.cuts] == [Cut.IMAGES]


def test_it_cuts_huge_html_with_a_note() -> None:
    preview = build_preview(ALL["table of 100,000 cells"])
    assert [cut.kind for cut in preview.cuts] == [Cut.HTML, Cut.HTML_ELEMENTS]
    assert preview.pages[0].body.endswith("</tr></tbody></table>")
    assert preview.pages[0].body.count("<") < 50_000


def test_it_limits_spans() -> None:
    body = page_of(ALL["spans of a million"]).body
    assert "1000000" not in body
    assert "65534" not in body


def test_it_shows_at_most_three_pages() -> None:
    preview = build_preview(multipart(*[part("text/html", b"<p>x</p>")] * 5))
    assert len(preview.pages) == 3
    assert [(cut.kind, cut.limit) for cut in preview.cuts] == [(Cut.HTML_PARTS, 3)]

"""Headers, texts and charsets: decoded, and nothing in them hides or reorders."""

from __future__ import annotations

import pytest

from quarantine.preview.build import build_preview
from quarantine.preview.headers import decode_words, parse_parameters
from quarantine.preview.limits import Limits
from quarantine.preview.model import Cut, Header, Preview, Warn
from quarantine.tests.hostile import ALL
from quarantine.tests.hostile.making import text


def header(preview: Preview, name: str) -> Header:
    return next(header for header in preview.headers if header.name == name)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("=?utf-8?B?QWxpY2U=?= <a@example.com>", "Alice <a@example.com>"),
        ("=?ISO-8859-1?Q?Andr=E9_B?=", "André B"),
        ("=?utf-8*id?q?Halo?=", "Halo"),
        ("=?utf-8?b?4oI=?= =?utf-8?b?rA==?=", "€"),
        ("=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"),
        ("=?gb2312?B?xOO6w6Os?=", "你好，"),
        ("=?nonsense?q?a?=", "a"),
        ("=?utf-8?b?!!!?=", ""),
        ("=?utf-8?q?a", "=?utf-8?q?a"),
        ("=?rot13?q?uryyb?=", "uryyb"),
    ],
)
def test_it_decodes_encoded_words(given: str, shown: str) -> None:
    assert decode_words(given) == shown


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("attachment; filename=a.txt", "a.txt"),
        ('attachment; filename="a \\"b\\".txt"', 'a "b".txt'),
        ("attachment; filename*=utf-8'en'%E2%82%AC%20rates", "€ rates"),
        ("attachment; filename*0*=utf-8''%E2%82; filename*1*=%AC; filename*2=.txt", "€.txt"),
        ("attachment; filename*1=b; filename*0=a", "ab"),
        ('attachment; filename="=?utf-8?q?caf=C3=A9.pdf?="', "café.pdf"),
        ("attachment; filename=a.txt; filename=b.exe", "a.txt"),
        ('attachment; filename="unclosed', "unclosed"),
        ("attachment; filename*='''", "'"),
    ],
)
def test_it_reads_file_names(given: str, name: str) -> None:
    assert parse_parameters(given, Limits())[1]["filename"] == name


def test_it_unfolds_headers_and_keeps_their_order() -> None:
    preview = build_preview(ALL["hostile folding"])
    assert [(header.name, header.value) for header in preview.headers] == [
        ("Subject", "a    b"),
        ("From", "x@example.com"),
    ]


def test_it_shows_characters_that_hide_or_reorder() -> None:
    preview = build_preview(ALL["bidi in subject and text"])
    subject = header(preview, "Subject")
    assert subject.value == "⟨U+202E⟩evil ⟨U+202E⟩txt"
    assert Warn.HIDDEN_CHARACTERS in subject.warnings
    assert preview.texts[0].text == "pay ⟨U+202E⟩0001⟨U+202C⟩ now\n"


def test_it_shows_controls_and_nulls() -> None:
    assert build_preview(ALL["null bytes"]).texts[0].text.startswith("a⟨U+0000⟩b⟨U+0000⟩⟨U+0000⟩<")
    assert "\x1b" not in repr(build_preview(ALL["control characters"]))
    assert "⟨U+001B⟩[31mred" in build_preview(ALL["control characters"]).texts[0].text


def test_it_leaves_languages_and_emoji_alone() -> None:
    words = "Rp 1.000,00 – Tiếng Việt, نمی‌خواهم, 👨‍👩‍👧, café, 日本語\n"
    assert build_preview(text(words)).texts[0].text.strip() == words.strip()


def test_it_flattens_towers_of_marks() -> None:
    shown = build_preview(ALL["zalgo"])
    assert len(shown.texts[0].text) < 20
    assert len(header(shown, "Subject").value) < 20


def test_it_warns_of_letters_that_look_alike() -> None:
    sender = header(build_preview(ALL["homoglyph sender"]), "From")
    assert sender.warnings == (Warn.MIXED_SCRIPTS,)
    greek = text("x").replace(b"Mallory", "Γιώργος Papadopoulos".encode())
    assert header(build_preview(greek), "From").warnings == ()


def test_it_tells_headers_that_may_come_once() -> None:
    preview = build_preview(ALL["subject twice"])
    assert [header.value for header in preview.headers if header.name == "Subject"] == ["a", "b"]
    assert all(header.warnings == (Warn.REPEATED,) for header in preview.headers)


def test_it_keeps_a_header_in_an_encoded_word_on_its_line() -> None:
    sender = header(build_preview(ALL["header in an encoded word"]), "From")
    assert sender.value.startswith("Ali⟨U+000D⟩⟨U+000A⟩Bcc: x@evil.example")


def test_it_reads_raw_eight_bit_headers() -> None:
    preview = build_preview(ALL["raw eight bits"])
    assert header(preview, "Subject").value == "été €ÿ"


@pytest.mark.parametrize(
    ("charset", "data", "shown"),
    [
        ("utf-7", b"+ADw-b+AD4-", "<b>"),
        ("utf-8", b"\xc0\xbcb", "\ufffd\ufffdb"),
        ("iso-2022-jp", b"\x1b$B$3\x1b(B", "こ"),
        ("punycode", b"abc-", "abc-"),
        ("zip", b"abc", "abc"),
        ("x" * 5000, b"abc", "abc"),
        ("us-ascii", b"caf\xe9 \x93x\x94", "café “x”"),
        ("utf-16", "hi".encode("utf-16"), "hi"),
    ],
)
def test_it_takes_charsets_at_their_word_but_only_charsets(
    charset: str, data: bytes, shown: str
) -> None:
    mail = b"Content-Type: text/plain; charset=%b\n\n%b" % (charset.encode(), data)
    assert build_preview(mail).texts[0].text == shown


def test_it_cuts_headers_with_a_note() -> None:
    preview = build_preview(ALL["100,000 header lines"])
    assert len(preview.headers) == 200
    assert [(cut.kind, cut.limit) for cut in preview.cuts] == [(Cut.HEADERS, 200)]
    assert preview.texts[0].text == "x\n"
    long = build_preview(ALL["header of 1 MB"])
    assert len(header(long, "Subject").value) <= 8192
    assert [cut.kind for cut in long.cuts] == [Cut.HEADER_BYTES]


def test_it_cuts_long_texts_with_a_note() -> None:
    preview = build_preview(ALL["text of 5 MB in one line"])
    assert len(preview.texts[0].text) == 100_000
    assert [(cut.kind, cut.limit) for cut in preview.cuts] == [(Cut.TEXT, 100_000)]

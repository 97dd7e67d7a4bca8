"""Letters of PDFs: which font draws them, in which order, how wide they are."""

from __future__ import annotations

from io import BytesIO

import pypdf
import pytest

from stats.drawing.fonts import UNKNOWN, font_name, has_all, runs, width_of
from stats.drawing.pdf import pdf
from stats.drawing.shapes import ELLIPSIS, Picture, Text, fitted, text_width


def drawn(text: str) -> str:
    return "".join(part for _font, part in runs(text))


@pytest.mark.parametrize("is_bold", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "PT Satu (Persero) – 12,5 % × “a” … €",
        "Żółć Ğış Ñandú Tiếng Việt",
        "Привет Ελληνικά",
        "友好科技有限公司 繁體中文",
        "日本語テスト",
        "한국어",
        "บริษัท จำกัด",
        "≥ ≤ → ← − ≠",
    ],
)
def test_it_draws_every_letter_in_its_order(text: str, *, is_bold: bool) -> None:
    assert "".join(part for _font, part in runs(text, is_bold=is_bold)) == text


def test_hebrew_and_arabic_stand_from_right_to_left() -> None:
    assert drawn("שלום a1") == "a1 םולש"
    # Joined: meem, lam-alef, seen, each in the form that its neighbours give it.
    assert drawn("سلام") == "\ufee1\ufefc\ufeb3"


def test_letters_that_no_font_has_are_seen_to_be_missing() -> None:
    assert drawn("a\U0001f600b\x07\u202e") == f"a{UNKNOWN}b{UNKNOWN}{UNKNOWN}"
    assert runs("\u0915")[0] == (font_name(), UNKNOWN)


def test_composed_and_decomposed_letters_are_alike() -> None:
    assert drawn("e\u0301") == "é"


def test_the_face_of_the_pages_comes_first() -> None:
    assert has_all("Budi Santoso <budi@satu.example>")
    assert not has_all("PT 友好")
    assert runs("PT 友好")[0] == (font_name(), "PT ")


def test_bold_is_wider() -> None:
    assert width_of("Mailbox full", is_bold=True) > width_of("Mailbox full")


@pytest.mark.parametrize("text", ["Recipient address rejected", "友好科技有限公司", "مؤسسة السلام"])
def test_what_is_cut_fits(text: str) -> None:
    width = 0.6 * text_width(text, 9)
    cut = fitted(text, 9, width)
    assert cut.endswith(ELLIPSIS)
    assert text_width(cut, 9) <= width < text_width(text, 9)
    assert fitted(text, 9, 1000) == text
    assert fitted(text, 9, 1) == ""


def test_a_pdf_holds_the_glyphs_that_it_uses() -> None:
    words = Text(10, 20, "PT 友好科技有限公司 한국어 Привет", 12, "#000000")
    made = pdf(Picture("友好", 300, 40, [words]))
    reader = pypdf.PdfReader(BytesIO(made))
    assert reader.metadata is not None
    assert reader.metadata.title == "友好"
    assert "PT 友好科技有限公司 한국어 Привет" in reader.pages[0].extract_text()
    assert made.count(b"/FontFile2") >= 4
    assert len(made) < 100_000

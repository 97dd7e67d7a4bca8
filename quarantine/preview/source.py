"""The mail as it is, a page at a time: nothing is decoded, so nothing is hidden."""

from __future__ import annotations

from dataclasses import dataclass

from quarantine.preview.visible import visible_text

PAGE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One page of the raw mail; ``number`` counts from 1, ``first_byte`` from 0."""

    number: int
    pages: int
    first_byte: int
    text: str

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None


def source_page(raw: bytes, number: int) -> SourcePage | None:
    """A page as text; None when there is none. Bytes that are no UTF-8 show as ``\\xhh``."""
    pages = max(1, -(-len(raw) // PAGE_BYTES))
    if not 1 <= number <= pages:
        return None
    start = (number - 1) * PAGE_BYTES
    text = raw[start : start + PAGE_BYTES].decode("utf-8", "backslashreplace")
    return SourcePage(number, pages, start, visible_text(text))

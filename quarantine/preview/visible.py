"""Characters that hide, reorder or pile up text are shown as what they are."""

from __future__ import annotations

import re
import unicodedata

# Controls; soft hyphen; Arabic letter mark; Hangul fillers; Mongolian separator; zero width and
# direction marks; line and paragraph separators; invisible operators; byte order mark;
# interlinear annotation; tags. Joiners (200C, 200D) belong to emoji and to Persian: not in texts.
_ALWAYS = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e"
    "\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff"
)
_IN_TEXT = re.compile(f"[{_ALWAYS}]")
_IN_LINE = re.compile(f"[{_ALWAYS}\n\t\u200c\u200d]")
# More marks on one letter than any language writes are a tower over the lines above.
_PILE = re.compile(r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
                   r"\ufe20-\ufe2f]{4})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff"
                   r"\u20d0-\u20ff\ufe20-\ufe2f]+")  # fmt: skip
_WORD = re.compile(r"[^\W\d_]{2,}")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def visible_text(text: str) -> str:
    """Text of several lines; line ends become ``\\n``."""
    lines = text.replace("\r\n", "\n")
    return _PILE.sub(r"\1…", _IN_TEXT.sub(_code_point, lines))


def visible_line(text: str) -> str:
    """Text of one line: a name, an address, a header."""
    return _PILE.sub(r"\1…", _IN_LINE.sub(_code_point, text))


def has_hidden(text: str) -> bool:
    """Has characters that a reader of one line would not see; tabs are blanks."""
    return bool(_IN_LINE.search(text.replace("\t", " ")))


def has_mixed_scripts(text: str) -> bool:
    """One word with letters that look alike in several scripts, such as Cyrillic ``а`` in Latin."""
    return any(len(_scripts(word)) > 1 for word in _WORD.findall(text))


def _scripts(word: str) -> set[str]:
    if word.isascii():
        return {"LATIN"}
    names = (unicodedata.name(letter, "").partition(" ")[0] for letter in word)
    return {name for name in names if name in _SCRIPTS}


def _code_point(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match[0]):04X}⟩"

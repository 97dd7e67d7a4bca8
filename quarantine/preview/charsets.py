"""Bytes to text, whatever they claim to be."""

from __future__ import annotations

import codecs

# Python knows codecs that are no charsets (zip, rot13) or need quadratic time (punycode, idna).
_KNOWN = frozenset(
    codecs.lookup(name).name
    for name in (
        *("ascii", "utf-8", "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32"),
        *(f"iso8859-{number}" for number in range(1, 17) if number != 12),
        *(f"cp{number}" for number in range(1250, 1259)),
        *("cp437", "cp850", "cp852", "cp855", "cp866", "cp874", "cp932", "cp936", "cp949", "cp950"),
        *("koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "tis-620", "shift-jis", "euc-jp"),
        *("iso2022-jp", "iso2022-jp-1", "iso2022-jp-2", "iso2022-kr", "euc-kr", "johab"),
        *("gb2312", "gbk", "gb18030", "hz", "big5", "big5hkscs"),
    )
)
# What mail calls ASCII or Latin-1 is Windows' set, as browsers have it.
_WIDER = {"ascii": "cp1252", "iso8859-1": "cp1252"}
GUESSED = "utf-8"


def decode(data: bytes, charset: str) -> tuple[str, str]:
    """The text and the charset that was taken; unknown or none: UTF-8 if it is, else Windows-1252.

    Never fails: what does not decode becomes U+FFFD.
    """
    name = _known(charset)
    if name in ("", "ascii", "utf-8"):
        try:
            return data.decode("utf-8-sig"), GUESSED
        except UnicodeDecodeError:
            name = name or "cp1252"
    name = _WIDER.get(name, name)
    return data.decode(name, "replace"), name


def _known(charset: str) -> str:
    try:
        name = codecs.lookup(charset.strip()[:40]).name
    except (LookupError, ValueError):
        return ""
    return name if name in _KNOWN else ""

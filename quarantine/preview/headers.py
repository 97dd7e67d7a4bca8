"""Header lines: unfolding, RFC 2047 words, RFC 2231 parameters; bounded, and never an error."""

from __future__ import annotations

import binascii
import re
import string
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from quarantine.preview.charsets import decode
from quarantine.preview.limits import Limits
from quarantine.preview.model import Header, Warn
from quarantine.preview.visible import has_hidden, has_mixed_scripts, visible_line

_WORD = re.compile(r"=\?([!->@-~]{1,80})\?([bBqQ])\?([^?\s]*|[^?\n]{0,200})\?=")
_FOLD = re.compile(r"\r?\n[ \t]")
_PARAMETER = re.compile(r';\s*([^\s=;"*]{1,60})(\*\d{1,2})?(\*)?\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_NOT_BASE64 = bytes(set(range(256)) - set(string.ascii_letters.encode() + b"0123456789+/"))
_QUOTED = re.compile(r"\\(.)", re.DOTALL)
# RFC 5322 3.6: at most one of each in a mail.
_ONCE = frozenset({
    "date", "from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "in-reply-to",
    "references", "subject", "content-type", "content-transfer-encoding", "content-disposition",
    "mime-version",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class RawHeader:
    """A header as bytes: the value with its folds, without the line end."""

    name: bytes
    value: bytes


def shown_headers(raw: list[RawHeader]) -> list[Header]:
    """Every header in its order, decoded, with what is odd about it."""
    counts: dict[bytes, int] = {}
    for header in raw:
        counts[header.name.lower()] = counts.get(header.name.lower(), 0) + 1
    return [_shown(header, counts[header.name.lower()]) for header in raw]


def _shown(header: RawHeader, count: int) -> Header:
    name = header.name.decode("ascii", "replace")
    value = decode_words(header_text(header.value))
    warnings = []
    if count > 1 and name.lower() in _ONCE:
        warnings.append(Warn.REPEATED)
    if has_hidden(value):
        warnings.append(Warn.HIDDEN_CHARACTERS)
    if has_mixed_scripts(value):
        warnings.append(Warn.MIXED_SCRIPTS)
    return Header(visible_line(name), visible_line(value), tuple(warnings))


def header_text(value: bytes) -> str:
    """An unfolded value; bytes that are no ASCII are UTF-8 (RFC 6532) or Windows-1252."""
    return _FOLD.sub(" ", decode(value, "")[0]).strip(" \t\r\n")


def decode_words(text: str) -> str:
    """RFC 2047 words decoded; neighbours of one charset are joined first, as they split letters."""
    pieces: list[str] = []
    pending: tuple[str, bytes] | None = None
    end = 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        charset = match[1].partition("*")[0].lower()
        data = _word_bytes(match[2], match[3])
        if pending and not between.strip() and pending[0] == charset:
            pending = (charset, pending[1] + data)
        else:
            pieces.append(_decoded(pending))
            pieces.append(between if between.strip() or pending is None else "")
            pending = (charset, data)
        end = match.end()
    return "".join([*pieces, _decoded(pending), text[end:]])


def _decoded(word: tuple[str, bytes] | None) -> str:
    return decode(word[1], word[0])[0] if word else ""


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    return decode_base64(data)


def decode_base64(data: bytes) -> bytes:
    """As much as can be read; characters outside the alphabet are skipped (RFC 2045 6.8)."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        letters = data.translate(None, _NOT_BASE64)
        return binascii.a2b_base64(letters[: len(letters) - (len(letters) % 4 == 1)] + b"==")


def parse_parameters(value: str, limits: Limits) -> tuple[str, dict[str, str]]:
    """``type; name=value`` → the lower-case first word, and the decoded parameters.

    Of parameters given twice the first counts; RFC 2231's pieces are put together in order.
    """
    main = value.partition(";")[0].strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for match in list(_PARAMETER.finditer(value[: limits.header_bytes]))[:100]:
        name, text = match[1].lower(), _unquoted(match[4].strip())
        if match[2] or match[3]:
            number = int(match[2][1:]) if match[2] else 0
            pieces.setdefault(name, {}).setdefault(number, (bool(match[3]), text))
        else:
            plain.setdefault(name, decode_words(text))
    joined = {name: _joined(found) for name, found in pieces.items()}
    return main, plain | joined


def _unquoted(text: str) -> str:
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        return _QUOTED.sub(r"\1", text[1:-1])
    return text.strip('"')


def _joined(pieces: dict[int, tuple[bool, str]]) -> str:
    charset = ""
    data = b""
    for position, (is_encoded, text) in enumerate(pieces[number] for number in sorted(pieces)):
        if is_encoded:
            if position == 0 and text.count("'") >= 2:
                charset, _, text = text.split("'", 2)
            data += unquote_to_bytes(text)
        else:
            data += text.encode("utf-8", "replace")
    return decode(data, charset)[0]

"""Headers of held mail, read as hostile bytes: bounded, decoded, and never an error."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from ipaddress import ip_address

from quarantine.backends.base import Content

# The header is read up to here; pmgpolicy writes a line for each recipient, 50 make 20 kB.
MAX_HEADER_BYTES = 256 * 1024
MAX_TEXT = 1000
MAX_RECIPIENTS = 1000
_MAX_RULES = 200
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_FIELD = re.compile(rb"([!-9;-~]{1,100}):[ \t]?(.*)", re.DOTALL)
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_NEW_FIELD = re.compile(rb"\r?\n(?![ \t])")
_BRACKETED_IP = re.compile(r"\[(?:IPv6:)?([0-9a-fA-F:.]{2,45})\]")
_SCORE = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,6})?")
_PMG_RULE = re.compile(r"[ \t]+([A-Z0-9_]{2,80})[ \t]+-?[0-9.]{1,12}(?:[ \t]|$)")
_AMAVIS_TESTS = re.compile(r"tests=\[([^\]]{0,20000})\]")
_AMAVIS_RULE = re.compile(r"([A-Z0-9_]{2,80})=")


class Header:
    """Fields by lower-case name, in order; values are bytes as they came."""

    def __init__(self, raw: bytes) -> None:
        end = _EMPTY_LINE.search(raw)
        self.is_whole = end is not None
        self.fields = list(_fields(raw[: end.start()] if end else raw))

    def first(self, name: str) -> bytes | None:
        """The value of the first field of this name, still folded."""
        return next((value for key, value in self.fields if key == name), None)

    def text(self, name: str) -> str:
        """The first field of this name for people: unfolded, RFC 2047 decoded, clean, bounded."""
        value = self.first(name)
        return "" if value is None else decoded(value)

    def raw_text(self, name: str) -> str:
        """As ``text``, not decoded: what programs wrote for programs."""
        value = self.first(name)
        return "" if value is None else clean(_unfolded(value), 100_000)

    def message_id(self) -> str:
        """As the log has it: with its brackets."""
        return self.raw_text("message-id").strip()[:MAX_TEXT]

    def client_ip(self) -> str | None:
        """Who handed the mail to us: the first bracketed address that is not the host's own."""
        for name, value in self.fields:
            if name != "received":
                continue
            origin = clean(_unfolded(value), 2000).split(" by ", 1)[0]
            for match in reversed(_BRACKETED_IP.findall(origin)):
                address = _address(match)
                if address is not None and not ip_address(address).is_loopback:
                    return address
        return None


def _fields(raw: bytes) -> Iterator[tuple[str, bytes]]:
    for line in _NEW_FIELD.split(raw):
        match = _FIELD.fullmatch(line)
        if match is not None:
            yield match[1].decode("ascii").lower(), match[2].rstrip(b"\r\n")


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _unfolded(value: bytes) -> str:
    return re.sub(r"\r?\n[ \t]*", " ", value.decode("utf-8", "replace"))


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """Text that a database takes and a page shows as it is: nothing that turns or hides it."""
    safe = text[: 4 * limit].encode("utf-8", "replace").decode("utf-8", "replace")
    return _CONTROL.sub("\ufffd", safe)[:limit]


def decoded(value: bytes, limit: int = MAX_TEXT) -> str:
    """RFC 2047 words decoded; what can't be is left as it stands."""
    text = _unfolded(value)[: 8 * limit]
    if "=?" in text:
        with contextlib.suppress(HeaderParseError, ValueError):
            text = "".join(_word(part, charset) for part, charset in decode_header(text))
    return clean(re.sub(r"\s+", " ", text).strip(), limit)


def _word(part: bytes | str, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    try:
        return part.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return part.decode("utf-8", "replace")


def addresses(text: str) -> tuple[str, ...]:
    """Addresses of a list without names: commas, angle brackets, quoted local parts."""
    found: list[str] = []
    for part in _split_commas(text):
        address = part.strip()
        if address.startswith("<") and address.endswith(">"):
            address = address[1:-1]
        if address and address not in found:
            found.append(address)
        if len(found) == MAX_RECIPIENTS:
            break
    return tuple(found)


def _split_commas(text: str) -> Iterator[str]:
    part: list[str] = []
    is_quoted = is_escaped = False
    for letter in text:
        if letter == "," and not is_quoted:
            yield "".join(part)
            part = []
            continue
        part.append(letter)
        if letter == '"' and not is_escaped:
            is_quoted = not is_quoted
        is_escaped = letter == "\\" and not is_escaped
    yield "".join(part)


def number(text: str) -> float | None:
    """The first number of a text."""
    match = _SCORE.search(text)
    return float(match[0]) if match else None


def pmg_spam(value: bytes | None) -> tuple[float | None, tuple[str, ...]]:
    """``X-SPAM-LEVEL: Spam detection results:  16`` and its lines ``RULE score text``."""
    if value is None:
        return None, ()
    first, *lines = clean_lines(value)
    rules = [match[1] for line in lines if (match := _PMG_RULE.match(line))]
    return number(first), tuple(rules[:_MAX_RULES])


def clean_lines(value: bytes) -> list[str]:
    """The lines of a folded field; never empty."""
    return [
        re.sub(r"[^\x20-\x7e\t]", "\ufffd", line)
        for line in value.decode("ascii", "replace").splitlines()
    ] or [""]


def amavis_rules(status: str) -> tuple[str, ...]:
    """Names in ``tests=[GTUBE=1000, BAYES_99=3.5]`` of X-Spam-Status."""
    match = _AMAVIS_TESTS.search(status)
    return tuple(_AMAVIS_RULE.findall(match[1])[:_MAX_RULES]) if match else ()


def without_added(content: Content, names: frozenset[bytes]) -> Content:
    """The mail as it came: without the fields that a filter put before it."""
    raw = without_fields(content.raw, names)
    return Content(raw, content.size_bytes - len(content.raw) + len(raw), content.is_cut)


def without_fields(raw: bytes, names: frozenset[bytes]) -> bytes:
    """The mail without the fields of these lower-case names at its very beginning.

    Only what stands before the first other field: that is what a filter put there.
    """
    position = 0
    while True:
        end = _NEW_FIELD.search(raw, position)
        name = raw[position : position + 100].split(b":", 1)[0].strip().lower()
        if end is None or name not in names:
            return raw[position:]
        position = end.end()

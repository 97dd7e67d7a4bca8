"""Syslog headers: when, which host, which program; and bytes to lines.

Nov 24 09:01:07 mx1 postfix/smtpd[1367]: connect from ...                        RFC 3164
2026-11-24T11:15:56.376339+00:00 mx1 postfix-ext/submission/smtpd[568]: ...      RFC 3339
<22>1 2026-11-24T11:15:56.376Z mx1 postfix/smtpd 1367 - - connect from ...       RFC 5424
2026-11-24T11:15:56.376339+00:00 mx1 postfix-ext/submission/smtpd[568 text       a cut tag
Nov 24 09:01:07.123456 mx1 ... | 2026-11-24 09:01:07 mx1 ...                     and nearly so
Nov 4 09:01:07 mx1 ... | Nov 24 2026 09:01:07 mx1 ... | 2026 Nov 24 09:01:07 mx1 ...
Tue 2026-11-24 09:01:07 UTC mx1 ... | 1795510867.123456 mx1 ...                  journalctl
Nov 24 09:01:07 <mail.info> mx1 ... | ... postfix/smtpd[1]: [ID 197553 mail.info] connect from ...
Nov 24 09:01:08 log1 Nov 24 09:01:07 mx1 ...                                     passed on whole
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from tracking.ingest.stamps import StampReader

if TYPE_CHECKING:
    from datetime import tzinfo

Origin = tuple[int, str, str, str, str]
"""The first five fields of a record: at, host, service, program, pid."""

MAX_HOST = 255
MAX_SOURCES = 20_000
"""How many (host, tag, pid) a reader remembers before it forgets them all."""


class Source(NamedTuple):
    """Who wrote a line; see ``tracking.ingest.records`` for the meaning of the fields."""

    host: str
    service: str
    program: str
    pid: str


_PRIORITY = re.compile(r"<[0-9]{1,3}>")
_HOST = re.compile(r"[^\s\[\]<>]{0,254}[^\s\[\]<>:]")
_TAG = re.compile(r"([^\s\[\]<>:]{1,100})(?:\[([^\s\[\]]{0,20})\])?:")
_CUT_TAG = re.compile(r"([^\s\[\]<>:]{1,100})\[([0-9]{0,10})\]?")
_STRUCTURED_DATA = re.compile(r'(?:-|(?:\[(?:[^"\]]++|"(?:[^"\\]++|\\.)*+")*+\])+)(?: |$)')
_UNTAGGED = ("last message repeated ", "-- MARK --", "message repeated ")
_BLANK_STAMP = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) (?=[0-9]{2}:[0-9]{2}:[0-9]{2}[^ ]* \S)")
_SHORT_DAY = re.compile(r"([A-Z][a-z]{2}) ([1-9]) ([0-9]{2}:[0-9]{2}:[0-9]{2} )")
_WITH_YEAR = re.compile(
    r"(?:([0-9]{4}) )?([A-Z][a-z]{2}) ([ 0-9][0-9]|[1-9]) (?:([0-9]{4}) )?"
    r"(?=[0-9]{2}:[0-9]{2}:[0-9]{2}[^ ]* \S)"
)
_SHORT_FULL = re.compile(
    r"[A-Z][a-z]{2} ([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2}[0-9.]{0,7}) (\S{1,6}) "
)
_SECONDS = re.compile(r"([0-9]{9,10})\.([0-9]{6}) ")
_HEADER_AGAIN = re.compile(
    r"(?:[A-Z][a-z]{2} [ 0-9]?[0-9] [0-9]{2}:[0-9]{2}:|[0-9]{4}-[0-9]{2}-[0-9]{2}T)"
)
_SEVERITY = re.compile(r"<[a-z0-9]{1,10}\.[a-z]{1,10}> ")
_MESSAGE_PREFIX = re.compile(r" *(?:\[ID [0-9]{1,10} [a-z0-9]{1,10}\.[a-z]{1,10}\] )?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BSD_FRACTION = re.compile(r"([A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8})[.,]([0-9]{1,9}) ")
_HOLE = re.compile(r"^\0+(?=[^\0\r\n])", re.MULTILINE)
_BYTE_ORDER_MARK = "\ufeff"
_CLOCK = {
    f"{minute:02}:{second:02}.": (minute * 60 + second) * 1_000_000
    for minute in range(60)
    for second in range(61)
}
"""Minute and second of a stamp → microseconds since the full hour."""


def decode_lines(raw: bytes) -> list[str]:
    """Lines of text: broken UTF-8 and NUL become U+FFFD, only LF ends a line, empty ones go.

    NULs before a line are the hole that a writer leaves whose file was truncated (copytruncate).
    Blanks at the end of a line are nobody's: some templates of syslog add one.
    """
    text = raw.decode("utf-8", "replace")
    if "\0" in text:
        text = _HOLE.sub("", text).replace("\0", "\ufffd")
    if " \n" in text:
        text = "\n".join([line.rstrip(" ") for line in text.split("\n")])
    if "\r" not in text:
        return [line for line in text.split("\n") if line]
    return [line for line in (part.removesuffix("\r") for part in text.split("\n")) if line]


def split_tag(tag: str) -> tuple[str, str]:
    """Service and program of a tag: ``postfix-ext/submission/smtpd`` → ext/submission, smtpd.

    The first element is the ``syslog_name``: ``postfix`` alone says nothing, what follows
    ``postfix-`` names the instance. A leading ``/`` is the path of a program. Dovecot's
    ``deliver(bob@example.org)`` is ``deliver``.
    """
    first, *rest = tag.partition("(")[0].split("/")
    if not rest or not first:
        return "", rest[-1] if rest else first
    instance = "" if first == "postfix" else first.removeprefix("postfix-")
    return "/".join(filter(None, [instance, *rest[:-1]])), rest[-1]


def fold_host(host: str) -> str:
    """Lower case, which may be longer than what it is made of, and what a relay's name holds."""
    return host.lower()[:MAX_HOST]


class HeaderReader:
    """Reads headers of one source in order; remembers the last hour and the tags seen."""

    def __init__(
        self, zone: tzinfo, reference: float, year: int | None, previous: int | None
    ) -> None:
        self._stamps = StampReader(zone, reference, year, previous)
        self._sources: dict[str, Source] = {}
        self._hour = self._zone = ""
        self._base = self._start = 0
        self._is_inner = False

    def read_all(self, lines: Iterable[str]) -> Iterator[tuple[Origin, str] | None]:
        """What ``read`` gives for each line.

        Here, without a call, are the lines of the last hour with six digits of fraction and the
        same zone, from a known writer: they cost five slices and two look-ups.
        """
        hour, zone, base, start = self._hour, self._zone, self._base, self._start
        find_clock, find_source = _CLOCK.get, self._sources.get
        for line in lines:
            if line[:14] == hour and line[26:start] == zone:
                clock, fraction = find_clock(line[14:20]), line[20:26]
                if clock is not None and fraction.isdecimal():
                    at = base + clock + int(fraction)
                    head, colon, text = line.partition(": ")
                    source = find_source(head[start:])
                    if source and colon:
                        yield (at, *source), text
                    else:
                        yield self._read_source(at, line, start)
                    continue
            yield self.read(line)
            hour, zone, base, start = self._hour, self._zone, self._base, self._start

    def read(self, line: str) -> tuple[Origin, str] | None:
        """The origin and the text of a line, or None when there is no good header."""
        if line[10:11] == "T":
            return self._read_iso(line)
        if line[3:4] == " ":
            at = self._stamps.read_bsd(line[:16])
            return self._read_odd(line) if at is None else self._read_source(at, line, 16)
        return self._read_framed(line)

    def _read_iso(self, line: str) -> tuple[Origin, str] | None:
        end = line.find(" ")
        at = self._stamps.read_iso(line[:end])
        if at is None or end < 0:
            return None
        if line[19:20] == "." and line[20:26].isdecimal() and line[26:27] in {"Z", "+", "-"}:
            self._hour, self._zone, self._start = line[:14], line[26 : end + 1], end + 1
            self._base = at - _CLOCK[line[14:20]] - int(line[20:26])
        return self._read_source(at, line, end + 1)

    def _read_framed(self, line: str) -> tuple[Origin, str] | None:
        """A line with ``<PRI>`` in front, or RFC 5424 with or without it."""
        if priority := _PRIORITY.match(line):
            line = line[priority.end() :]
        if line[:2] == "1 ":
            return self._read_5424(line)
        if priority and line[:1] != "<":
            return self.read(line)
        return self._read_odd(line)

    def _read_odd(self, line: str) -> tuple[Origin, str] | None:
        """Stamps that are nearly those of an RFC, of journalctl and of templates people write."""
        if match := _BLANK_STAMP.match(line):
            return self._read_iso(f"{match[1]}T{line[11:]}")
        if match := _BSD_FRACTION.match(line):
            at = self._stamps.read_bsd(match[1] + " ")
            fraction = int(match[2].ljust(6, "0")[:6])
            return None if at is None else self._read_source(at + fraction, line, match.end())
        if match := _SHORT_DAY.match(line):
            return self.read(f"{match[1]}  {match[2]} {match[3]}{line[match.end() :]}")
        if match := _SECONDS.match(line):
            return self._read_source(int(match[1] + match[2]), line, match.end())
        if match := _SHORT_FULL.match(line):
            zone = "Z" if match[3] in {"UTC", "GMT"} else ""
            return self._read_iso(f"{match[1]}T{match[2]}{zone} {line[match.end() :]}")
        return self._read_year(line)

    def _read_year(self, line: str) -> tuple[Origin, str] | None:
        """The year before or after month and day."""
        match = _WITH_YEAR.match(line)
        if match is None or bool(match[1]) == bool(match[4]) or match[2] not in _MONTHS:
            return None
        month = _MONTHS.index(match[2]) + 1
        day = f"{match[1] or match[4]}-{month:02}-{int(match[3]):02}"
        return self._read_iso(f"{day}T{line[match.end() :]}")

    def _read_5424(self, line: str) -> tuple[Origin, str] | None:
        fields = line.split(" ", 6)
        if len(fields) < 7:
            return None
        _, stamp, host, tag, pid, _, rest = fields
        pid = pid[:20]
        at = self._stamps.read_iso(stamp)
        data = _STRUCTURED_DATA.match(rest)
        if at is None or data is None or len(tag) > 100 or not _HOST.fullmatch(host):
            return None
        text = rest[data.end() :].removeprefix(_BYTE_ORDER_MARK)
        source = self._sources.get(key := f"1 {host} {tag} {pid}")
        if source is None:
            source = self._remember(key, host, tag, "" if pid == "-" else pid)
        return (at, *source), text

    def _read_source(self, at: int, line: str, start: int) -> tuple[Origin, str] | None:
        """Host and tag, which begin at ``start``, and the text after them."""
        colon = line.find(": ", start)
        source = self._sources.get(line[start:colon])
        if source is not None and colon > 0:
            return (at, *source), line[colon + 2 :]
        host, _, rest = line[start:].partition(" ")
        if not _HOST.fullmatch(host):
            severity = _SEVERITY.match(line, start)
            return self._read_inner(line[:start] + line[severity.end() :]) if severity else None
        token, _, text = rest.partition(" ")
        if tag := _TAG.fullmatch(token):
            prefix = _MESSAGE_PREFIX.match(text)
            if prefix is not None and prefix.end():
                # Not remembered, so that the next such line comes here too.
                source = Source(fold_host(host), *split_tag(tag[1]), tag[2] or "")
                return (at, *source), text[prefix.end() :]
            return (at, *self._remember(f"{host} {token[:-1]}", host, tag[1], tag[2] or "")), text
        for inner in (line[start:], rest):
            if _HEADER_AGAIN.match(inner):
                return self._read_inner(inner)
        if tag := _CUT_TAG.fullmatch(token):
            return (at, fold_host(host), *split_tag(tag[1]), tag[2]), text
        if rest.startswith(_UNTAGGED):
            return (at, fold_host(host), "", "", ""), rest
        return None

    def _read_inner(self, line: str) -> tuple[Origin, str] | None:
        """A header in a header; not one more in that."""
        if self._is_inner:
            return None
        self._is_inner = True
        try:
            return self.read(line)
        finally:
            self._is_inner = False

    def _remember(self, key: str, host: str, tag: str, pid: str) -> Source:
        source = Source(fold_host(host), *split_tag(tag), pid)
        if len(self._sources) >= MAX_SOURCES:
            self._sources.clear()
        self._sources[key] = source
        return source

"""Texts that repeat are rows of their own: ids of addresses, names, reply texts and domains."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from tracking.ingest.store.copying import copy_rows, reference, scratch_table, text

_CACHE_LIMIT = 300_000
_MAX_ADDRESS = 512
_MAX_NAME = 500
_MAX_TEMPLATE = 600
_MAX_WORDS = 4000

_TWO_FIELDS = b"\0\2"

HOLE = "\x1a"
# Ids of base64 (Dovecot's sessions) seldom have no digit, but then change their case like no word.
_CHANGING = re.compile(r"[0-9@<\x1a\x1f]|(?:[a-z]{1,3}[+/-]?[A-Z]{1,5}[+/-]?[A-Z]{0,5}){3}")
_CODE = re.compile(
    r"\(?[245][0-9]{2}[ -]?(?:[245]\.[0-9]{1,3}\.[0-9]{1,3})?:?$|#?[245]\.[0-9]{1,3}\.[0-9]{1,3}:?$"
    # A peer on the host itself (a filter, a mail store) never changes, and tells whose words it is.
    r"|[\w.-]*\[(?:127\.0\.0\.1|::1|private/[\w.-]{1,40})\](?::[0-9]{1,5})?:?$"
)
_MAX_COMMON = 20_000
_common: set[str] = set()


class Dictionary:
    """A table of distinct texts (``id``, one text column), with a cache in this process."""

    def __init__(self, table: str, column: str) -> None:
        self.table = table
        self.column = column
        self.known: dict[str, int] = {}

    def ids(self, cursor: Any, wanted: Iterable[str]) -> dict[str, int]:
        """The ids of these texts, made where they are new. The dict given back is the cache."""
        known = self.known
        missing = {value for value in wanted if value not in known}
        if missing:
            if len(known) > _CACHE_LIMIT:
                known.clear()
                missing = set(wanted)
            self._fetch(cursor, missing)
        return known

    def _fetch(self, cursor: Any, missing: set[str]) -> None:
        """One round trip for the old ones, one for the new; safe against other writers."""
        cursor.execute(
            f"SELECT {self._answer} FROM {self.table} WHERE {self.column} = ANY(%s)",
            [list(missing)],
        )
        self._learn(cursor)
        new = [value for value in missing if value not in self.known]
        if new:
            self._insert(cursor, new)

    def _insert(self, cursor: Any, new: list[str]) -> None:
        self._add(cursor, self.column, "unnest(%s::text[])", [sorted(new)])

    def _add(self, cursor: Any, columns: str, source: str, parameters: Sequence[Any]) -> None:
        """Insert what a SELECT gives, and learn the ids; others may insert the same meanwhile."""
        cursor.execute(
            f"WITH added AS (INSERT INTO {self.table} ({columns}) SELECT {source} "
            f"ON CONFLICT ({self.column}) DO UPDATE SET {self.column} = EXCLUDED.{self.column} "
            f"RETURNING id, {self.column}) SELECT {self._answer} FROM added",
            parameters,
        )
        self._learn(cursor)

    @property
    def _answer(self) -> str:
        """Ids and texts as one text: a row for each would cost several times as much to read."""
        return f"string_agg(id || ' ' || {self.column}, chr(10))"

    def _learn(self, cursor: Any) -> None:
        answer = cursor.fetchone()[0]
        # No text of a log holds a line end.
        for row in answer.split("\n") if answer is not None else ():
            row_id, _, value = row.partition(" ")
            self.known[value] = int(row_id)


class AddressDictionary(Dictionary):
    """Addresses, each with the id of its domain."""

    def __init__(self) -> None:
        super().__init__("tracking_address", "address")
        self.domains = Dictionary("tracking_domain", "name")

    def _insert(self, cursor: Any, new: list[str]) -> None:
        domains = self.domains.ids(cursor, {domain_of(address) for address in new})
        scratch_table(cursor, "new_address", "address text, domain_id int")
        copy_rows(
            cursor,
            "new_address",
            ("address", "domain_id"),
            (
                _TWO_FIELDS + text(value) + reference(domains[domain_of(value)])
                for value in sorted(new)
            ),
        )
        self._add(cursor, "address, domain_id", "address, domain_id FROM new_address", [])


def clean_address(address: str) -> str:
    """An address as it is stored: cut at 512 characters (RFC 5321 allows 320)."""
    return address[:_MAX_ADDRESS].replace("\0", "\ufffd")


def clean_name(name: str) -> str:
    """A name as it is stored: cut at 500 characters."""
    return name[:_MAX_NAME].replace("\0", "\ufffd")


def domain_of(address: str) -> str:
    """The domain of an address, lower case, at most 255 characters; "" when it has none."""
    return address.rpartition("@")[2].lower()[:255] if "@" in address else ""


@lru_cache(maxsize=16_384)
def split_reply(reply: str) -> tuple[str, str]:
    """A reply as (template, words): changing words (with digits, addresses) cut out.

    ``250 2.0.0 Ok: queued as 9F11D`` gives (``250 2.0.0 Ok: queued as \\x1a``, ``9F11D``). SMTP
    codes and peers on the host itself stay in the template. ``join_reply`` puts them together
    again.
    """
    start, blank, last = reply.rpartition(" ")
    template, words = _split_start(start)
    if _is_changing(last):
        last = last.replace("\x1f", "\ufffd").replace(HOLE, "\ufffd")
        words = f"{words}\x1f{last}" if HOLE in template else last
        last = HOLE
    return (template + blank + last)[:_MAX_TEMPLATE], words[:_MAX_WORDS]


@lru_cache(maxsize=16_384)
def _split_start(reply: str) -> tuple[str, str]:
    """All but the last word of a reply: often the same where the last one is an id."""
    words: list[str] = []
    pieces = reply.split(" ")
    for index, word in enumerate(pieces):
        if _is_changing(word):
            words.append(word.replace("\x1f", "\ufffd").replace(HOLE, "\ufffd"))
            pieces[index] = HOLE
    return " ".join(pieces), "\x1f".join(words)


def _is_changing(word: str) -> bool:
    """Whether a word is cut out; those that stay are few and are remembered."""
    if word in _common:
        return False
    if _CHANGING.search(word) and not _CODE.match(word):
        return True
    if len(word) < 30 and len(_common) < _MAX_COMMON:
        _common.add(word)
    return False


def join_reply(template: str, words: str) -> str:
    """The reply that ``split_reply`` took apart."""
    if HOLE not in template:
        return template
    parts = iter(words.split("\x1f"))
    pieces = template.split(HOLE)
    return "".join(
        piece + (next(parts, "") if index < len(pieces) - 1 else "")
        for index, piece in enumerate(pieces)
    )

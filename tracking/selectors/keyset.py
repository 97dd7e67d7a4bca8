"""Rows of the big tables, newest first, by key: conditions, cursors and pages as SQL.

A ``Search`` is a bounded time range, conditions that all hold, and ``branches`` of which one must
hold. Each branch is a query of its own (joined by UNION), because conditions on two tables with
OR between them use no index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

from django.db import OperationalError, connection, models, transaction
from psycopg2.errors import QueryCanceled

from tracking.models import Delivery, Message, Rejection

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END = datetime(9999, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"(-?[0-9]{1,18})-([0-9]{1,18})")
_BATCH = 2000
_MAX_ID = 10**18 - 1
# A page is a few hundred rows out of many small partitions: compiling the plan or starting workers
# takes longer than to run it, and hashing or merging a whole day longer than to walk an index until
# the page is full. Said before each query, in its own transaction.
_SETTINGS = (
    "SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0; "
    "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; "
)
# From the keys to their rows, as it is written: there is no order of joins to look for.
AS_WRITTEN = "SET LOCAL join_collapse_limit = 1; "
COUNT_SECONDS = 1
_RANGE_OF = re.compile(r"\{range:([a-z])\}")


class Seed(NamedTuple):
    """Rows ``s`` of one table that an index finds, and the column that says of which Message."""

    table: str
    message: str
    sql: str
    values: tuple[Any, ...]


class Condition(NamedTuple):
    """A piece of SQL with its values; the SQL is never made of what a user typed.

    ``{range:x}`` in it stands for the bounds of the search for another table's ``x.received_at``.
    ``seeds`` are other ways to say for which Messages it may hold: each a set of Seeds, of which
    one finds any such Message.
    """

    sql: str
    values: tuple[Any, ...] = ()
    seeds: tuple[tuple[Seed, ...], ...] = ()


NEVER = Condition("false")
ALWAYS = Condition("true")
INSTANT = timedelta(microseconds=1)
MessageKey = tuple[datetime, int]


class Key(NamedTuple):
    """Where a row stands in the order; ``message`` is needed to find its other rows."""

    received_at: datetime
    id: int
    message: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between rows, as it stands in a link: microseconds and id of a row."""

    received_at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.received_at - _EPOCH) // timedelta(microseconds=1)}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """None when the text is no cursor."""
        match = _CURSOR.fullmatch(text)
        if match is None:
            return None
        try:
            at = _EPOCH + timedelta(microseconds=int(match[1]))
        except OverflowError:
            return None
        return cls(at, int(match[2]))


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows a Search is over. ``message`` is the SQL of the third column of the key."""

    model: type[models.Model]
    tables: str
    aliases: tuple[str, ...]
    message: str
    is_distinct: bool = False
    among: str = ""  # the tables for Messages that are named: (at, message)


# Equal times, said in a way that prunes partitions but that the planner takes for likely: two
# equalities it would multiply, expect one row of millions, and read all of them for a page.
_JOIN = (
    "tracking_message m JOIN tracking_delivery d ON d.message_id = m.id AND d.is_final "
    "AND d.received_at >= m.received_at AND d.received_at <= m.received_at"
)
_AMONG = (
    "unnest(%s::timestamptz[], %s::bigint[]) k (at, message) "
    "JOIN tracking_message m ON m.id = k.message AND m.received_at = k.at "
    "JOIN tracking_delivery d ON d.message_id = k.message AND d.received_at = k.at AND d.is_final"
)
DELIVERIES = Rows(Delivery, _JOIN, ("d", "m"), "d.message_id", among=_AMONG)
MESSAGES = Rows(Message, _JOIN, ("m", "d"), "m.id", is_distinct=True, among=_AMONG)
REJECTIONS = Rows(Rejection, "tracking_rejection j", ("j",), "coalesce(j.hop_id, 0)")


@dataclass(frozen=True, slots=True)
class Note:
    """What was understood of a filter, for people: a code and the text it is about."""

    code: str
    text: str = ""
    number: int = 0
    other: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """Immutable; every method gives a new one. Stands where django-filter expects a queryset."""

    rows: Rows
    since: datetime = _EPOCH
    until: datetime = _END
    conditions: tuple[Condition, ...] = ()
    branches: tuple[Condition, ...] = (ALWAYS,)
    notes: tuple[Note, ...] = field(default=(), compare=False)
    named: tuple[MessageKey, ...] | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing can be found."""
        return NEVER in self.conditions or self.branches == (NEVER,)

    @property
    def seeds(self) -> Iterator[tuple[Seed, ...]]:
        """Ways to find every Message for which it may hold."""
        for condition in self.conditions:
            yield from condition.seeds
        yield from united(self.branches)

    @property
    def model(self) -> type[models.Model]:
        return self.rows.model

    def all(self) -> Self:
        return self

    def between(self, since: datetime, until: datetime) -> Self:
        """``since`` is in the range, ``until`` is not."""
        return replace(self, since=since, until=until)

    def where(self, *conditions: Condition) -> Self:
        """Rows for which these hold, too."""
        return replace(self, conditions=(*self.conditions, *conditions))

    def any_of(self, branches: Sequence[Condition]) -> Self:
        """Rows for which one of these holds; each should have an index. Once for a Search."""
        return replace(self, branches=tuple(branches) or (NEVER,))

    def noting(self, *notes: Note) -> Self:
        return replace(self, notes=(*self.notes, *notes))

    def among(self, keys: Sequence[MessageKey]) -> Self:
        """Rows of these Messages only; there is at least one."""
        moments = [at for at, _ in keys]
        bounded = self.between(min(moments), max(moments) + INSTANT)
        return replace(bounded, named=tuple(keys))

    def over(self, rows: Rows) -> Self:
        """The same search over other rows of the same tables."""
        return replace(self, rows=rows)


class Query(NamedTuple):
    """SQL with its values, and settings of the planner beside the usual ones."""

    sql: str
    values: list[Any]
    settings: str = ""


def keys_query(
    search: Search, *, before: Cursor | None = None, after: Cursor | None = None, limit: int = 0
) -> Query:
    """The keys of a Search; ``after`` gives the nearest newer ones, oldest first."""
    order = "ASC" if after else "DESC"
    tail = f" ORDER BY received_at {order}, id {order}" + (f" LIMIT {int(limit)}" if limit else "")
    return _select(search, tail, before, after)


def any_query(search: Search, limit: int, columns: str = "") -> Query:
    """Some keys of a Search, whichever come first, with more ``columns`` (", d.disposition")."""
    return _select(search, f" LIMIT {int(limit)}", columns=columns)


def _select(
    search: Search,
    tail: str,
    before: Cursor | None = None,
    after: Cursor | None = None,
    columns: str = "",
) -> Query:
    alias = search.rows.aliases[0]
    distinct = "DISTINCT " if search.rows.is_distinct else ""
    tables, first, branches = search.rows.tables, [], search.branches
    if search.named is not None:
        tables, first = (
            search.rows.among,
            [list(column) for column in zip(*search.named, strict=True)],
        )
        branches = (either(branches),)
    select = (
        f"SELECT {distinct}{alias}.received_at, {alias}.id, {search.rows.message} AS message_id"
        f"{columns} FROM {tables} WHERE "
    )
    shared = [*_range(search), *search.conditions, *_beyond(search, before, after)]
    parts, values = [], []
    for branch in branches:
        conditions = [*shared, branch]
        parts.append(f"({select}{' AND '.join(c.sql for c in conditions)}{tail})")
        values += [*first, *(value for item in conditions for value in item.values)]
    sql = parts[0] if len(parts) == 1 else f"SELECT * FROM ({' UNION '.join(parts)}) k{tail}"
    sql = _RANGE_OF.sub(lambda match: _bounds_of(match[1], search), sql)
    return Query(sql, values, AS_WRITTEN if first else "")


def either(conditions: Sequence[Condition]) -> Condition:
    """One of these holds."""
    found = [condition for condition in conditions if condition != NEVER]
    if len(found) < 2:
        return found[0] if found else NEVER
    sql = " OR ".join(f"({condition.sql})" for condition in found)
    values = tuple(value for item in found for value in item.values)
    return Condition(f"({sql})", values, united(found))


def united(conditions: Sequence[Condition]) -> tuple[tuple[Seed, ...], ...]:
    """The seeds of what holds when one of these does: of each of them one way."""
    ways = zip(*(condition.seeds for condition in conditions if condition != NEVER), strict=False)
    return tuple(tuple(seed for way in together for seed in way) for together in ways)


def _bounds_of(alias: str, search: Search) -> str:
    """Bounds as constants, in UTC."""
    since, until = (at.astimezone(UTC).isoformat(sep=" ") for at in (search.since, search.until))
    return f"{alias}.received_at >= '{since}' AND {alias}.received_at < '{until}'"


def _range(search: Search) -> list[Condition]:
    """The range for each table: bounds aren't inherited through a join, and prune partitions."""
    values = (search.since, search.until)
    return [
        Condition(f"{alias}.received_at >= %s AND {alias}.received_at < %s", values)
        for alias in search.rows.aliases
    ]


def _beyond(search: Search, before: Cursor | None, after: Cursor | None) -> list[Condition]:
    """Rows past a cursor; the time alone for each table again, as a pair prunes no partitions."""
    first = search.rows.aliases[0]
    found = []
    for cursor, less in ((before, "<"), (after, ">")):
        if cursor is not None:
            pair = f"({first}.received_at, {first}.id) {less} (%s, %s)"
            found.append(Condition(pair, (cursor.received_at, cursor.id)))
            found += [
                Condition(f"{alias}.received_at {less}= %s", (cursor.received_at,))
                for alias in search.rows.aliases
            ]
    return found


def run(query: Query) -> list[tuple[Any, ...]]:
    """The rows of a query that is to be planned and run at once."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS + query.settings + query.sql, query.values)
        return list(cursor.fetchall())


def iterate_keys(search: Search) -> Iterator[list[Key]]:
    """All keys in batches, by a server-side cursor: memory stays flat whatever the range."""
    query = keys_query(search)
    with transaction.atomic():
        connection.ensure_connection()
        with connection.connection.cursor(name="search") as cursor:
            cursor.itersize = _BATCH
            cursor.execute(query.sql, query.values)
            while batch := cursor.fetchmany(_BATCH):
                yield [Key(*row) for row in batch]


def count_up_to(search: Search, cap: int) -> int | None:
    """How many rows a Search has; stops at ``cap``. None when that takes over COUNT_SECONDS."""
    query = any_query(search, cap)
    limit = f"SET LOCAL statement_timeout = {round(COUNT_SECONDS * 1000)}; "
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"{_SETTINGS}{limit}SELECT count(*) FROM ({query.sql}) counted", query.values
            )
            found = int(cursor.fetchone()[0])
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
            return found
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise


def key_columns(keys: Sequence[Key]) -> tuple[list[datetime], list[int], list[int]]:
    """Keys as the arrays of ``unnest(received_at, id, message)``."""
    return ([k.received_at for k in keys], [k.id for k in keys], [k.message for k in keys])

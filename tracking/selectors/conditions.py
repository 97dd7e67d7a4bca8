"""Conditions of a search as SQL: what a filter asks of a Message ``m`` and its Delivery ``d``."""

from __future__ import annotations

from collections.abc import Sequence

from tracking.choices import Disposition
from tracking.selectors.keyset import NEVER, Condition, Seed
from tracking.selectors.lookups import AddressIds

# Asked of each row, newest first: a domain with many addresses has mail all the time. As a join
# it would be made of the whole range, and the planner must not take it for rare: of a CASE it knows
# nothing.
_OF_DOMAIN = (
    "CASE (SELECT a.domain_id FROM tracking_address a WHERE a.id = {column}) "
    "WHEN %s THEN true ELSE false END"
)
# Tables whose indexes list the Messages that a condition on their rows may hold for.
_SEEDED = {
    "m": ("tracking_message", "id"),
    "d": ("tracking_delivery", "message_id"),
    "v": ("tracking_filterverdict", "message_id"),
}
# More ids are hidden from the planner: it would weigh each of them for each day and each index.
_FEW = 20
_IDS_OF_DOMAIN = (
    "(SELECT array_agg(a.id) FROM tracking_address a WHERE a.domain_id = %s)::integer[]"
)
# ``{range:h}`` stands for the bounds of the search: they prune partitions before planning.
_HOP_ON = (
    "EXISTS (SELECT 1 FROM tracking_hop h WHERE h.message_id = m.id "
    "AND h.received_at = m.received_at AND {range:h} AND h.relay_id = ANY(%s))"
)
_LAST_HOP_ON = (
    "CASE (SELECT h.relay_id FROM tracking_hop h WHERE h.id = d.hop_id "
    "AND h.received_at = m.received_at AND {range:h}) WHEN %s THEN true ELSE false END"
)
_HOPS = (
    "(SELECT count(*) FROM tracking_hop h WHERE h.message_id = m.id "
    "AND h.received_at = m.received_at AND {range:h}) BETWEEN %s AND %s"
)
_MANY = 4
_MANY_HOPS = (
    "m.id IN (SELECT h.message_id FROM tracking_hop h WHERE {range:h} "
    "GROUP BY h.message_id HAVING count(*) BETWEEN %s AND %s)"
)
_RECEIVED_WITH_TLS = (
    "(SELECT h.is_tls FROM tracking_hop h WHERE h.message_id = m.id AND h.id = m.id "
    "AND h.received_at = m.received_at AND {range:h}) IS CLAIM TRUE"
)
# The mail's first recipient, as figures count mails (stats.rollups). Asked of each row, as above.
FIRST_OF_ITS_MAIL = Condition(
    "CASE d.id WHEN (SELECT min(f.id) FROM tracking_delivery f WHERE f.message_id = m.id "
    "AND f.received_at = m.received_at AND {range:f} AND f.is_final) THEN true ELSE false END"
)
# The verdict of a recipient, or one that is for all. Asked of each row, as above.
_VERDICT = (
    "CASE WHEN EXISTS (SELECT 1 FROM tracking_filterverdict v WHERE v.message_id = m.id "
    "AND v.received_at = m.received_at AND {range:v} AND (v.recipient_id IS NULL "
    "OR v.recipient_id = d.recipient_id OR v.recipient_id = d.original_recipient_id) AND WHAT) "
    "THEN true ELSE false END"
)
_HIGH_SCORE = 5  # the least that the index has
_BIG = 1_048_576  # bytes; the same


def of_addresses(column: str, found: AddressIds) -> Condition:
    """Rows whose ``column`` is one of these addresses."""
    if found.domain_id is not None:
        seeds = () if found.is_cut else _seeds_of(column, _IDS_OF_DOMAIN, found.domain_id)
        return Condition(_OF_DOMAIN.format(column=column), (found.domain_id,), seeds)
    if not found.ids:
        return NEVER
    if len(found.ids) <= _FEW:
        return Condition(f"{column} = ANY(%s)", (found.ids,), _seeds_of(column, "%s", found.ids))
    return Condition(f"{column} = ANY((SELECT %s::integer[])::integer[])", (found.ids,))


def _seeds_of(column: str, array: str, value: object) -> tuple[tuple[Seed, ...], ...]:
    """The rows with an id of this array, where an index of that column finds them."""
    alias, _, name = column.partition(".")
    if alias not in _SEEDED:
        return ()
    return ((Seed(*_SEEDED[alias], f"s.{name} = ANY({array})", (value,)),),)


def of_client(column: str, network: str) -> Condition:
    """Rows whose client is in a network."""
    seeds: tuple[tuple[Seed, ...], ...] = ()
    if column.startswith("m."):
        seeds = ((Seed(*_SEEDED["m"], "s.client_ip <<= %s::inet", (network,)),),)
    return Condition(f"{column} <<= %s::inet", (network,), seeds)


def of_message_id(value: str) -> Condition:
    """Mail with this Message-ID."""
    seed = Seed(*_SEEDED["m"], "s.message_id = %s", (value,))
    return Condition("m.message_id = %s", (value,), ((seed,),))


def of_messages(ids: Sequence[int]) -> Condition:
    """Rows of these Messages."""
    if not ids:
        return NEVER
    return Condition("m.id = ANY(%s)", (list(ids),), _seeds_of("m.id", "%s", list(ids)))


def on_relays(ids: Sequence[int]) -> Condition:
    """Mail that has a Hop on one of these relays."""
    return Condition(_HOP_ON, (list(ids),)) if ids else NEVER


def ended_on(relay: int) -> Condition:
    """Mail whose ending was told by this relay."""
    return Condition(_LAST_HOP_ON, (relay,))


def hops_between(least: int, most: int) -> Condition:
    """Mail with so many Hops; few mails have many, so they are counted once for the range."""
    return Condition(_MANY_HOPS if least >= _MANY else _HOPS, (least, most))


def received_with_tls(*, is_tls: bool) -> Condition:
    """Whether the client's connection was encrypted, as the first Hop's log tells."""
    return Condition(_RECEIVED_WITH_TLS.replace("CLAIM ", "" if is_tls else "NOT "))


def of_verdict(what: Condition) -> Condition:
    """Rows with a FilterVerdict ``v`` for which ``what`` holds."""
    if what == NEVER:
        return NEVER
    return Condition(_VERDICT.replace("WHAT", what.sql), what.values, what.seeds)


def naming(column: str, ids: Sequence[int]) -> Condition:
    """Verdicts whose ``column`` is one of these names."""
    if not ids:
        return NEVER
    return Condition(f"{column} = ANY(%s)", (list(ids),), _seeds_of(column, "%s", list(ids)))


def scored(sign: str, score: float) -> Condition:
    """Verdicts with a score that is ``>=``, ``<=`` or ``<`` this."""
    is_indexed = sign == ">=" and score >= _HIGH_SCORE
    seed = Seed(*_SEEDED["v"], "s.score >= %s", (score,))
    return Condition(f"v.score {sign} %s", (score,), ((seed,),) if is_indexed else ())


def at_least(size_bytes: int) -> Condition:
    """Mail as big as this, or bigger.

    Big mail is rare, and most of it is little over the limit, but the planner takes it for evenly
    spread up to the biggest. Said twice, it expects a third, and begins with this index rather than
    with that of a frequent ending.
    """
    if size_bytes < _BIG:
        return Condition("m.size_bytes >= %s", (size_bytes,))
    return Condition("m.size_bytes >= %s AND m.size_bytes + 0 >= %s", (size_bytes, size_bytes))


def with_dsn(value: str) -> Condition:
    """A status code (4.7.1) or its beginning (4, 4.7).

    A failure's code is never that of a delivered mail: the index of the rest serves.
    """
    parts = value.rstrip(".").split(".")
    begins = value if len(parts) == 3 else ".".join(parts) + ".%"
    rest = "" if parts[0] == "2" else " AND d.disposition <> 1"
    return Condition(f"d.dsn LIKE %s{rest}", (begins,))


def all_of(conditions: Sequence[Condition]) -> Condition:
    """All of these hold."""
    if NEVER in conditions:
        return NEVER
    sql = " AND ".join(condition.sql for condition in conditions)
    seeds = tuple(way for item in conditions for way in item.seeds)
    return Condition(sql, tuple(value for item in conditions for value in item.values), seeds)


def ended(words: Sequence[Disposition]) -> Condition:
    """Rows with one of these final words; those of the rest say so, for the index of the rest."""
    values = [word.value for word in words]
    rest = "" if Disposition.DELIVERED in words else " AND d.disposition <> 1"
    return Condition(f"d.disposition = ANY(%s){rest}", (values,))


def like(text: str) -> str:
    """A text for LIKE in which nothing stands for something else."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

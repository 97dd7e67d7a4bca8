"""The page of one client address: figures from the mail itself, so of a month at most."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from psycopg2.errors import QueryCanceled

from mailgw.lib.networks import Address
from stats.charts import Bar
from stats.figures import BYTES, MESSAGES, RECIPIENTS, Figure, Links, Tile
from stats.networks.detail import Top, TopList, ending_tiles, endings_bar
from stats.networks.pages import page_context
from stats.selectors import extent
from stats.spans import Span
from stats.tiles import MAIL
from tracking.choices import Disposition, MessageKind
from tracking.models import ClientNetwork

LONGEST = timedelta(days=31)
SECONDS = 2
TOP = 10
# The address's index finds the mail of each day; the bounds of each table prune partitions.
_FACTS = f"""
WITH mail AS MATERIALIZED (
    SELECT m.received_at, m.sender_id, m.sasl_user_id, m.size_bytes, d.recipient_id, d.disposition,
           row_number() OVER (PARTITION BY m.id ORDER BY d.id) = 1 AS is_first
    FROM tracking_message m
    JOIN tracking_delivery d ON d.message_id = m.id AND d.received_at = m.received_at
    WHERE m.client_ip = %(address)s::inet AND m.kind = {MessageKind.MAIL.value}
      AND m.received_at >= %(since)s AND m.received_at < %(until)s
      AND d.received_at >= %(since)s AND d.received_at < %(until)s AND d.is_final
)
SELECT 'part', {{part}}, disposition, count(*) FILTER (WHERE is_first), count(*),
       coalesce(sum(size_bytes) FILTER (WHERE is_first), 0)::bigint
FROM mail GROUP BY 2, 3
UNION ALL {{tops}}
"""
_TOP = """
(SELECT '{name}', a.address, 0, count(*) FILTER (WHERE is_first), count(*), 0
 FROM mail JOIN tracking_address a ON a.id = mail.{column}
 GROUP BY a.address ORDER BY count(*) DESC, a.address LIMIT {limit})
"""
_TOPS: dict[str, tuple[str, str, str | Promise]] = {
    "sender": ("sender_id", "envelope_sender", _("Senders")),
    "recipient": ("recipient_id", "recipient", _("Recipients")),
    "login": ("sasl_user_id", "sasl_username", _("Logins")),
}
_HOURS = "to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"
_DAYS = "to_char(date_trunc('hour', received_at, 'UTC') AT TIME ZONE %(zone)s, 'YYYY-MM-DD')"


@dataclass(slots=True)
class AddressMail:
    """What an address sent, by part of the span (keys as _HOURS or _DAYS) and ending."""

    messages: int = 0
    bytes: int = 0
    endings: Counter[int] = field(default_factory=Counter)
    parts: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    tops: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))


def address_mail(address: Address, span: Span) -> AddressMail | None:
    """None when it is so much mail that counting it takes longer than SECONDS."""
    tops = " UNION ALL ".join(
        _TOP.format(name=name, column=column, limit=TOP)
        for name, (column, _filter, _title) in _TOPS.items()
    )
    part = _HOURS if span.is_by_hour else _DAYS
    rows = _within(
        _FACTS.format(part=part, tops=tops),
        {
            "address": str(address),
            "since": span.since,
            "until": span.until,
            "zone": settings.SITE_TIME_ZONE,
        },
    )
    return None if rows is None else _added(rows)


def _within(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]] | None:
    limit = f"SET LOCAL jit = off; SET LOCAL statement_timeout = {round(SECONDS * 1000)}; "
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(limit + sql, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
            return rows
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise


def _added(rows: list[tuple[Any, ...]]) -> AddressMail:
    found = AddressMail()
    for what, key, disposition, messages, recipients, size in rows:
        if what == "part":
            found.messages += messages
            found.bytes += size
            found.endings[disposition] += recipients
            found.parts[key][disposition] += recipients
        else:
            found.tops[what].append((key, recipients))
    return found


def address_context(address: Address, span: Span) -> dict[str, Any]:
    """The whole page."""
    links = Links.of(span.since, span.until)
    mail = address_mail(address, span)
    owners = networks_around(address)
    given = {"client": str(address)}
    context = {
        **page_context(span, extent()),
        "address": address,
        "owner": owners[0] if owners else None,
        "around": owners[1:],
        "search_url": links.mail(kind=MAIL, **given),
        "refused_url": links.rejections(**given),
        "register_url": f"{reverse('tracking:register')}?network={address}",
    }
    if mail is None:
        return {**context, "is_too_much": True}
    return {
        **context,
        "has_mail": bool(mail.messages),
        "tiles": _tiles(mail, links, given),
        "endings": [d for d in Disposition if mail.endings[d]],
        "bars": _bars(mail, span, links, given),
        "lists": _lists(mail, links, given),
    }


def networks_around(address: Address) -> list[ClientNetwork]:
    """Registered networks that have the address, the longest prefix first."""
    found = ClientNetwork.objects.filter(network__net_contains_or_equals=str(address))
    return sorted(found.select_related("customer"), key=lambda item: -item.network.prefixlen)


def _tiles(mail: AddressMail, links: Links, given: dict[str, str]) -> list[Tile]:
    mails = links.mail(kind=MAIL, **given, once="yes")
    copies = links.mail(kind=MAIL, **given)
    recipients = mail.endings.total()
    return [
        Tile(_("Mails"), Figure(mail.messages, MESSAGES, mails), icon="mail-up", note=" "),
        Tile(_("Recipients"), Figure(recipients, RECIPIENTS, copies), icon="users", note=" "),
        Tile(_("Bytes"), Figure(mail.bytes, BYTES, mails), icon="database", note=" "),
        *ending_tiles(mail.endings, links, given),
    ]


def _bars(mail: AddressMail, span: Span, links: Links, given: dict[str, str]) -> list[Bar]:
    """Those with mail."""
    endings = [d for d in Disposition if mail.endings[d]]
    bars = []
    for part in span.parts():
        count = mail.parts.get(_key(part.since, span), Counter())
        if count:
            bars.append(endings_bar(part, span, count, endings, links, given))
    return bars


def _key(moment: datetime, span: Span) -> str:
    if span.is_by_hour:
        return f"{moment:%Y-%m-%d %H}"
    return Span(moment, span.until).first.iso


def _lists(mail: AddressMail, links: Links, given: dict[str, str]) -> list[TopList]:
    found = []
    for name, (_column, parameter, title) in _TOPS.items():
        tops = []
        for value, count in mail.tops[name]:
            wanted = {parameter: f'"{value}"' if value else "<>"}
            url = links.mail(kind=MAIL, **given, **wanted)
            tops.append(Top(value or "<>", Figure(count, RECIPIENTS, url), "", is_least=False))
        found.append(TopList(title, tops, 0))
    return found

"""Clients in no registered network that send outbound mail, by /24 and /64."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from stats.figures import MESSAGES, RECIPIENTS, Figure, Links
from stats.forms import RangeForm
from stats.networks.detail import span_of
from stats.networks.pages import page_context, shares
from stats.rollups import select
from stats.selectors import extent
from stats.spans import Span
from stats.tiles import MAIL
from tracking.choices import Direction
from tracking.selectors.origins import UNREGISTERED

SHOWN = 200
# A block that was not among the first of a day which has others had more than is known.
_BLOCKS = """
WITH days AS (SELECT day FROM stats_blockday
              WHERE day >= %(first)s AND day <= %(last)s AND rank = 0)
SELECT block, sum(messages)::bigint, sum(recipients)::bigint, sum(bytes)::bigint,
       sum(deferred)::bigint, sum(bounced)::bigint, sum(spam)::bigint, sum(virus)::bigint,
       max(senders), max(clients),
       (SELECT count(*) FROM days) > count(*) FILTER (WHERE day IN (SELECT day FROM days))
FROM stats_blockday
WHERE day >= %(first)s AND day <= %(last)s AND block IS NOT NULL
GROUP BY block ORDER BY sum(messages) DESC, block LIMIT %(limit)s
"""


class Block(NamedTuple):
    """Sums of a block; ``senders`` and ``clients`` of the day that had the most."""

    block: str
    messages: int
    recipients: int
    bytes: int
    deferred: int
    bounced: int
    spam: int
    virus: int
    senders: int
    clients: int
    is_least: bool


@dataclass(frozen=True, slots=True)
class BlockLine:
    """A row of the table."""

    block: Block
    messages: Figure
    recipients: Figure
    shares: list[Figure]
    register_url: str


def find_blocks(span: Span) -> list[Block]:
    """Those with the most mails."""
    bounds = {"first": span.first.on, "last": span.last.on, "limit": SHOWN}
    return [Block(*row) for row in select(_BLOCKS, bounds)]


def blocks_context(form: RangeForm) -> dict[str, Any]:
    """The whole page."""
    known = extent()
    span = span_of(form, known.newest)
    links = Links.of(span.since, span.until)
    return {
        **page_context(span, known),
        "lines": [_line(block, links) for block in find_blocks(span)],
        "shown": SHOWN,
    }


def _line(block: Block, links: Links) -> BlockLine:
    given = {
        "client": block.block,
        "client_network": UNREGISTERED,
        "direction": Direction.OUTBOUND.name.lower(),
    }
    copies_url = links.mail(kind=MAIL, **given)
    register = f"{reverse('tracking:register')}?{urlencode({'network': block.block})}"
    return BlockLine(
        block,
        Figure(block.messages, MESSAGES, f"{copies_url}&once=yes"),
        Figure(block.recipients, RECIPIENTS, copies_url),
        shares(block, copies_url),
        register,
    )

"""Mail by the provider that took it: what tracking.providers tells of a row, asked in SQL.

No index has it: the rows of the range are looked at newest first, until the page is full or its
time is over (tracking.selectors.finding).
"""

from __future__ import annotations

import re

from tracking.models import Provider, ProviderSuffix
from tracking.providers import NAMED, OUTSIDE, ProviderTable, is_second_level, registrable
from tracking.selectors.keyset import NEVER, Condition, Note, Search

# The longest suffix of a name, as ProviderTable.named finds it.
_LISTED = """(
    SELECT p.name FROM (SELECT string_to_array({name}, '.')) l (labels)
    CROSS JOIN generate_subscripts(l.labels, 1) place
    JOIN tracking_providersuffix s ON s.suffix = array_to_string(l.labels[place:], '.')
    JOIN tracking_provider p ON p.id = s.provider_id
    ORDER BY place LIMIT 1
)"""
# The steps of ProviderTable.provider_of. Most rows end before the table of suffixes is read.
_TAKEN_BY = f"""
CASE WHEN (
    SELECT CASE
        WHEN r.host <> '' AND r.address !~ %s THEN %s
        WHEN r.host !~ %s AND r.domain !~ %s THEN false
        ELSE coalesce(
            coalesce({_LISTED.format(name="r.host")}, {_LISTED.format(name="r.domain")}) = %s,
            %s AND CASE WHEN btrim(r.host, '.') ~ %s THEN r.host ELSE r.domain END ~ %s)
        END
    FROM (SELECT split_part(n.name, '[', 1), lower(substring(n.name FROM '\\[([^]]*)')), o.name
          FROM (SELECT 1) one
          LEFT JOIN tracking_name n ON n.id = d.relay_name_id
          LEFT JOIN tracking_address a ON a.id = d.recipient_id
          LEFT JOIN tracking_domain o ON o.id = a.domain_id) t (host, address, domain)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN t.host <> 'none' THEN rtrim(lower(t.host), '.') ELSE '' END,
               coalesce(t.address, ''), rtrim(coalesce(t.domain, ''), '.')
    ) r (host, address, domain)
) THEN true ELSE false END
"""


def provider_table() -> ProviderTable:
    """The table of providers as it is now."""
    rows = ProviderSuffix.objects.values_list("suffix", "provider__name")
    own = Provider.objects.filter(is_own=True).order_by("pk").first()
    return ProviderTable(dict(rows), own.name if own is not None else "")


def provider_names() -> list[str]:
    """To offer in a form."""
    return list(Provider.objects.values_list("name", flat=True))


def of_provider(search: Search, text: str) -> Search:
    """Mail that a provider took or was to take: by its name, or by that of a host or domain."""
    table = provider_table()
    name = _called(text.strip(), table)
    if not name:
        return search.where(NEVER).noting(Note("no-provider", text))
    return search.where(_taken_by(name, table)).noting(Note("provider", name))


def _called(text: str, table: ProviderTable) -> str:
    """The name of the provider that is meant; "" when there is none."""
    names = provider_names()
    alike = [name for name in names if name.casefold() == text.casefold()]
    if text in names or alike:
        return text if text in names else alike[0]
    return table.named(text) or registrable(text)


def _taken_by(name: str, table: ProviderTable) -> Condition:
    base = name.lower()
    is_registrable = registrable(name) == name
    suffixes = [suffix for suffix, provider in table.suffixes.items() if provider == name]
    listed = "|".join(re.escape(suffix) for suffix in (*suffixes, base))
    below = "" if is_second_level(base.split(".")) else r"(?:.*\.)?"
    values = (
        *(OUTSIDE, name == table.own),
        *[rf"(?:^|\.)(?:{listed})$"] * 2,
        *(name, is_registrable, NAMED, rf"^(?!.*\.\.){below}{re.escape(base)}$"),
    )
    return Condition(_TAKEN_BY, values)

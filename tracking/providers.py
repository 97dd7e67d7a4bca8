"""Which provider takes a mail: by the host that took it, or else by the recipient's domain."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

OTHER = ""
"""Of the providers that no suffix names, those beyond the busiest."""
MAX_UNLISTED = 50
MAX_NAME = 100

# What is below is asked in SQL too (tracking.selectors.providers): patterns mean the same in both.
_OURS = (
    r"(?:10|127)\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2[0-9]|3[01])\."
    r"|100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|::1$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:"
)
OUTSIDE = rf"^(?!{_OURS})(?:[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)$"
"""An IP address, in lower case, that is not of our own network (mailgw.lib.addresses)."""
NAMED = r"^(?!.*\.\.).*\.[^.]*[^].0-9][^.]*$"
"""A name below another, and no address literal."""

# Under a country's domain these are no names of a site: bank.co.id, not co.id.
SECOND_LEVEL = frozenset(
    (
        *("ac", "biz", "co", "com", "desa", "edu", "gob", "gov", "go", "gub", "id", "info", "ltd"),
        *("me", "mil", "my", "ne", "net", "nom", "or", "org", "ponpes", "sch", "web"),
    )
)


@dataclass(slots=True)
class ProviderTable:
    """Suffixes and whose they are. ``own`` is the name of our own provider."""

    suffixes: Mapping[str, str]
    own: str
    _named: dict[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        rows = sorted(self.suffixes.items())
        return hashlib.sha256(repr((rows, self.own, MAX_UNLISTED)).encode()).hexdigest()

    def named(self, name: str) -> str:
        """By the longest suffix; "" when none fits."""
        found = self._named.get(name)
        if found is None:
            found = self._named[name] = self._find(name)
        return found

    def _find(self, name: str) -> str:
        rest = name.lower().rstrip(".")
        while rest:
            if rest in self.suffixes:
                return self.suffixes[rest]
            rest = rest.partition(".")[2]
        return ""

    def provider_of(self, relay_name: str, domain: str) -> tuple[str, bool]:
        """(name, whether a suffix names it) for Postfix's ``relay=`` and a recipient's domain."""
        host, _, rest = relay_name.partition("[")
        if host == "none":
            host = ""
        if host and (not rest or is_local(rest.partition("]")[0])):
            return self.own, True  # local, virtual, a pipe, a filter, a mail store
        listed = self.named(host) or self.named(domain)
        if listed:
            return listed, True
        return registrable(host) or registrable(domain), False

    def resolve(
        self, pairs: Iterable[tuple[tuple[int, int], str, str, int]]
    ) -> dict[tuple[int, int], str]:
        """Providers of (key, relay name, domain, count); only the busiest of the unlisted."""
        found = {key: (self.provider_of(name, domain), count) for key, name, domain, count in pairs}
        unlisted: Counter[str] = Counter()
        for (name, is_listed), count in found.values():
            if not is_listed:
                unlisted[name] += count
        ranked = sorted(unlisted, key=lambda name: (-unlisted[name], name))
        kept = {name for name in ranked[:MAX_UNLISTED] if len(name) <= MAX_NAME}
        return {
            key: name if is_listed or name in kept else OTHER
            for key, ((name, is_listed), _) in found.items()
        }


def is_local(address: str) -> bool:
    """An address of our own network, or no IP address at all (a socket)."""
    return not re.search(OUTSIDE, address.lower())


def registrable(name: str) -> str:
    """About what was registered of a host name: its last two labels, three below ``co.id``.

    "" for what is no name (an address literal).
    """
    name = name.lower().strip(".")
    if not re.search(NAMED, name):
        return ""
    labels = name.split(".")
    return ".".join(labels[-3:] if is_second_level(labels[-2:]) else labels[-2:])


def is_second_level(labels: Sequence[str]) -> bool:
    """Whether names are registered below these labels, as below co.id."""
    return len(labels) == 2 and len(labels[-1]) == 2 and labels[-2] in SECOND_LEVEL

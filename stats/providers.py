"""Which provider takes a mail: by the host that took it, or else by the recipient's domain."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mailgw.lib.addresses import is_ip, is_site_local

OTHER = ""
"""Of the providers that no suffix names, those beyond the busiest."""
MAX_UNLISTED = 50
_MAX_NAME = 100

# Under a country's domain these are no names of a site: bank.co.id, not co.id.
_SECOND_LEVEL = frozenset(
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
        kept = set(ranked[:MAX_UNLISTED])
        return {
            key: name if is_listed or name in kept else OTHER
            for key, ((name, is_listed), _) in found.items()
        }


def is_local(address: str) -> bool:
    """An address of our own network, or no IP address at all (a socket)."""
    return is_site_local(address) or not is_ip(address)


def registrable(name: str) -> str:
    """About what was registered of a host name: its last two labels, three below ``co.id``.

    "" for what is no name (an address literal).
    """
    labels = name.lower().strip(".").split(".")
    if len(labels) < 2 or not any(character.isalpha() for character in labels[-1]):
        return ""
    is_country = len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if is_country else labels[-2:])[:_MAX_NAME]

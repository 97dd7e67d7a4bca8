"""Figures of mail providers, with the searches that list them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stats.figures import RECIPIENTS, Figure, Links
from stats.outbound_flow import FlowNode
from stats.selectors.destinations import ProviderPair
from stats.weather import Weather
from tracking.choices import Direction, Disposition, MessageKind
from tracking.providers import OTHER
from tracking.selectors.providers import provider_names

GIVEN = {"kind": MessageKind.MAIL.name.lower(), "direction": Direction.OUTBOUND.name.lower()}
_NOT_ENDED = (Disposition.DELIVERED, Disposition.QUEUED)
_TROUBLES = [item.name.lower() for item in Disposition if item not in _NOT_ENDED]


@dataclass(frozen=True, slots=True)
class WeatherLine:
    """A provider's weather, with the mail that it is made of, and of what changed."""

    item: Weather
    recipients: Figure
    changed: Figure | None


@dataclass(frozen=True, slots=True)
class ProviderLinks:
    """``partial``: providers that in some hours may be among the others (tracking.providers)."""

    links: Links
    partial: frozenset[str]

    @classmethod
    def of(cls, links: Links, pairs: Sequence[ProviderPair]) -> ProviderLinks:
        names = {pair.provider for pair in pairs}
        partial = names - set(provider_names()) if OTHER in names else set()
        return cls(links, frozenset(partial))

    def recipients(self, provider: str, count: int, **given: str | list[str]) -> Figure:
        """Recipients of a provider; the others together have no search."""
        if provider == OTHER:
            return Figure(count, RECIPIENTS, "")
        url = self.links.mail(**GIVEN, provider=provider, **given)
        return Figure(count, RECIPIENTS, url, is_least=provider in self.partial)

    def weather(self, weather: Iterable[Weather]) -> list[WeatherLine]:
        return [self._line(item) for item in weather]

    def _line(self, item: Weather) -> WeatherLine:
        changed = None
        if change := item.change:
            given: dict[str, str | list[str]] = {"reason": change.code, "disposition": _TROUBLES}
            changed = self.recipients(item.provider, change.recipients, **given)
        whole = self.recipients(item.provider, item.now.endings.recipients)
        return WeatherLine(item, whole, changed)

    def way(self, nodes: Sequence[FlowNode], count: int) -> Figure:
        """Recipients whose mail went through these nodes; no search has other relays."""
        word = {node.key.partition(":")[0]: node.key.partition(":")[2] for node in nodes}
        relay = next(str(node.label) for node in nodes if node.key.startswith("relay:"))
        if word["relay"] in {"", "0"}:
            return Figure(count, RECIPIENTS, "")
        return self.recipients(
            word["provider"],
            count,
            service_class=word["class"],
            last_relay=relay,
            disposition=word["ending"],
        )

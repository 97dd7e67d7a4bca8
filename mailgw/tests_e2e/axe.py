"""What axe finds wrong with a page, in both themes."""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

_AXE = Axe()
_ALL: dict[str, Any] = {"resultTypes": ["violations"]}
# Themes differ in nothing but colours.
_COLOURS = _ALL | {"runOnly": ["color-contrast", "link-in-text-block"]}
_END_TRANSITIONS = """() => {
  for (const animation of document.getAnimations()) {
    if (animation.effect.getComputedTiming().endTime !== Infinity) animation.finish();
  }
}"""


def violations(page: Page) -> list[str]:
    """Each as the theme, the rule and the first element; leaves the page in the light theme."""
    switch(page, "dark")
    found = [f"dark {text}" for text in _found(page, _COLOURS)]
    switch(page, "light")
    return found + [f"light {text}" for text in _found(page, _ALL)]


def switch(page: Page, theme: Literal["light", "dark"]) -> None:
    """As the system does in the evening; pages that are no page of ours have no themes."""
    page.emulate_media(color_scheme=theme)
    root = page.locator("html")
    if root.get_attribute("data-bs-theme"):
        expect(root).to_have_attribute("data-bs-theme", theme)
    page.evaluate(_END_TRANSITIONS)


def _found(page: Page, options: dict[str, Any]) -> list[str]:
    found = _AXE.run(page, options=options).response["violations"]
    return [f"{item['id']}: {item['nodes'][0]['html']}" for item in found]

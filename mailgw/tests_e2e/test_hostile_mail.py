"""Hostile mails in a real browser: nothing runs, nothing leaves, nothing leads away.

Three times: as the console shows them; without the frame's walls, so the sanitiser stands alone;
and without the sanitiser, so the walls stand alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

import pytest
from playwright.sync_api import ConsoleMessage, Dialog, Page, Route

from quarantine.preview.build import build_preview
from quarantine.preview.frame import STYLE_HASH, frame_document
from quarantine.preview.model import Preview
from quarantine.tests.hostile import ALL, markup, network

# The previews of all mails are made once, by the one process that runs these.
pytestmark = pytest.mark.xdist_group("hostile mail")
_PAGE = "https://console.example/mail"
# The policy of the console's preview page, which its frame inherits.
_POLICY = (
    f"default-src 'none'; img-src 'self' data:; style-src 'self' {STYLE_HASH}; frame-src 'none'"
)
_SLOW = "20,000 tags inside each other"
_TOGETHER = 15


@dataclass
class Watched:
    """A page whose every request is answered here, and what it did that it should not."""

    page: Page
    body: str = ""
    policy: str = _POLICY
    ignores_console: bool = False
    told: list[str] = field(default_factory=list)

    def answer(self, route: Route) -> None:
        if route.request.url == _PAGE:
            route.fulfill(
                body=self.body,
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": self.policy} if self.policy else {},
            )
        else:
            self.told.append(f"request: {route.request.url}")
            route.abort()

    def dismiss(self, dialog: Dialog) -> None:
        self.told.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def listen(self, message: ConsoleMessage) -> None:
        if not self.ignores_console:
            self.told.append(f"console: {message.text}")

    def show(self, body: str, policy: str = _POLICY) -> list[str]:
        """What the page told on the way; a page that ran or went somewhere tells too."""
        self.told.clear()
        self.body, self.policy = f"<!DOCTYPE html><title>mail</title>{body}", policy
        self.page.goto(_PAGE, wait_until="load")
        # Two frames drawn: timers of zero, refreshes of zero and autofocus have had their turn.
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => "
                           "requestAnimationFrame(() => setTimeout(done, 0))))")  # fmt: skip
        if self.page.url != _PAGE:
            self.told.append(f"navigation: {self.page.url}")
        if self.page.title() != "mail":
            self.told.append(f"title: {self.page.title()}")
        return list(self.told)


@pytest.fixture
def watched(page: Page) -> Watched:
    watch = Watched(page)
    page.context.route("**/*", watch.answer)
    page.on("dialog", watch.dismiss)
    page.on("popup", lambda popup: watch.told.append(f"popup: {popup.url}"))
    page.on("download", lambda download: watch.told.append(f"download: {download.url}"))
    page.on("console", watch.listen)
    page.on("pageerror", lambda error: watch.told.append(f"error: {error}"))
    return watch


def frame(body: str) -> str:
    return f'<iframe sandbox srcdoc="{escape(frame_document(body))}"></iframe>'


def framed(preview: Preview) -> str:
    """As the console shows a mail: headers, texts, names of files, frames."""
    lines = [f"{header.name}: {header.value}" for header in preview.headers]
    lines += [part.text[:2000] for part in preview.texts]
    lines += [f"{item.name} {item.real_type}" for item in preview.attachments]
    shown = "".join(f"<pre>{escape(line)}</pre>" for line in lines)
    return shown + "".join(frame(page.body) for page in preview.pages)


def problems(
    watched: Watched, bodies: dict[str, str], policy: str = _POLICY
) -> dict[str, list[str]]:
    """What each mail told. Several share a page; when one tells, they are shown one by one."""
    found: dict[str, list[str]] = {}
    names = list(bodies)
    for start in range(0, len(names), _TOGETHER):
        batch = names[start : start + _TOGETHER]
        if watched.show("".join(bodies[name] for name in batch), policy):
            told = {name: watched.show(bodies[name], policy) for name in batch}
            found |= {name: lines for name, lines in told.items() if lines} or {str(batch): ["?"]}
    return found


@pytest.fixture(scope="module")
def previews() -> dict[str, Preview]:
    return {
        name: build_preview(mail, with_images=True) for name, mail in ALL.items() if name != _SLOW
    }


def test_it_holds_mails_in_their_frame(watched: Watched, previews: dict[str, Preview]) -> None:
    assert len(previews) >= 180
    assert problems(watched, {name: framed(preview) for name, preview in previews.items()}) == {}


def test_it_sanitises_without_help_of_the_frame(
    watched: Watched, previews: dict[str, Preview]
) -> None:
    bodies = {name: page.body for name, preview in previews.items() for page in preview.pages}
    assert len(bodies) >= 80
    assert problems(watched, bodies, policy="") == {}


def test_it_holds_html_in_the_frame_without_help_of_the_sanitiser(watched: Watched) -> None:
    """Chromium says on its console what it kept from running; that is no problem here."""
    watched.ignores_console = True
    bodies = {
        name: frame(mail.partition(b"\n\n")[2].decode("utf-8", "replace"))
        for name, mail in {**markup.MAILS, **network.MAILS}.items()
    }
    assert problems(watched, bodies) == {}


def test_it_notices_a_mail_that_does_harm(watched: Watched) -> None:
    """Without any wall the same watch tells of a script, a request and a dialog."""
    told = watched.show(ALL["script"].partition(b"\n\n")[2].decode(), policy="")
    assert "dialog: 1" in told
    assert "request: https://beacon.example/ran" in told
    assert "title: ran" in told

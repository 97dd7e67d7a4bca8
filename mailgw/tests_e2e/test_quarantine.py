"""Held mail in a real browser: looked at, released, asked for and decided; hostile mail as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from playwright.sync_api import Dialog, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from mailgw.tests_e2e.axe import violations
from mailgw.tests_e2e.conftest import PASSWORD
from quarantine.choices import Verb
from quarantine.models import (
    BulkAction,
    BulkItem,
    QuarantineAction,
    QuarantinedMessage,
    QuarantineSource,
    ReleaseRequest,
)
from quarantine.services.found import confirm, run
from quarantine.services.requests import request_release
from quarantine.services.results import Actor
from quarantine.sync import sync_source
from quarantine.tests.conftest import HELPDESK, SENIOR
from quarantine.tests.hostile import ALL
from quarantine.tests.hostile.making import attached, multipart, part
from quarantine.tests.smtp_server import Handler, smtp_server
from quarantine.tests.support import age, hold, make_many, make_source

NAME = "21C0366B0553DEC02D8"
ENVELOPE = b"Delivered-To: alice@example.com,bruno@example.com\nReturn-Path: ani@example.net\n"
INVOICE = multipart(
    part("text/plain; charset=utf-8", b"Your invoice is attached."),
    part("text/html", b'<h2>Your invoice</h2><a href="https://evil.example/">Pay</a>'
                      b'<img src="https://evil.example/p.gif">'),
    attached('"invoice.pdf.exe"', b"MZ\x90\0", "application/pdf"),
).replace(b"hello", b"Your invoice")  # fmt: skip


@pytest.fixture
def next_hop() -> Iterator[Handler]:
    with smtp_server() as handler:
        yield handler


@pytest.fixture
def held(transactional_db: None, tmp_path: Path, next_hop: Handler) -> QuarantinedMessage:
    hold(tmp_path, NAME, ENVELOPE + INVOICE)
    sync_source(make_source(tmp_path, release_to=f"127.0.0.1:{next_hop.port}"))
    return QuarantinedMessage.objects.get()


def log_in(page: Page, live_server: LiveServer, name: str, permissions: tuple[str, ...]) -> User:
    """A page of somebody else, in a browser of his own."""
    user = User.objects.create_user(name, password=PASSWORD)
    user.user_permissions.add(
        *Permission.objects.filter(content_type__app_label="quarantine", codename__in=permissions)
    )
    page.goto(f"{live_server.url}/accounts/login/?next=/quarantine/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/quarantine/")
    return user


def test_it_is_browsed_looked_into_and_released(
    held: QuarantinedMessage, console: Page, live_server: LiveServer, next_hop: Handler
) -> None:
    console.goto(f"{live_server.url}/")
    console.get_by_role("link", name="Quarantine").click()
    console.get_by_role("link", name="Your invoice").click()
    console.get_by_role("link", name="Show the content").click()
    expect(console.get_by_text("Your invoice is attached.")).to_be_visible()
    frame = console.frame_locator("iframe.mail-frame")
    expect(frame.get_by_role("heading", name="Your invoice")).to_be_visible()
    expect(frame.get_by_text("[https://evil.example/]")).to_be_visible()
    assert frame.locator("a, img, script").count() == 0
    expect(console.get_by_text("Runs when opened", exact=True)).to_be_visible()
    console.get_by_role("link", name="Release …").click()
    console.get_by_label("bruno@example.com").uncheck()
    console.get_by_label("Reason").fill("Alice called and waits for it")
    console.get_by_role("button", name="Release").click()
    expect(console.get_by_role("status")).to_contain_text("Released.")
    expect(console.get_by_text("sent on")).to_be_visible()
    expect(console.get_by_text("Alice called and waits for it").first).to_be_visible()
    assert [mail.recipients for mail in next_hop.taken] == [["alice@example.com"]]
    assert QuarantineAction.objects.filter(verb="view_body", actor="admin").count() == 1


def test_helpdesk_asks_and_a_senior_approves(
    held: QuarantinedMessage, live_server: LiveServer, page: Page, next_hop: Handler
) -> None:
    browser = page.context.browser
    assert browser is not None
    log_in(page, live_server, "hana", HELPDESK)
    page.get_by_role("link", name="Your invoice").click()
    assert page.get_by_role("link", name="Release …", exact=True).count() == 0
    page.get_by_role("link", name="Request release …").click()
    page.get_by_label("Reason").fill("Customer C1 waits for it")
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("status")).to_contain_text("The request was sent.")
    senior = browser.new_page()
    log_in(senior, live_server, "sari", SENIOR)
    senior.get_by_role("link", name="Requests (1)").click()
    expect(senior.get_by_text("Customer C1 waits for it")).to_be_visible()
    senior.get_by_role("link", name="Decide …").click()
    senior.get_by_label("Answer").fill("Checked with the sender")
    senior.get_by_role("button", name="Approve and release").click()
    expect(senior.get_by_role("status")).to_contain_text("Approved and released.")
    senior.close()
    assert len(next_hop.taken) == 1
    page.goto(f"{live_server.url}/quarantine/")
    expect(page.get_by_role("heading", name="Answers to your requests")).to_be_visible()
    expect(page.get_by_text("Checked with the sender")).to_be_visible()
    page.get_by_role("button", name="I have read them").click()
    expect(page.get_by_role("heading", name="Answers to your requests")).to_have_count(0)


def test_many_are_chosen_at_once(
    transactional_db: None, tmp_path: Path, console: Page, live_server: LiveServer
) -> None:
    for number in range(3):
        hold(tmp_path, f"21C0366B0553DEC02A{number}", ENVELOPE + INVOICE)
    sync_source(make_source(tmp_path))
    console.goto(f"{live_server.url}/quarantine/")
    console.get_by_label("All on this page").check()
    expect(console.get_by_text("3 chosen")).to_be_visible()
    console.get_by_role("button", name="Delete …").click()
    expect(console.get_by_role("heading", name="These 3 mails")).to_be_visible()
    console.get_by_label("Reason").fill("Junk")
    console.get_by_role("button", name="Delete").dblclick()
    expect(console.get_by_role("heading", name="Delete: how it ended")).to_be_visible()
    assert QuarantinedMessage.objects.filter(state="deleted").count() == 3
    assert QuarantineAction.objects.filter(verb="delete", outcome="done").count() == 3


def test_all_that_a_search_found_is_deleted_and_watched(
    transactional_db: None, tmp_path: Path, console: Page, live_server: LiveServer
) -> None:
    make_many(tmp_path, 60)
    console.goto(f"{live_server.url}/quarantine/?subject=Offer")
    console.locator(".bulk-found").get_by_role("link", name="Delete …").click()
    expect(console.get_by_text("All 60 mails that your search found")).to_be_visible()
    console.get_by_label("Reason").fill("Junk")
    console.get_by_role("button", name="Delete: 60").click()
    expect(console.get_by_role("heading", name="Under way")).to_be_visible()
    assert run(BulkAction.objects.get().pk)
    # The page asks by itself.
    expect(console.get_by_role("heading", name="Done", exact=True)).to_be_visible()
    expect(console.get_by_text("60 of 60 mails")).to_be_visible()
    assert QuarantinedMessage.objects.filter(state="deleted").count() == 60


def test_the_search_is_folded_on_a_phone_and_open_elsewhere(
    held: QuarantinedMessage, console: Page, live_server: LiveServer
) -> None:
    console.goto(f"{live_server.url}/quarantine/")
    expect(console.get_by_label("Sender")).to_be_visible()
    console.set_viewport_size({"width": 390, "height": 800})
    console.reload()
    expect(console.get_by_label("Sender")).not_to_be_visible()
    expect(console.get_by_role("link", name="Your invoice")).to_be_in_viewport()
    console.get_by_text("Search held mail").click()
    console.get_by_label("Sender").fill("ani@")
    console.get_by_role("button", name="Search", exact=True).last.click()
    expect(console.get_by_text("1 mail found.")).to_be_visible()


def test_it_is_accessible_narrow_and_in_two_languages(
    held: QuarantinedMessage, console: Page, live_server: LiveServer, admin: User
) -> None:
    bulk = confirm(Verb.DELETE, [held.pk, 0], Actor(admin), {"reason": "x"})
    BulkItem.objects.create(
        bulk=bulk, held_id=held.pk, outcome="failed", text="unreachable: mx.example:25 is away"
    )
    hana = User.objects.create_user("hana")
    hana.user_permissions.add(*Permission.objects.filter(codename="request_release"))
    request_release([held.pk], Actor(hana), "waits for it")
    wish = ReleaseRequest.objects.get().pk
    paths = [
        "", "?sender=nobody", "?network=x", f"{held.pk}/", f"{held.pk}/content/",
        f"{held.pk}/source/", f"release/?ids={held.pk}", f"delete/?ids={held.pk}", "release/",
        "requests/", f"requests/{wish}/", "audit/", "audit/?actor=nobody", "digest/x/",
        "delete/found/?sender=ani@", "delete/found/?sender=nobody", f"bulk/{bulk.pk}/",
    ]  # fmt: skip
    problems: dict[str, object] = {}
    for path in paths:
        console.goto(f"{live_server.url}/quarantine/{path}")
        if found := violations(console):
            problems[path] = found
    console.set_viewport_size({"width": 390, "height": 800})
    console.set_extra_http_headers({"Accept-Language": "id"})
    for path in paths:
        console.goto(f"{live_server.url}/quarantine/{path}")
        width = console.evaluate("document.documentElement.scrollWidth")
        if width > 390 or console.locator("html").get_attribute("lang") != "id":
            problems[f"narrow {path}"] = width
    assert problems == {}


def test_hostile_mail_does_nothing_on_the_console(
    transactional_db: None, tmp_path: Path, console: Page, live_server: LiveServer
) -> None:
    """The pages of the console itself, through spool, process, template and policy."""
    attacks = [name for name in ALL if name.partition(" ")[0] not in {"100,000", "200,000"}][::6]
    make_source(tmp_path)
    for number, attack in enumerate(attacks):
        hold(tmp_path, f"21C0366B0553DEC0{number:03d}", ENVELOPE + ALL[attack])
    age(tmp_path)
    sync_source(QuarantineSource.objects.get())
    told: list[str] = []

    def watch(route: Route) -> None:
        if route.request.url.startswith(live_server.url):
            route.continue_()
        else:
            told.append(route.request.url)
            route.abort()

    def dismiss(dialog: Dialog) -> None:
        told.append(dialog.message)
        dialog.dismiss()

    console.context.route("**/*", watch)
    console.on("dialog", dismiss)
    seen = QuarantinedMessage.objects.values_list("pk", flat=True)
    assert len(seen) == len(attacks) > 25
    for pk in seen:
        url = f"{live_server.url}/quarantine/{pk}/content/?images=1"
        answer = console.goto(url)
        assert answer is not None
        assert answer.status == 200
        assert console.url == url
        expect(console).not_to_have_title("ran")
    assert told == []

"""A story that is open keeps itself up to date, and leaves the reader alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery.worker import WorkController
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from mailgw.celery import app
from mailgw.tests_e2e.axe import violations
from tracking.models import Hop, Message, Watch
from tracking.tests import mail_log
from tracking.tests.support import ingest
from tracking.watching import end_watches


def stamp(ago: timedelta) -> str:
    return f"{timezone.now() - ago:%Y-%m-%dT%H:%M:%S.%f+00:00}"


def begin_mail(ago: timedelta = timedelta(seconds=30)) -> str:
    """A mail to two that waits; returns its first attempts' line."""
    text = mail_log.one_mail(
        "5E00000001",
        stamp=stamp(ago),
        status="deferred",
        dsn="4.4.1",
        relay="none",
        reply="connect to mx.far.example[203.0.113.9]:25: Connection timed out",
    )
    line = next(part for part in text.splitlines(keepends=True) if " to=<" in part)
    ingest(text + line.replace("budi@", "citra@"))
    return line


def deliver(line: str, recipient: str) -> None:
    """The attempt that succeeds."""
    head, _, _ = line.partition(" relay=")
    _, _, rest = head.partition(" ")
    ingest(
        f"{stamp(timedelta())} {rest.replace('budi@', recipient)} relay=mx.far.example"
        "[203.0.113.9]:25, delay=9, delays=8/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n"
    )


def open_story(console: Page, live_server: LiveServer, recipient: str) -> None:
    message = Message.objects.get()
    console.goto(f"{live_server.url}/messages/{message.pk}/?recipient={recipient}")


@pytest.mark.django_db(transaction=True)
def test_an_open_story_keeps_itself_up_to_date(console: Page, live_server: LiveServer) -> None:
    line = begin_mail()
    open_story(console, live_server, "budi@far.example")
    expect(console.get_by_text("This page keeps itself up to date.")).to_be_visible()
    answer = console.locator(".answer")
    expect(answer).to_contain_text("DEF_TIMEOUT")
    console.get_by_text("Text for the caller").click()
    console.get_by_role("link", name="Log lines").click()
    expect(console.locator(".log-lines")).to_contain_text("Connection timed out")
    others = console.locator("#other-recipients > summary")
    others.click()
    others.focus()

    deliver(line, "budi@")
    expect(answer).to_contain_text("DELIVERED_REMOTE", timeout=15_000)
    expect(console.locator("#story-news")).to_contain_text("1 Delivered")
    expect(console.locator("#caller-texts")).to_have_attribute("open", "")
    expect(console.locator("#other-recipients")).to_have_attribute("open", "")
    expect(others).to_be_focused()
    expect(console.locator(".log-lines")).to_be_visible()

    deliver(line, "citra@")
    expect(console.locator("#other-recipients")).to_contain_text("Delivered", timeout=15_000)
    assert console.url.endswith("?recipient=budi@far.example")


@pytest.mark.django_db(transaction=True)
def test_a_story_that_has_ended_asks_no_more(console: Page, live_server: LiveServer) -> None:
    line = begin_mail(timedelta(hours=1))
    deliver(line, "budi@")
    deliver(line, "citra@")
    removed = f"{stamp(timedelta(minutes=30))} out1 postfix/qmgr[102]: 5E00000001: removed\n"
    ingest(removed)
    asked: list[str] = []
    console.on("request", lambda request: asked.append(request.url))
    open_story(console, live_server, "budi@far.example")
    expect(console.locator(".answer")).to_contain_text("DELIVERED_REMOTE")
    expect(console.get_by_text("This page keeps itself up to date.")).to_have_count(0)
    console.clock.install()
    console.clock.run_for(60_000)
    assert not [url for url in asked if "/live/" in url]


@pytest.mark.django_db(transaction=True)
def test_it_asks_less_and_less_while_nothing_changes(
    console: Page, live_server: LiveServer
) -> None:
    begin_mail()
    asked: list[str] = []
    console.on("request", lambda request: asked.append(request.url))
    console.clock.install()
    open_story(console, live_server, "budi@far.example")
    waits = []
    for _ in range(6):
        seconds, before = 0, len(asked)
        with console.expect_response("**/live/**") as answered:
            while not [url for url in asked[before:] if "/live/" in url]:
                console.clock.run_for(1_000)
                seconds += 1
        assert answered.value.status == 204
        waits.append(seconds)
    assert 3 * waits[0] < waits[-1]
    assert waits[-1] < 31


@pytest.mark.django_db(transaction=True)
def test_it_copies_the_text_for_the_caller(console: Page, live_server: LiveServer) -> None:
    begin_mail()
    console.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_story(console, live_server, "budi@far.example")
    console.get_by_text("Text for the caller").click()
    section = console.locator(".caller-text").filter(has_text="Bahasa Indonesia")
    section.get_by_role("button", name="Copy").click()
    expect(section.get_by_role("button", name="Copied")).to_be_visible()
    copied = console.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Surel dari ani@satu.example kepada budi@far.example")


@pytest.mark.django_db(transaction=True)
def test_it_fits_a_phone(console: Page, live_server: LiveServer) -> None:
    begin_mail()
    console.set_viewport_size({"width": 390, "height": 844})
    open_story(console, live_server, "citra@far.example")
    console.get_by_text("Text for the caller").click()
    console.get_by_role("link", name="Log lines").click()
    expect(console.locator(".log-lines")).to_be_visible()
    assert console.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.django_db(transaction=True)
def test_somebody_is_told_when_a_mail_ends(
    console: Page, live_server: LiveServer, celery_worker: WorkController
) -> None:
    line = begin_mail()
    open_story(console, live_server, "budi@far.example")
    console.get_by_role("button", name="Tell me when it ends").dblclick()
    expect(console.get_by_role("heading", name="You will be told")).to_be_visible()
    assert Watch.objects.count() == 1
    deliver(line, "budi@")
    deliver(line, "citra@")
    ingest(f"{stamp(timedelta())} out1 postfix/qmgr[102]: 5E00000001: removed\n")
    expect(console.get_by_role("heading", name="You will be told")).to_have_count(0, timeout=15_000)
    app.send_task("tracking.end_watches")
    deadline = timezone.now() + timedelta(seconds=30)
    while not Watch.objects.filter(ended_at__isnull=False).exists():
        assert timezone.now() < deadline, "nobody was told"
    console.reload()
    bell = console.get_by_role("link", name="Notices")
    expect(bell).to_contain_text("1")
    bell.click()
    expect(console.get_by_role("link", name="ani@satu.example → ")).to_be_visible()
    expect(console.get_by_text("Delivered")).to_be_visible()
    console.get_by_role("button", name="Mark all as read").click()
    expect(console.get_by_role("link", name="Notices")).not_to_contain_text("1")
    console.get_by_role("button", name="Remove").click()
    expect(console.get_by_text("You watch no mail")).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_stories_and_notices_are_accessible(console: Page, live_server: LiveServer) -> None:
    line = begin_mail()
    open_story(console, live_server, "budi@far.example")
    for summary in console.locator("main details > summary").all():
        summary.click()
    console.get_by_role("link", name="Log lines").click()
    expect(console.locator(".log-lines")).to_be_visible()
    assert violations(console) == []
    console.get_by_role("button", name="Tell me when it ends").click()
    expect(console.get_by_role("heading", name="You will be told")).to_be_visible()
    assert violations(console) == []
    console.goto(f"{live_server.url}/watches/")
    assert violations(console) == []
    deliver(line, "budi@")
    deliver(line, "citra@")
    ingest(f"{stamp(timedelta())} out1 postfix/qmgr[102]: 5E00000001: removed\n")
    assert len(end_watches()) == 1
    console.goto(f"{live_server.url}/watches/")
    expect(console.get_by_role("button", name="Mark all as read")).to_be_visible()
    assert violations(console) == []
    hop = Hop.objects.get()
    console.goto(f"{live_server.url}/messages/{hop.message_ref}/hops/{hop.pk}/details/")
    assert violations(console) == []

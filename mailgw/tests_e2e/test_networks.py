"""The pages of networks in a browser: accessible, on a phone, and leading to the mail."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from mailgw.tests_e2e.axe import violations
from stats.rollups import roll_up
from tracking.models import ClientNetwork, Customer
from tracking.tests import mail_log
from tracking.tests.support import ingest

RANGE = f"?day={mail_log.DAY}"


@pytest.fixture
def networks(console: Page, live_server: LiveServer) -> Page:
    """The table of a day, of one registered network with mail."""
    owner = Customer.objects.create(number="C1", name="PT Satu", service_class="premium")
    ClientNetwork.objects.create(network="198.18.0.0/24", customer=owner)
    ingest(mail_log.WHOLE)
    ingest(mail_log.one_mail("5A00000001", client="x.example[203.0.113.77]"), "other")
    roll_up()
    console.goto(f"{live_server.url}/networks/{RANGE}")
    return console


def test_its_pages_are_accessible_and_fit_a_phone(networks: Page) -> None:
    networks.set_viewport_size({"width": 390, "height": 844})
    network = ClientNetwork.objects.get()
    base, problems = networks.url.partition("?")[0], {}
    for path in ("", f"{network.pk}/", "ip/198.18.0.5/", "unregistered/"):
        networks.goto(f"{base}{path}{RANGE}")
        found = violations(networks)
        width = networks.evaluate("document.documentElement.scrollWidth")
        if found or width != 390:
            problems[path] = (found, width)
    assert problems == {}


def test_it_leads_from_the_table_to_a_network_and_its_mail(networks: Page) -> None:
    networks.get_by_role("link", name="198.18.0.0/24").click()
    expect(networks.get_by_role("heading", level=1)).to_have_text("198.18.0.0/24")
    expect(networks.locator("canvas:visible")).to_have_count(1)
    networks.get_by_role("link", name="Bounced").first.click()
    networks.wait_for_url("**/search/?**disposition=bounced**")
    expect(networks.get_by_text("nobody@far.example").first).to_be_visible()


def test_it_leads_from_an_unregistered_sender_to_its_registration(networks: Page) -> None:
    networks.get_by_role("link", name="Who sends unregistered").click()
    networks.get_by_role("link", name="Register this 203.0.113.0/24").click()
    expect(networks.get_by_label("Network", exact=False).first).to_have_value("203.0.113.0/24")
    networks.get_by_label("Customer number").fill("C1")
    networks.get_by_role("button", name="Preview").click()
    networks.get_by_role("button", name="Make 1 change").click()
    expect(networks.get_by_role("heading", level=1)).to_have_text("The registry was imported")
    assert ClientNetwork.objects.count() == 2


def test_it_filters_and_sorts(networks: Page) -> None:
    networks.get_by_label("Customer, network or address").fill("nobody of this name")
    networks.get_by_role("button", name="Filter").click()
    expect(networks.get_by_text("Nothing in the registry fits these filters")).to_be_visible()
    networks.get_by_label("Customer, network or address").fill("satu")
    networks.get_by_label("Show").select_option("customer")
    networks.get_by_role("button", name="Filter").click()
    networks.get_by_role("link", name="Bytes", exact=True).click()
    header = networks.get_by_role("columnheader", name="Bytes")
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(networks.get_by_role("rowheader")).to_contain_text("PT Satu")


def test_it_gives_past_mail_to_its_present_owners(networks: Page, celery_worker: object) -> None:
    networks.set_viewport_size({"width": 390, "height": 844})
    owner = Customer.objects.create(number="C2", name="PT Dua", service_class="bulk")
    ClientNetwork.objects.create(network="198.18.0.0/28", customer=owner)
    networks.goto(networks.url.partition("?")[0] + "history/")
    assert violations(networks) == []
    networks.get_by_role("button", name="Start").click()
    expect(networks.get_by_role("cell", name="Done")).to_be_visible(timeout=20_000)
    assert violations(networks) == []
    assert networks.evaluate("document.documentElement.scrollWidth") == 390

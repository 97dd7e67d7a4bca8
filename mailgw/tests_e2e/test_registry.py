"""A registry file in a browser: mistakes, preview, confirmation, export."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from mailgw.tests_e2e.axe import violations
from tracking.models import ClientNetwork, Customer

HEADER = "number;name;service_class;network\r\n"
GOOD = "\ufeff" + HEADER + "C1;PT Satu;premium;10.0.0.0/8\r\nC2;PT Dua;bulk;10.1.0.0/16\r\n"


def upload(page: Page, path: Path, text: str) -> None:
    path.write_text(text, newline="")
    page.get_by_label("CSV file").set_input_files(path)
    page.get_by_role("button", name="Preview").click()


@pytest.fixture
def registry(console: Page, live_server: LiveServer) -> Page:
    console.goto(f"{live_server.url}/registry/")
    return console


def test_it_leads_from_a_file_to_the_registry(registry: Page, tmp_path: Path) -> None:
    upload(registry, tmp_path / "customers.csv", GOOD.replace("bulk", "gold"))
    expect(registry.get_by_role("alert")).to_contain_text("“gold” is no class")
    upload(registry, tmp_path / "customers.csv", GOOD)
    expect(registry.get_by_role("heading", level=1)).to_have_text("What this import would do")
    expect(registry.get_by_text("Takes its addresses from 10.0.0.0/8")).to_be_visible()
    assert ClientNetwork.objects.count() == 0
    registry.get_by_role("button", name="Make 4 changes").click()
    expect(registry.get_by_role("heading", level=1)).to_have_text("The registry was imported")
    assert ClientNetwork.objects.count() == 2
    registry.goto(registry.url.partition("imports")[0])
    with registry.expect_download() as started:
        registry.get_by_role("link", name="Registry as CSV").click()
    exported = Path(started.value.path()).read_text(encoding="utf-8-sig")
    assert "C2,PT Dua,bulk,10.1.0.0/16" in exported


def test_it_is_accessible_and_fits_a_phone(registry: Page, tmp_path: Path) -> None:
    Customer.objects.create(number="C9", name="PT Sembilan", service_class="bulk")
    registry.set_viewport_size({"width": 390, "height": 844})
    upload(registry, tmp_path / "customers.csv", GOOD.replace("10.1.0.0/16", "10.1.0.1/16"))
    assert violations(registry) == []
    assert registry.evaluate("document.documentElement.scrollWidth") == 390
    registry.get_by_label("This is the whole registry").check()
    upload(registry, tmp_path / "customers.csv", GOOD)
    expect(registry.get_by_text("1 entry of the registry is not in the file")).to_be_visible()
    assert violations(registry) == []
    assert registry.evaluate("document.documentElement.scrollWidth") == 390

"""Pages of the registry: upload, preview, confirm, export, one network."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tracking.models import ClientNetwork, Customer, RegistryImport
from tracking.registry.csv_reading import MAX_BYTES

HEADER = "number,name,service_class,network\n"
GOOD = HEADER + "C1,PT Satu,premium,198.18.0.0/24\nC2,PT Dua,bulk,198.18.0.128/25\n"
PAGES = ["/registry/", "/registry/export.csv", "/registry/networks/new/"]


@pytest.fixture
def keeper_client(db: None) -> Client:
    user = User.objects.create_user("keeper")
    user.groups.add(Group.objects.get(name="admin"))
    client = Client()
    client.force_login(user)
    return client


def body(response: HttpResponseBase) -> str:
    return b"".join(response).decode()


def upload(client: Client, text: str | bytes, mode: str = "merge") -> HttpResponseBase:
    raw = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile("customers.csv", raw)
    return client.post("/registry/", {"file": file, "mode": mode})


def kept(client: Client, text: str = GOOD, mode: str = "merge") -> str:
    """The URL of the preview of an upload."""
    response = upload(client, text, mode)
    assert response.status_code == 303, body(response)
    return response["Location"]


def digest(page: str) -> str:
    return page.partition('name="digest" value="')[2].partition('"')[0]


@pytest.mark.parametrize("path", PAGES)
def test_it_is_for_administrators(viewer_client: Client, path: str) -> None:
    assert viewer_client.get(path).status_code == 403


def test_a_preview_is_for_administrators(viewer_client: Client, keeper_client: Client) -> None:
    url = kept(keeper_client)
    assert viewer_client.get(url).status_code == 403
    assert viewer_client.post(url, {"digest": "x"}).status_code == 403
    assert viewer_client.post(f"{url}discard/").status_code == 403
    assert RegistryImport.objects.count() == 1


@pytest.mark.parametrize("path", PAGES)
def test_it_opens_without_any_customer(keeper_client: Client, path: str) -> None:
    assert keeper_client.get(path).status_code == 200


def test_it_shows_before_it_does(keeper_client: Client, registry: Customer) -> None:
    url = kept(keeper_client)
    page = body(keeper_client.get(url))
    assert "Takes its addresses from 198.18.0.0/24 of customer C1" in page
    assert "Make 2 changes" in page
    assert not Customer.objects.filter(number="C2").exists()
    response = keeper_client.post(url, {"digest": digest(page)})
    assert (response.status_code, response["Location"]) == (303, url)
    assert "The registry was imported" in body(keeper_client.get(url))
    assert ClientNetwork.objects.count() == 2
    assert "done" in body(keeper_client.get("/registry/"))


def test_it_warns_of_what_goes(keeper_client: Client, registry: Customer) -> None:
    url = kept(keeper_client, HEADER + "C2,PT Dua,bulk,192.0.2.0/24\n", "replace")
    page = body(keeper_client.get(url))
    assert "2 entries of the registry are not in the file and would be removed" in page
    assert "Its addresses are nobody's then." in page


def test_it_does_not_do_what_was_not_shown(keeper_client: Client) -> None:
    url = kept(keeper_client)
    page = body(keeper_client.get(url))
    Customer.objects.create(number="C2", name="PT Lain", service_class="bulk")
    answer = keeper_client.post(url, {"digest": digest(page)}, follow=True)
    assert "The registry has changed meanwhile" in body(answer)
    assert ClientNetwork.objects.count() == 0


def test_it_forgets_what_is_discarded(keeper_client: Client) -> None:
    url = kept(keeper_client)
    assert keeper_client.get(f"{url}discard/").status_code == 405
    assert keeper_client.post(f"{url}discard/").status_code == 303
    assert keeper_client.get(url).status_code == 404
    assert keeper_client.get("/registry/imports/99/").status_code == 404


def test_it_keeps_the_record_of_what_was_done(keeper_client: Client) -> None:
    url = kept(keeper_client)
    keeper_client.post(url, {"digest": digest(body(keeper_client.get(url)))})
    keeper_client.post(f"{url}discard/")
    record = RegistryImport.objects.get()
    assert record.counts is not None
    assert record.counts["network"]["add"] == 2
    assert bytes(record.content) == b""


def test_it_names_mistakes_by_line(keeper_client: Client) -> None:
    response = upload(keeper_client, HEADER + "C1,<b>PT</b>,gold,nonsense\n")
    page = body(response)
    assert response.status_code == 422
    assert "Nothing was imported: 2 problems" in page
    assert "“gold” is no class" in page
    assert "<b>PT</b>" not in page
    assert RegistryImport.objects.count() == 0


@pytest.mark.parametrize("raw", [b"", b"\x00" * 100, b"x" * (MAX_BYTES + 1)])
def test_it_takes_no_other_file(keeper_client: Client, raw: bytes) -> None:
    assert upload(keeper_client, raw).status_code == 422


@pytest.mark.parametrize("data", [{}, {"mode": "x"}, {"file": "text", "mode": "merge"}])
def test_it_says_what_a_form_lacks(keeper_client: Client, data: dict[str, str]) -> None:
    response = keeper_client.post("/registry/", data)
    assert response.status_code == 422
    assert "field-error" in body(response)


def test_it_says_that_there_is_nothing_to_do(keeper_client: Client, registry: Customer) -> None:
    url = kept(keeper_client, HEADER + "C1,PT Satu,premium,198.18.0.0/24\n" * 2)
    page = body(keeper_client.get(url))
    assert "there is nothing to do" in page
    assert "Line 3: 198.18.0.0/24 is on line 2 already." in page


def test_it_shows_changes_page_by_page(keeper_client: Client) -> None:
    lines = "".join(f"C{n},PT {n},bulk,10.0.{n}.0/24\n" for n in range(120))
    url = kept(keeper_client, HEADER + lines)
    first, last = body(keeper_client.get(url)), body(keeper_client.get(f"{url}?page=3"))
    assert "Page 1 of 3" in first
    assert "10.0.119.0/24" not in first
    assert "10.0.119.0/24" in last
    assert keeper_client.get(f"{url}?page=x").status_code == 200


def test_it_exports_what_it_imports(keeper_client: Client, registry: Customer) -> None:
    response = keeper_client.get("/registry/export.csv")
    text = body(response)
    assert response["Content-Type"].startswith("text/csv")
    assert text.startswith("\ufeffnumber,name,service_class,network,note,network_note\r\n")
    url = kept(keeper_client, text, "replace")
    assert "there is nothing to do" in body(keeper_client.get(url))


def test_it_registers_one_network(keeper_client: Client, registry: Customer) -> None:
    page = body(keeper_client.get("/registry/networks/new/?network=192.0.2.0/24"))
    assert 'value="192.0.2.0/24"' in page
    data = {"network": "192.0.2.0/24", "number": "C1", "name": "", "service_class": ""}
    url = keeper_client.post("/registry/networks/new/", data)["Location"]
    keeper_client.post(url, {"digest": digest(body(keeper_client.get(url)))})
    assert ClientNetwork.objects.get(network="192.0.2.0/24").customer == registry


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"network": "192.0.2.1/24"}, "do you mean 192.0.2.0/24?"),
        ({"number": "C9"}, "A new customer needs this."),
        ({"network": ""}, "field-error"),
        ({"service_class": "gold"}, "field-error"),
    ],
)
def test_it_says_what_is_wrong_with_one_network(
    keeper_client: Client, registry: Customer, change: dict[str, str], words: str
) -> None:
    data = {"network": "192.0.2.0/24", "number": "C1", "name": "", "service_class": "", **change}
    response = keeper_client.post("/registry/networks/new/", data)
    assert response.status_code == 422
    assert words in body(response)
    assert RegistryImport.objects.count() == 0


def test_it_takes_as_many_queries_for_twenty_changes_as_for_ten(keeper_client: Client) -> None:
    counts = []
    for size in (10, 20):
        lines = "".join(f"C{n},PT {n},bulk,10.0.{n}.0/24\n" for n in range(size))
        url = kept(keeper_client, HEADER + lines)
        keeper_client.get(url)
        with CaptureQueriesContext(connection) as captured:
            keeper_client.get(url)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 10


def test_it_speaks_indonesian(keeper_client: Client) -> None:
    page = body(keeper_client.get("/registry/", headers={"Accept-Language": "id"}))
    assert "Registri" in page

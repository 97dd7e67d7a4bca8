"""Saved searches: one's own, shared ones, and who may change which."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tracking.models import SavedSearch
from tracking.tests import mail_log

LIST = "/search/saved/"


def client_of(name: str, group: str) -> Client:
    user = User.objects.create_user(name)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def operator_client(db: None) -> Client:
    return client_of("operator", "operator")


@pytest.fixture
def admin_client(db: None) -> Client:
    return client_of("boss", "admin")


def save(client: Client, name: str = "Bounced today", **given: str) -> SavedSearch:
    query = "?disposition=bounced&period=today&before=1-1&columns=time&junk=1"
    response = client.post(LIST, {"name": name, "query": query, **given})
    assert response.status_code == 303
    return SavedSearch.objects.get(name=name)


def test_it_keeps_the_search_and_nothing_else(viewer_client: Client) -> None:
    saved = save(viewer_client)
    assert saved.query == "disposition=bounced&period=today&columns=time"
    page = viewer_client.get(LIST).content.decode()
    assert 'href="/search/?disposition=bounced&amp;period=today&amp;columns=time"' in page
    assert "Bounced today" in viewer_client.get("/search/").content.decode()


def test_it_keeps_a_search_to_its_owner(viewer_client: Client, operator_client: Client) -> None:
    saved = save(viewer_client)
    assert "Bounced today" not in operator_client.get(LIST).content.decode()
    for path in (f"{LIST}{saved.pk}/", f"{LIST}{saved.pk}/delete/"):
        assert operator_client.post(path, {"name": "Mine"}).status_code == 404
    assert SavedSearch.objects.get().name == "Bounced today"


def test_it_shares_a_search_of_who_may_share(
    viewer_client: Client, operator_client: Client, admin_client: Client
) -> None:
    saved = save(operator_client, is_shared="on")
    assert saved.is_shared
    page = viewer_client.get(LIST).content.decode()
    assert "shared by operator" in page
    assert f"{LIST}{saved.pk}/" not in page
    assert viewer_client.post(f"{LIST}{saved.pk}/delete/").status_code == 404
    assert admin_client.post(f"{LIST}{saved.pk}/delete/").status_code == 303
    assert not SavedSearch.objects.exists()


def test_it_lets_a_viewer_share_nothing(viewer_client: Client) -> None:
    assert not save(viewer_client, is_shared="on").is_shared
    assert "For everybody" not in viewer_client.get("/search/").content.decode()


def test_it_renames(viewer_client: Client) -> None:
    saved = save(viewer_client)
    assert "Bounced today" in viewer_client.get(f"{LIST}{saved.pk}/").content.decode()
    response = viewer_client.post(f"{LIST}{saved.pk}/", {"name": "Other", "query": "q=x"})
    assert response.status_code == 303
    saved.refresh_from_db()
    assert (saved.name, saved.query[:11]) == ("Other", "disposition")


def test_it_deletes_by_post_only(viewer_client: Client) -> None:
    saved = save(viewer_client)
    assert viewer_client.get(f"{LIST}{saved.pk}/delete/").status_code == 405
    assert viewer_client.post(f"{LIST}{saved.pk}/delete/").status_code == 303
    assert viewer_client.post(f"{LIST}{saved.pk}/delete/").status_code == 404


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "", "query": "?q=x"}, "This field is required"),
        ({"name": "Bounced today", "query": "?dsn=5"}, "You have a saved search of this name"),
        ({"name": "x", "query": "?dsn=nonsense"}, "no search that can be saved"),
        ({"name": "x", "query": "?virus=" + "y" * 5000}, "no search that can be saved"),
        ({"name": "x" * 81, "query": "?dsn=5"}, "at most 80 characters"),
    ],
)
def test_it_says_what_is_wrong(viewer_client: Client, given: dict[str, str], words: str) -> None:
    save(viewer_client)
    response = viewer_client.post(LIST, given)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert SavedSearch.objects.count() == 1


def test_it_is_for_those_who_may_search(stranger_client: Client, client: Client) -> None:
    assert stranger_client.get(LIST).status_code == 403
    assert stranger_client.post(LIST, {"name": "x"}).status_code == 403
    assert client.get(LIST).status_code == 302


def test_it_says_how_to_save_the_first(viewer_client: Client) -> None:
    assert "No search is saved yet" in viewer_client.get(LIST).content.decode()


@pytest.mark.usefixtures("mail")
def test_it_shows_the_columns_asked_for(viewer_client: Client) -> None:
    path = f"/search/?since={mail_log.SINCE}&until={mail_log.UNTIL}"
    usual = viewer_client.get(path).content.decode()
    assert '<th scope="col">Path</th>' in usual
    assert '<th scope="col">Client</th>' not in usual
    chosen = viewer_client.get(path + "&columns=client&columns=mail&columns=junk").content.decode()
    assert '<th scope="col">Client</th>' in chosen
    assert '<th scope="col">Path</th>' not in chosen
    assert '<input type="hidden" name="columns" value="client">' in chosen


@pytest.mark.usefixtures("mail")
def test_it_writes_the_columns_asked_for_to_files(viewer_client: Client) -> None:
    given = f"?since={mail_log.SINCE}&until={mail_log.UNTIL}&columns=size&columns=time"
    lines = viewer_client.get("/search/export.csv" + given).getvalue().decode().splitlines()
    assert lines[0] == "first_seen,size_bytes"
    assert len(lines) == 7
    line = viewer_client.get("/search/export.ndjson" + given).getvalue().decode().splitlines()[0]
    assert '"size_bytes":' in line
    assert "recipient" not in line

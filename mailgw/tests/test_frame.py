"""The frame around every page: login, errors, languages, and a policy without inline code."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.utils import translation

from mailgw.views import server_error

# What a strict Content-Security-Policy would refuse.
INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\s(?:style|on[a-z]+)\s*=", re.IGNORECASE)


@pytest.fixture
def user_client(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("dewi"))
    return client


@pytest.mark.django_db
def test_it_asks_a_guest_to_log_in(client: Client) -> None:
    response = client.get("/status/")
    assert response.status_code == 302
    page = client.get(response["Location"]).content.decode()
    assert 'name="username"' in page
    assert 'value="/status/"' in page
    assert "console-nav" not in page


@pytest.mark.django_db
def test_it_says_that_a_login_failed(client: Client) -> None:
    page = client.post("/accounts/login/", {"username": "dewi", "password": "wrong"})
    assert 'role="alert"' in page.content.decode()


def test_it_asks_nobody_to_log_in_twice(user_client: Client) -> None:
    response = user_client.get("/accounts/login/", {"next": "/status/"})
    assert response["Location"] == "/status/"


def test_it_leads_back_from_a_page_that_does_not_exist(user_client: Client) -> None:
    response = user_client.get("/no-such-page/")
    assert response.status_code == 404
    page = response.content.decode()
    assert page.count("<h1") == 1
    assert 'class="skip-link" href="#content"' in page


def test_it_shows_a_failure_without_asking_the_database(rf: RequestFactory) -> None:
    with translation.override("id"):
        response = server_error(rf.get("/"))
    assert response.status_code == 500
    assert b'<html lang="id">' in response.content
    assert b"Tidak ada yang hilang" in response.content


def test_it_speaks_the_chosen_language(user_client: Client) -> None:
    response = user_client.post("/i18n/setlang/", {"language": "id", "next": "/status/"})
    assert response.status_code == 302
    page = user_client.get("/status/").content.decode()
    assert '<html lang="id">' in page
    assert "Lewati ke isi" in page
    assert ">English</button>" in page, "a language is offered under its own name"


def test_it_puts_the_text_searched_for_back_into_the_box(user_client: Client) -> None:
    page = user_client.get("/no-such-page/", {"q": '"><b>x'}).content.decode()
    assert ">&quot;&gt;&lt;b&gt;x</textarea>" in page


@pytest.mark.parametrize("path", ["/status/", "/search/", "/rejections/", "/no-such-page/"])
def test_it_keeps_code_and_style_out_of_the_page(path: str, user_client: Client) -> None:
    response = user_client.get(path)
    assert INLINE.findall(response.content.decode()) == []
    assert "default-src 'self'" in response["Content-Security-Policy"]

"""Whatever stands in a parameter of the API: an answer, or a 400 that names the parameter."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote_plus

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tracking.filters import DeliveryFilterSet, RejectionFilterSet
from tracking.pagination import PARAMETERS

PLACES = [*PARAMETERS, "format", "no_such_filter"]
LISTS = [
    ("trace", ["q"]),
    ("deliveries", [*DeliveryFilterSet.base_filters, *PLACES]),
    ("rejections", RejectionFilterSet.base_filters),
]
HOSTILE = [
    "%00",
    "a%00b",
    "%ED%A0%80",
    "9" * 40,
    "1e400",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00%2B14:00",
    "9999-12-31T23:59:59-12:00",
    "10000-01-01T00:00:00Z",
    quote_plus("';SELECT pg_sleep(9)--"),
    quote_plus("%_\\*%_\\"),
    "*" * 200,
    quote_plus("\u202e٣²\U0001f4a9" * 50),
    "x" * 1_000_000,
]


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize(("path", "names"), LISTS)
def test_it_names_the_parameter_that_it_cannot_take(
    viewer_client: Client, path: str, names: Iterable[str]
) -> None:
    for name in names:
        for value in HOSTILE:
            answer = viewer_client.get(f"/api/v1/{path}/?{name}={value}")
            assert answer.status_code in {200, 400}, (name, value[:50])
            if answer.status_code == 400:
                assert name in answer.json(), (name, value[:50], answer.json())


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["x", "messages/-1/", "messages/1/lines/x/", "messages/%00/", ""])
def test_it_tells_scripts_in_json_that_there_is_nothing(viewer_client: Client, path: str) -> None:
    answer = viewer_client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert list(answer.json()) == ["detail"]


@pytest.mark.django_db
def test_it_wants_a_csrf_token_of_a_session(viewer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(viewer)
    answer = client.post("/api/v1/trace/", "x@example.com", content_type="text/plain")
    assert (answer.status_code, list(answer.json())) == (403, ["detail"])

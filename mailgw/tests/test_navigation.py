"""The menu shows what the user may open."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.test import RequestFactory

from mailgw.navigation import visible_items


@pytest.mark.django_db
def test_it_hides_pages_that_the_user_may_not_open(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = User.objects.create_user("viewer")
    assert "/status/" not in {item.url for item in visible_items(request)}
    request.user.user_permissions.add(Permission.objects.get(codename="view_logsource"))
    request.user = User.objects.get(username="viewer")
    assert "/status/" in {item.url for item in visible_items(request)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/", {"/": "page"}),
        ("/status/", {"/status/": "page"}),
        ("/alerts/rules/", {"/alerts/": "true"}),
        ("/search/saved/", {"/search/saved/": "page"}),
        ("/search/saved/7/", {"/search/saved/": "true"}),
        ("/nowhere/", {}),
    ],
)
def test_it_marks_the_page_that_is_open_or_the_one_above_it(
    rf: RequestFactory, path: str, marked: dict[str, str]
) -> None:
    request = rf.get(path)
    request.user = User.objects.create_superuser("admin")
    found = {item.url: item.current for item in visible_items(request) if item.current}
    assert found == marked


def test_it_is_empty_before_login(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    assert visible_items(request) == []

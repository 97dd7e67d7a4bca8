"""What the groups of people may see."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["helpdesk", "senior", "auditor"])
def test_who_works_with_held_mail_sees_what_became_of_mail(name: str) -> None:
    user = User.objects.create_user("hana")
    user.groups.add(Group.objects.get(name=name))
    client = Client()
    client.force_login(user)
    for page in ("/", "/search/", "/rejections/", "/status/", "/quarantine/"):
        assert client.get(page).status_code == 200, page

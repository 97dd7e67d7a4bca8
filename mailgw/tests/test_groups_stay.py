"""Groups are there for every test, whatever ran before it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "after the database was emptied"])
def test_groups_are_there(turn: str) -> None:
    permissions = Group.objects.get(name="viewer").permissions
    assert permissions.filter(codename="view_message").exists(), turn

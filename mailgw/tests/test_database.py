"""What migrations wrote is there for every test, whatever ran before it, and nothing else."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User

from quarantine import audit
from quarantine.choices import Outcome, Verb
from quarantine.models import QuarantineAction
from tracking.models import Delivery, Provider
from tracking.tests import mail_log
from tracking.tests.support import ingest


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "after a test that commits"])
def test_it_is_as_migrations_left_it(turn: str) -> None:
    viewers = Group.objects.get(name="viewer")
    assert viewers.permissions.filter(codename="view_message").exists(), turn
    assert Provider.objects.filter(name="Google").exists()
    assert not User.objects.exists()
    assert not Delivery.objects.exists()
    assert not QuarantineAction.objects.exists()
    ingest(mail_log.WHOLE)
    audit.append(audit.Entry(audit.Who("dewi", None), Verb.RELEASE, Outcome.DONE))
    User.objects.create_user("viewer").groups.add(viewers)
    viewers.delete()
    Provider.objects.all().delete()

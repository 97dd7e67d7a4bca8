"""A mail that turns out to be a release from quarantine is counted as one, and not twice."""

from __future__ import annotations

import pytest
from django.db.models import Sum

from stats.models import TrafficHour
from stats.rollups import roll_up
from stats.verification import differences, known_hours
from tracking.choices import MessageKind
from tracking.ingest.store.relating import tie_release
from tracking.models import Message
from tracking.tests import mail_log
from tracking.tests.support import ingest

pytestmark = pytest.mark.django_db


def figures() -> dict[int, int]:
    found = TrafficHour.objects.values_list("kind").annotate(Sum("messages")).order_by("kind")
    return dict(found)


def test_its_figures_move_from_mail_to_releases() -> None:
    stamp = f"{mail_log.DAY}T03:50:00+00:00"
    ingest(mail_log.one_mail("3B1B2C4D5E", stamp=stamp))
    ingest(mail_log.one_mail("3B1B2C4D5F", stamp=stamp), "second")
    roll_up()
    assert figures() == {MessageKind.MAIL: 2}
    first, second = Message.objects.order_by("pk").values_list("pk", flat=True)
    assert tie_release(second, first)
    assert not tie_release(second, first)
    roll_up()
    assert figures() == {MessageKind.MAIL: 1, MessageKind.RELEASE: 1}
    assert [item for hour in known_hours() for item in differences(hour)] == []

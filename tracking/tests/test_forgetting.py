"""What a log begins and never ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracking.tests.mail_log import one_mail
from tracking.tests.support import deliveries, ingest

LOG = Path(__file__).parent / "logs" / "84_nobody_wants_to_be_told.log"


def ending_of(queue_id: str) -> str:
    found = [row["disposition"] for row in deliveries() if row["hops"] == [["smtp-ext", queue_id]]]
    assert len(found) == 1
    return str(found[0])


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "ending"), [(10, "queued"), (20, "discarded")])
def test_a_notification_that_was_never_sent_does_not_wait_for_days(
    minutes: int, ending: str
) -> None:
    ingest(LOG.read_bytes())
    later = f"2026-11-24T23:{23 + minutes}:59.000000+00:00"
    ingest(one_mail("4A1B2C4D5E", host="smtp-ext", stamp=later))
    assert ending_of("4FFFF2BA573") == ending


@pytest.mark.django_db
def test_a_mail_that_nothing_is_heard_of_goes_on_waiting() -> None:
    ingest(LOG.read_bytes().splitlines(keepends=True)[0])
    ingest(one_mail("4A1B2C4D5E", host="smtp-ext", stamp="2026-11-24T23:59:00.000000+00:00"))
    assert ending_of("44B592BA5C5") == "queued"

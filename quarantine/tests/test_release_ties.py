"""A release is tied to the mail that it was: counted apart, and each story leads to the other."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from quarantine.models import Release
from quarantine.release_ties import tie_releases
from quarantine.services.release import Wish, release_messages
from quarantine.services.results import Actor
from quarantine.sync import sync_source
from quarantine.tests.smtp_server import Handler
from quarantine.tests.support import held_one, make_source, unpack_spool
from quarantine.tests.test_following import BOTH, QUEUE_ID, log_of_delivery
from tracking.answers import answer_for
from tracking.choices import MessageKind
from tracking.models import Message
from tracking.selectors.story import message_story
from tracking.tests.support import ingest, unpack

pytestmark = pytest.mark.django_db


def log_of_arrival(at: datetime, quarantine_id: str) -> str:
    """As PMG writes it: in, through the filter, and into its spool."""
    filter_id = "21C0FF6B0553DEC02D8"
    lines = (
        "postfix/smtpd[3]: 4CB1A2308FC: client=mx.example.net[192.0.2.7]",
        "postfix/cleanup[4]: 4CB1A2308FC: message-id=<m1@example.net>",
        "postfix/qmgr[5]: 4CB1A2308FC: from=<sender@example.net>, size=900, nrcpt=2 (queue active)",
        *(
            f"pmg-smtp-filter[6]: {filter_id}: moved mail for <{name}> to spam quarantine"
            f" - {quarantine_id} (rule: Block Spam)"
            for name in BOTH
        ),
        f"pmg-smtp-filter[6]: {filter_id}: processing time: 0.1 seconds (0, 0, 0)",
        *(
            f"postfix/lmtp[7]: 4CB1A2308FC: to=<{name}>, relay=127.0.0.1[127.0.0.1]:10024,"
            f" delay=1, delays=0/0/0/1, dsn=2.5.0, status=sent (250 2.5.0 OK ({filter_id}))"
            for name in BOTH
        ),
        "postfix/qmgr[5]: 4CB1A2308FC: removed",
    )
    stamp = at.isoformat(timespec="microseconds")
    return "".join(f"{stamp} mx1 {line}\n" for line in lines)


@pytest.fixture
def release(tmp_path: Path, next_hop: Handler, senior: Actor) -> Release:
    """Released by SMTP, and both its coming and its going are in the log."""
    held = held_one(tmp_path, release_to=f"127.0.0.1:{next_hop.port}")
    ingest(log_of_arrival(held.received_at, held.quarantine_id))
    sync_source(held.source)
    release_messages([held.pk], senior, Wish("x"))
    release = Release.objects.get()
    ingest(log_of_delivery(release.started_at + timedelta(seconds=2)), "later")
    return release


def kinds() -> list[int]:
    return list(Message.objects.order_by("received_at").values_list("kind", flat=True))


def test_a_plain_smtp_release_becomes_a_release_in_tracking(release: Release) -> None:
    assert kinds() == [MessageKind.MAIL, MessageKind.MAIL]
    assert tie_releases() == 1
    assert tie_releases() == 0
    assert kinds() == [MessageKind.MAIL, MessageKind.RELEASE]


def test_lines_that_follow_leave_it_a_release(release: Release) -> None:
    tie_releases()
    ingest(
        f"{(release.started_at + timedelta(minutes=5)).isoformat(timespec='microseconds')}"
        f" mx1 postfix/qmgr[9]: {QUEUE_ID}: removed\n",
        "last",
    )
    assert kinds() == [MessageKind.MAIL, MessageKind.RELEASE]


def test_the_stories_lead_to_each_other(release: Release) -> None:
    tie_releases()
    release.refresh_from_db()
    original, copy = Message.objects.order_by("received_at").values_list("pk", flat=True)
    assert release.messages == [copy]
    story = message_story(original)
    assert story is not None
    (related,) = story.notifications
    assert [(item.recipient, item.smtp_reply) for item in related.deliveries] == [
        (BOTH[0], "250 2.0.0 Ok: kept"),
        (BOTH[1], "host said: 452 4.2.2 full"),
    ]
    back = message_story(copy)
    assert back is not None
    assert back.about is not None
    assert back.about.id == original


def test_the_answer_says_that_it_was_released_and_delivered(release: Release) -> None:
    tie_releases()
    story = message_story(Message.objects.earliest("received_at").pk)
    assert story is not None
    first, second = (answer_for(story, item) for item in story.recipients)
    assert first.reason.code == "DELIVERED_REMOTE"
    assert "Put it in quarantine. Released it on" in first.deed
    assert "to mx.example.com[198.51.100.1]:25" in first.deed
    assert first.words == "250 2.0.0 Ok: kept"
    assert "we try again" in second.deed


def test_the_pages_show_both(release: Release, admin_client: Client) -> None:
    tie_releases()
    original, copy = Message.objects.order_by("received_at").values_list("pk", flat=True)
    page = admin_client.get(f"/messages/{original}/").content.decode()
    assert f"/messages/{copy}/" in page
    assert "250 2.0.0 Ok: kept" in page
    page = admin_client.get(f"/messages/{copy}/").content.decode()
    assert "was released from quarantine" in page
    assert f"/messages/{original}/" in page


def test_a_foreign_mail_with_the_same_queue_id_is_not_the_release(
    tmp_path: Path, next_hop: Handler, senior: Actor
) -> None:
    held = held_one(tmp_path, release_to=f"127.0.0.1:{next_hop.port}")
    release_messages([held.pk], senior, Wish("x"))
    at = Release.objects.get().started_at
    ingest(log_of_delivery(at).replace("m1@example.net", "other@example.net"))
    assert tie_releases() == 0
    assert kinds() == [MessageKind.MAIL]


def test_what_pmg_released_by_itself_is_tied_by_its_log(tmp_path: Path) -> None:
    ingest(unpack("pmg/syslog.xz"), "pmg")
    sync_source(make_source(unpack_spool(tmp_path)))
    before = Message.objects.filter(kind=MessageKind.RELEASE, related_id=None).count()
    assert before > 0
    assert tie_releases() > 0
    left = Message.objects.filter(kind=MessageKind.RELEASE, related_id=None).count()
    assert left < before
    assert tie_releases() == 0

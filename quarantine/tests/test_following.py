"""After a release the console follows the new queue id through the log."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from quarantine.choices import HeldState
from quarantine.following import release_fates, seen_after
from quarantine.models import QuarantinedMessage, Release
from quarantine.services.release import Wish, release_messages
from quarantine.services.results import Actor
from quarantine.sync import sync_source
from quarantine.tests.smtp_server import Handler, smtp_server
from quarantine.tests.support import held_one, make_source, unpack_spool
from tracking.choices import Disposition
from tracking.tests.support import ingest, unpack

pytestmark = pytest.mark.django_db
QUEUE_ID = "4jYgJL1tdfzDWd9"
BOTH = ["alice@example.com", "bruno@example.com"]


def log_of_delivery(at: datetime) -> str:
    lines = (
        f"smtpd[7]: {QUEUE_ID}: client=localhost[127.0.0.1]",
        f"cleanup[8]: {QUEUE_ID}: message-id=<m1@example.net>",
        f"qmgr[9]: {QUEUE_ID}: from=<sender@example.net>, size=1000, nrcpt=2 (queue active)",
        f"smtp[10]: {QUEUE_ID}: to=<{BOTH[0]}>, relay=mx.example.com[198.51.100.1]:25, delay=0.2,"
        " delays=0/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: kept)",
        f"smtp[10]: {QUEUE_ID}: to=<{BOTH[1]}>, relay=mx.example.com[198.51.100.1]:25, delay=0.2,"
        " delays=0/0/0.1/0.1, dsn=4.2.2, status=deferred (host said: 452 4.2.2 full)",
    )
    stamp = at.isoformat(timespec="microseconds")
    return "".join(f"{stamp} mx1 postfix/{line}\n" for line in lines)


@pytest.fixture
def release(tmp_path: Path, next_hop: Handler, senior: Actor) -> Release:
    held = held_one(tmp_path, release_to=f"127.0.0.1:{next_hop.port}")
    release_messages([held.pk], senior, Wish("x"))
    return Release.objects.get()


def test_it_shows_what_the_log_says_of_each_recipient(release: Release) -> None:
    before = release_fates(release)
    assert [(fate.queue_id, fate.disposition) for fate in before] == [(QUEUE_ID, None)] * 2
    ingest(log_of_delivery(release.started_at + timedelta(seconds=2)))
    first, second = release_fates(release)
    assert first.disposition == Disposition.DELIVERED
    assert first.relay == "mx.example.com[198.51.100.1]:25"
    assert first.smtp_reply == "250 2.0.0 Ok: kept"
    assert first.at is not None
    assert first.message is not None
    assert second.disposition == Disposition.DEFERRED


def test_an_older_life_of_the_queue_id_is_not_the_release(release: Release) -> None:
    ingest(log_of_delivery(release.started_at - timedelta(days=3)))
    assert {fate.disposition for fate in release_fates(release)} == {None}


def test_of_an_uncertain_release_it_shows_what_may_be_it(tmp_path: Path, senior: Actor) -> None:
    with smtp_server(is_dropping=True) as handler:
        held = held_one(tmp_path, release_to=f"127.0.0.1:{handler.port}")
        release_messages([held.pk], senior, Wish("x"))
    release = Release.objects.get()
    ingest(log_of_delivery(release.started_at - timedelta(hours=1)))
    assert seen_after(release) == []
    ingest(log_of_delivery(release.started_at + timedelta(seconds=1)), "later")
    assert len(seen_after(release)) == 1


def test_who_was_refused_is_not_looked_for(tmp_path: Path, senior: Actor) -> None:
    with smtp_server(refused={BOTH[0]: "550 5.1.1 no"}) as handler:
        held = held_one(tmp_path, release_to=f"127.0.0.1:{handler.port}")
        release_messages([held.pk], senior, Wish("x"))
    release = Release.objects.get()
    ingest(log_of_delivery(release.started_at))
    refused, taken = release_fates(release)
    assert (refused.is_accepted, refused.disposition) == (False, None)
    assert taken.disposition == Disposition.DEFERRED


def test_without_a_queue_id_the_filters_log_names_the_file(tmp_path: Path) -> None:
    """As PMG releases: its own line names the file and, five seconds around it, the mail."""
    ingest(unpack("pmg/syslog.xz"), "pmg")
    source = make_source(unpack_spool(tmp_path))
    sync_source(source)
    held = QuarantinedMessage.objects.get(quarantine_id="21C0706B0553E73E0C3")
    assert held.state == HeldState.RELEASED
    release = Release.objects.create(
        held=held,
        recipients=held.recipients,
        actor="x",
        reason="x",
        batch="00000000-0000-0000-0000-000000000001",
        started_at=held.state_changed_at,
        step="ended",
        replies=[["a@outside.test", True, "PMG delivered it", ""]],
    )
    (fate,) = release_fates(release)
    assert fate.disposition == Disposition.DELIVERED
    assert fate.smtp_reply.startswith("250")

"""Deletion can be taken back for a while, and is final after it; retention deletes by kind."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from quarantine import audit
from quarantine.backends.pmg_spool import PmgSpool
from quarantine.choices import HeldState, Outcome, Verb
from quarantine.models import QuarantineAction, QuarantinedMessage
from quarantine.services.deletion import delete_messages, purge_deleted, restore_messages
from quarantine.services.release import Wish, release_messages
from quarantine.services.results import Actor, BadInput
from quarantine.services.retention import prune
from quarantine.sync import sync_source
from quarantine.tests.smtp_server import Handler
from quarantine.tests.support import held_one, hold, make_source
from tracking.models import QuarantineDeletion

pytestmark = pytest.mark.django_db
NAME = "21C0366B0553DEC02D8"


@pytest.fixture
def held(tmp_path: Path) -> QuarantinedMessage:
    return held_one(tmp_path, NAME)


@pytest.fixture
def file(tmp_path: Path, held: QuarantinedMessage) -> Path:
    return tmp_path / "spam" / "D8" / NAME


def state(held: QuarantinedMessage) -> str:
    held.refresh_from_db()
    return held.state


def make_due(held: QuarantinedMessage) -> None:
    past = timezone.now() - timedelta(seconds=1)
    QuarantinedMessage.objects.filter(pk=held.pk).update(delete_after=past)


def test_a_deletion_can_be_taken_back(
    held: QuarantinedMessage, file: Path, senior: Actor, settings: Settings
) -> None:
    settings.QUARANTINE_UNDELETE_HOURS = 5
    assert delete_messages([held.pk], senior, "junk")[0].outcome == Outcome.DONE
    assert state(held) == HeldState.DELETED
    assert held.delete_after is not None
    assert timedelta(hours=4) < held.delete_after - timezone.now() <= timedelta(hours=5)
    assert purge_deleted() == []
    assert file.exists()
    assert restore_messages([held.pk], senior, "mistake")[0].outcome == Outcome.DONE
    assert state(held) == HeldState.HELD
    assert QuarantinedMessage.objects.get().delete_after is None
    verbs = QuarantineAction.objects.order_by("number").values_list("verb", "reason")
    assert list(verbs) == [("delete", "junk"), ("restore", "mistake")]


def test_a_second_time_it_says_so(held: QuarantinedMessage, senior: Actor) -> None:
    outcomes = [delete_messages([held.pk], senior, "x")[0].outcome for _ in range(2)]
    assert outcomes == [Outcome.DONE, Outcome.ALREADY]
    outcomes = [restore_messages([held.pk], senior, "x")[0].outcome for _ in range(2)]
    assert outcomes == [Outcome.DONE, Outcome.ALREADY]
    assert delete_messages([0], senior, "x")[0].outcome == Outcome.FAILED
    with pytest.raises(BadInput):
        delete_messages([held.pk], senior, "")


def test_deleted_mail_is_not_released(
    held: QuarantinedMessage, senior: Actor, next_hop: Handler
) -> None:
    held.source.release_to = f"127.0.0.1:{next_hop.port}"
    held.source.save()
    delete_messages([held.pk], senior, "x")
    assert release_messages([held.pk], senior, Wish("x"))[0].outcome == Outcome.FAILED
    restore_messages([held.pk], senior, "x")
    release_messages([held.pk], senior, Wish("x"))
    assert delete_messages([held.pk], senior, "x")[0].outcome == Outcome.FAILED
    assert len(next_hop.taken) == 1


def test_helpdesk_may_not_delete(held: QuarantinedMessage, helpdesk: Actor) -> None:
    assert delete_messages([held.pk], helpdesk, "x")[0].outcome == Outcome.REFUSED
    assert restore_messages([held.pk], helpdesk, "x")[0].outcome == Outcome.REFUSED
    assert state(held) == HeldState.HELD


def test_after_its_time_it_is_final(held: QuarantinedMessage, file: Path, senior: Actor) -> None:
    delete_messages([held.pk], senior, "x")
    make_due(held)
    assert [item.outcome for item in purge_deleted()] == [Outcome.DONE]
    assert not file.exists()
    assert state(held) == HeldState.GONE
    assert restore_messages([held.pk], senior, "x")[0].outcome == Outcome.FAILED
    purges = QuarantineAction.objects.filter(verb="purge").order_by("number")
    assert [row.outcome for row in purges] == ["intent", "done"]
    assert sync_source(held.source).back == 0


def test_a_filter_that_does_not_answer_is_asked_again(
    held: QuarantinedMessage, tmp_path: Path, senior: Actor
) -> None:
    delete_messages([held.pk], senior, "x")
    make_due(held)
    held.source.location = str(tmp_path / "nowhere")
    held.source.save()
    assert [item.outcome for item in purge_deleted()] == [Outcome.FAILED]
    assert state(held) == HeldState.DELETED
    assert held.delete_after is not None
    assert held.delete_after > timezone.now()


class Killed(BaseException):
    """The process dies here."""


def test_a_purge_that_died_is_done_again(
    held: QuarantinedMessage, file: Path, senior: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*_args: object) -> None:
        raise Killed

    delete_messages([held.pk], senior, "x")
    make_due(held)
    with monkeypatch.context() as patch:
        patch.setattr(PmgSpool, "delete", dying)
        with pytest.raises(Killed):
            purge_deleted()
    assert state(held) == HeldState.DELETING
    purge_deleted()
    assert state(held) == HeldState.GONE
    assert not file.exists()


def test_a_spool_blocks_no_sender_and_says_so(held: QuarantinedMessage, senior: Actor) -> None:
    (outcome,) = delete_messages([held.pk], senior, "x", is_sender_blocked=True)
    assert outcome.outcome == Outcome.DONE
    assert "sender is not blocked" in outcome.text
    rows = QuarantineAction.objects.filter(verb="block_sender")
    assert {row.outcome for row in rows} == {"failed"}


def test_retention_deletes_by_kind_and_says_before_what_it_would(
    tmp_path: Path, settings: Settings
) -> None:
    hold(tmp_path, NAME)
    hold(tmp_path, "21C0AA6B0553DEC02AA", kind="virus")
    sync_source(make_source(tmp_path))
    old = timezone.now() - timedelta(days=20)
    QuarantinedMessage.objects.update(received_at=old)
    settings.QUARANTINE_KEEP_DAYS = {"spam": 14, "virus": 30}
    output = StringIO()
    call_command("prune_quarantine", "--dry-run", stdout=output)
    found = {row["what"]: row["mails"] for row in map(json.loads, output.getvalue().splitlines())}
    assert found == {"spam": 1, "virus": 0, "records": 0}
    assert not QuarantinedMessage.objects.filter(state=HeldState.DELETED).exists()
    call_command("prune_quarantine", stdout=StringIO())
    (deleted,) = QuarantinedMessage.objects.filter(state=HeldState.DELETED)
    assert deleted.quarantine_id == NAME
    assert QuarantineAction.objects.get().reason == "spam is kept 14 days"


def test_nothing_is_pruned_unless_it_is_configured(
    held: QuarantinedMessage, settings: Settings
) -> None:
    QuarantinedMessage.objects.update(received_at=timezone.now() - timedelta(days=9999))
    settings.QUARANTINE_RECORD_DAYS = 0
    assert prune(is_dry_run=False) == []
    assert state(held) == HeldState.HELD


def test_old_records_go_and_their_files_do_not_come_back(
    held: QuarantinedMessage, file: Path, settings: Settings
) -> None:
    old = timezone.now() - timedelta(days=400)
    QuarantinedMessage.objects.update(
        received_at=old, state_changed_at=old, state=HeldState.RELEASED
    )
    audit.append(audit.Entry(audit.SYSTEM, Verb.NOTICE, Outcome.DONE, audit.about(held)))
    settings.QUARANTINE_RECORD_DAYS = 365
    (due,) = prune(is_dry_run=False)
    assert (due.mails, due.failed) == (1, 0)
    assert not QuarantinedMessage.objects.exists()
    assert not file.exists()
    assert QuarantineAction.objects.count() == 1


def test_what_a_log_told_of_deletions_goes_with_its_mail(
    held: QuarantinedMessage, settings: Settings
) -> None:
    old, settings.QUARANTINE_RECORD_DAYS = timezone.now() - timedelta(days=400), 365
    for name, at in ((held.quarantine_id, old), ("GONE", old), ("NEW", timezone.now())):
        QuarantineDeletion.objects.create(
            host="pmg", quarantine_id=name, recipient="a@example.com", at=at
        )
    prune(is_dry_run=True)
    assert QuarantineDeletion.objects.count() == 3
    prune(is_dry_run=False)
    left = QuarantineDeletion.objects.values_list("quarantine_id", flat=True)
    assert set(left) == {held.quarantine_id, "NEW"}

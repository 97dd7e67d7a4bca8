"""Two keys: one asks, another decides, the first one is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from quarantine.backends.base import ItemGone
from quarantine.choices import HeldState, Outcome, ReleaseStep, RequestState
from quarantine.faults import explained
from quarantine.models import QuarantineAction, QuarantinedMessage, Release, ReleaseRequest
from quarantine.services.deletion import delete_messages
from quarantine.services.release import (
    VIRUS_CONFIRMATION,
    Wish,
    release_messages,
    resolve_uncertain,
    resume_releases,
)
from quarantine.services.requests import (
    approve_request,
    refuse_request,
    request_release,
    withdraw_request,
)
from quarantine.services.results import Actor, BadInput, NotAllowed
from quarantine.services.viewing import download, view_body
from quarantine.sync import sync_source
from quarantine.telling import (
    mail_answer,
    mail_answers_left,
    mark_answers_seen,
    unseen_answers,
)
from quarantine.tests.conftest import HELPDESK, SENIOR
from quarantine.tests.smtp_server import Handler
from quarantine.tests.support import MAIL, held_one

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(tmp_path: Path, next_hop: Handler) -> QuarantinedMessage:
    return held_one(tmp_path, release_to=f"127.0.0.1:{next_hop.port}")


@pytest.fixture
def request_id(held: QuarantinedMessage, helpdesk: Actor) -> int:
    assert request_release([held.pk], helpdesk, "he waits for it")[0].outcome == Outcome.DONE
    return ReleaseRequest.objects.get().pk


def test_an_approved_request_is_released_by_the_second_key(
    request_id: int, held: QuarantinedMessage, senior: Actor, next_hop: Handler
) -> None:
    assert approve_request(request_id, senior, "known sender").outcome == Outcome.DONE
    held.refresh_from_db()
    assert held.state == HeldState.RELEASED
    assert len(next_hop.taken) == 1
    trail = QuarantineAction.objects.order_by("number").values_list("actor", "verb", "outcome")
    assert list(dict.fromkeys(trail)) == [
        ("hana", "request", "done"),
        ("sari", "approve", "done"),
        ("sari", "release", "intent"),
        ("sari", "release", "done"),
    ]
    reason = QuarantineAction.objects.latest("number").reason
    assert "known sender" in reason
    assert "hana: he waits for it" in reason


def test_nobody_decides_on_his_own_request(
    held: QuarantinedMessage, senior: Actor, next_hop: Handler
) -> None:
    request_release([held.pk], senior, "x")
    pk = ReleaseRequest.objects.get().pk
    assert approve_request(pk, senior, "x").outcome == Outcome.REFUSED
    assert refuse_request(pk, senior, "x").outcome == Outcome.REFUSED
    assert next_hop.taken == []
    assert withdraw_request(pk, senior).outcome == Outcome.DONE


def test_helpdesk_does_not_decide(
    request_id: int, make_actor: Callable[..., Actor], next_hop: Handler
) -> None:
    colleague = make_actor("kolega", HELPDESK)
    assert approve_request(request_id, colleague, "x").outcome == Outcome.REFUSED
    assert withdraw_request(request_id, colleague).outcome == Outcome.FAILED
    assert next_hop.taken == []


def test_the_first_decision_counts(request_id: int, senior: Actor, next_hop: Handler) -> None:
    assert refuse_request(request_id, senior, "phishing").outcome == Outcome.DONE
    assert approve_request(request_id, senior, "x").outcome == Outcome.ALREADY
    assert next_hop.taken == []


def test_a_mail_is_asked_for_once_at_a_time(
    request_id: int, held: QuarantinedMessage, helpdesk: Actor, senior: Actor
) -> None:
    assert request_release([held.pk], helpdesk, "again")[0].outcome == Outcome.ALREADY
    refuse_request(request_id, senior, "no")
    assert request_release([held.pk], helpdesk, "again")[0].outcome == Outcome.DONE


@pytest.mark.parametrize("recipients", [[], ["x@example.org"]])
def test_only_recipients_are_asked_for(
    held: QuarantinedMessage, helpdesk: Actor, recipients: list[str]
) -> None:
    assert request_release([held.pk], helpdesk, "x", recipients)[0].outcome == Outcome.FAILED


def test_a_virus_is_approved_by_an_admin_who_types_it(
    request_id: int, held: QuarantinedMessage, senior: Actor, admin: Actor, next_hop: Handler
) -> None:
    held.virus = "Eicar-Signature"
    held.save()
    assert approve_request(request_id, senior, "x", VIRUS_CONFIRMATION).outcome == Outcome.REFUSED
    assert approve_request(request_id, admin, "x").outcome == Outcome.REFUSED
    assert next_hop.taken == []
    assert approve_request(request_id, admin, "x", VIRUS_CONFIRMATION).outcome == Outcome.DONE


def test_a_release_that_fails_leaves_the_request_open(
    request_id: int, held: QuarantinedMessage, senior: Actor, next_hop: Handler
) -> None:
    held.source.release_to = ""
    held.source.save()
    assert approve_request(request_id, senior, "x").outcome == Outcome.FAILED
    request = ReleaseRequest.objects.get()
    assert (request.state, request.decided_by) == (RequestState.OPEN, None)
    assert unseen_answers(request.requested_by_id) == []


class Killed(BaseException):
    """The process dies here."""


def test_an_approval_that_died_is_released_or_was_none(
    request_id: int,
    held: QuarantinedMessage,
    senior: Actor,
    next_hop: Handler,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def dying(*_arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("quarantine.services.release._perform", dying)
        with pytest.raises(Killed):
            approve_request(request_id, senior, "known")
    assert ReleaseRequest.objects.get().state == RequestState.APPROVED
    resume_releases()
    assert len(next_hop.taken) == 1
    held.refresh_from_db()
    assert held.state == HeldState.RELEASED


@pytest.fixture
def died_approving(
    request_id: int, senior: Actor, monkeypatch: pytest.MonkeyPatch
) -> ReleaseRequest:
    """A request whose approval was committed, and nothing was sent yet."""

    def dying(*_arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("quarantine.services.release._perform", dying)
        with pytest.raises(Killed):
            approve_request(request_id, senior, "known")
    return ReleaseRequest.objects.get()


def test_an_approval_whose_release_fails_later_says_so_and_the_requester_is_told(
    died_approving: ReleaseRequest,
    held: QuarantinedMessage,
    helpdesk: Actor,
    senior: Actor,
    settings: Settings,
) -> None:
    settings.SENDS_MAIL = True
    assert unseen_answers(helpdesk.user.pk) == []
    assert not mail_answer(died_approving.pk)
    held.source.release_to = ""
    held.source.save()
    resume_releases()
    died_approving.refresh_from_db()
    assert died_approving.state == RequestState.FAILED
    assert died_approving.failure.startswith("no_release_host:")
    (answer,) = unseen_answers(helpdesk.user.pk)
    assert answer.decided_by == senior.user
    assert mail_answers_left() == 1
    assert mail_answers_left() == 0
    assert "has no server to release to" in str(mail.outbox[0].body)
    assert request_release([held.pk], helpdesk, "again")[0].outcome == Outcome.DONE


def test_an_approval_that_was_resumed_is_told_once(
    died_approving: ReleaseRequest, next_hop: Handler, settings: Settings
) -> None:
    settings.SENDS_MAIL = True
    resume_releases()
    assert len(next_hop.taken) == 1
    assert mail_answers_left() == 1
    assert "known" in str(mail.outbox[0].body)
    assert mail_answers_left() == 0


@pytest.mark.parametrize(
    ("was_sent", "state"), [(True, RequestState.APPROVED), (False, RequestState.FAILED)]
)
def test_an_uncertain_release_makes_its_request_uncertain_until_somebody_knows(
    was_sent: bool,  # noqa: FBT001
    state: RequestState,
    died_approving: ReleaseRequest,
    held: QuarantinedMessage,
    helpdesk: Actor,
    senior: Actor,
) -> None:
    Release.objects.update(step=ReleaseStep.SENDING)
    resume_releases()
    died_approving.refresh_from_db()
    assert died_approving.state == RequestState.UNCERTAIN
    assert mark_answers_seen(helpdesk.user.pk) == 1
    resolve_uncertain(held.pk, senior, was_sent=was_sent, reason="asked him")
    died_approving.refresh_from_db()
    assert died_approving.state == state
    assert [answer.state for answer in unseen_answers(helpdesk.user.pk)] == [state]


def test_a_request_for_mail_that_is_gone_fails_for_good(
    request_id: int, held: QuarantinedMessage, senior: Actor, tmp_path: Path
) -> None:
    (tmp_path / held.key).unlink()
    assert approve_request(request_id, senior, "x").outcome == Outcome.FAILED
    assert ReleaseRequest.objects.get().state == RequestState.FAILED


def test_old_answers_are_no_news(request_id: int, senior: Actor, settings: Settings) -> None:
    refuse_request(request_id, senior, "no")
    settings.SENDS_MAIL = True
    ReleaseRequest.objects.update(decided_at=timezone.now() - timedelta(days=3))
    assert mail_answers_left() == 0


def test_what_somebody_released_meanwhile_counts_as_approved(
    request_id: int, held: QuarantinedMessage, senior: Actor, admin: Actor, next_hop: Handler
) -> None:
    release_messages([held.pk], admin, Wish("x"))
    assert approve_request(request_id, senior, "x").outcome == Outcome.ALREADY
    assert ReleaseRequest.objects.get().state == RequestState.APPROVED
    assert len(next_hop.taken) == 1


def test_bad_input_is_told_and_unknown_ids_are_no_error(
    held: QuarantinedMessage, helpdesk: Actor, senior: Actor
) -> None:
    with pytest.raises(BadInput):
        request_release([held.pk], helpdesk, " ")
    with pytest.raises(BadInput):
        approve_request(0, senior, "")
    assert approve_request(0, senior, "x").outcome == Outcome.FAILED
    assert refuse_request(0, senior, "x").outcome == Outcome.FAILED
    assert request_release([0], helpdesk, "x")[0].outcome == Outcome.FAILED


def test_the_requester_is_told(
    request_id: int, senior: Actor, helpdesk: Actor, settings: Settings
) -> None:
    refuse_request(request_id, senior, "phishing")
    (answer,) = unseen_answers(helpdesk.user.pk)
    assert (answer.state, answer.decision) == (RequestState.REFUSED, "phishing")
    assert mark_answers_seen(helpdesk.user.pk) == 1
    assert unseen_answers(helpdesk.user.pk) == []
    assert not mail_answer(request_id)
    settings.SENDS_MAIL, settings.PUBLIC_URL = True, "https://mail.isp.example"
    assert mail_answer(request_id)
    assert not mail_answer(request_id)
    assert f"https://mail.isp.example/quarantine/{answer.held_id}/" in str(mail.outbox[0].body)
    assert mail.outbox[0].to == ["hana@isp.example"]
    assert "phishing" in str(mail.outbox[0].body)
    assert not mail_answer(0)


def test_every_look_into_a_mail_is_in_the_trail(
    held: QuarantinedMessage, helpdesk: Actor, senior: Actor, tmp_path: Path
) -> None:
    assert view_body(held, helpdesk).raw == MAIL[MAIL.index(b"Received:") :]
    assert download(held, senior).is_cut is False
    with pytest.raises(NotAllowed):
        download(held, helpdesk)
    (tmp_path / held.key).unlink()
    with pytest.raises(ItemGone):
        view_body(held, helpdesk)
    trail = QuarantineAction.objects.order_by("number").values_list("actor", "verb", "outcome")
    assert list(trail) == [
        ("hana", "view_body", "done"),
        ("sari", "download", "done"),
        ("hana", "download", "refused"),
        ("hana", "view_body", "done"),
        ("hana", "view_body", "failed"),
    ]


def test_the_groups_have_what_their_people_do() -> None:
    has = {
        group.name: set(
            group.permissions.filter(content_type__app_label="quarantine").values_list(
                "codename", flat=True
            )
        )
        for group in Group.objects.filter(name__in=("helpdesk", "senior", "admin", "auditor"))
    }
    assert has["helpdesk"] == set(HELPDESK)
    assert has["senior"] == set(SENIOR)
    assert has["auditor"] == {"view_quarantinedmessage", "audit"}
    assert {"release_virus", "release_elsewhere", "audit", "change_quarantinesource"} < has["admin"]


def test_a_request_ends_when_its_mail_is_deleted(
    request_id: int, held: QuarantinedMessage, senior: Actor, helpdesk: Actor, settings: Settings
) -> None:
    assert delete_messages([held.pk], senior, "it is a fraud")[0].outcome == Outcome.DONE
    wish = ReleaseRequest.objects.get()
    assert (wish.state, wish.decided_by) == (RequestState.CLOSED, None)
    assert str(explained(wish.failure)) == "The mail was deleted in this console. (it is a fraud)"
    assert unseen_answers(helpdesk.user.pk) == [wish]
    assert approve_request(request_id, senior, "too late").outcome == Outcome.FAILED
    helpdesk.user.email, settings.SENDS_MAIL = "hana@example.com", True
    helpdesk.user.save()
    assert mail_answers_left() == 1
    assert mail.outbox[0].subject == "Your release request: Mail deleted"
    assert "it is a fraud" in mail.outbox[0].body


def test_a_request_ends_when_its_mail_is_removed_elsewhere(
    request_id: int, held: QuarantinedMessage, tmp_path: Path, desk: Client
) -> None:
    for file in (tmp_path / "spam").rglob("*"):
        if file.is_file():
            file.unlink()
    sync_source(held.source)
    wish = ReleaseRequest.objects.get(pk=request_id)
    assert (wish.state, wish.failure) == (RequestState.CLOSED, "removed_file:")
    page = desk.get("/quarantine/requests/?state=closed").content.decode()
    assert "Mail deleted" in page
    assert "Removed outside this console" in page

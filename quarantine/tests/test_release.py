"""Release: once, with an outcome for each recipient, whatever dies in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from quarantine import audit
from quarantine.backends.pmg_spool import PmgSpool
from quarantine.choices import HeldState, Outcome, ReleaseStep
from quarantine.faults import explained
from quarantine.models import QuarantineAction, QuarantinedMessage, Release
from quarantine.services.release import (
    VIRUS_CONFIRMATION,
    Wish,
    release_messages,
    resolve_uncertain,
    resume_releases,
)
from quarantine.services.results import Actor, BadInput, counts
from quarantine.sync import sync_source
from quarantine.tests.smtp_server import Handler, smtp_server
from quarantine.tests.support import MAIL, held_one, hold, make_source
from tracking.choices import QuarantineKind

pytestmark = pytest.mark.django_db
BOTH = ["alice@example.com", "bruno@example.com"]
WISH = Wish("customer called")


@pytest.fixture
def held(tmp_path: Path, next_hop: Handler) -> QuarantinedMessage:
    return held_one(tmp_path, release_to=f"127.0.0.1:{next_hop.port}")


def actions(held: QuarantinedMessage) -> list[tuple[str, str, str]]:
    rows = QuarantineAction.objects.filter(held_id=held.pk).order_by("number")
    return list(rows.values_list("verb", "outcome", "recipient"))


def test_it_releases_to_all_recipients(
    held: QuarantinedMessage, senior: Actor, next_hop: Handler
) -> None:
    (outcome,) = release_messages([held.pk, held.pk], senior, WISH)
    assert outcome.outcome == Outcome.DONE
    assert {item.queue_id for item in outcome.recipients} == {"4jYgJL1tdfzDWd9"}
    (mail,) = next_hop.taken
    assert (mail.sender, mail.recipients) == ("sender@example.net", BOTH)
    assert mail.raw == MAIL[MAIL.index(b"Received:") :].replace(b"\n", b"\r\n")
    held.refresh_from_db()
    assert (held.state, held.released_recipients) == (HeldState.RELEASED, BOTH)
    assert actions(held) == [
        ("release", "intent", BOTH[0]),
        ("release", "intent", BOTH[1]),
        ("release", "done", BOTH[0]),
        ("release", "done", BOTH[1]),
    ]
    row = QuarantineAction.objects.latest("number")
    assert (row.actor, row.client_ip, row.reason) == ("sari", "198.51.100.77", "customer called")
    assert "queued as" in row.detail


def test_a_second_time_it_says_so_and_sends_nothing(
    held: QuarantinedMessage, senior: Actor, next_hop: Handler
) -> None:
    release_messages([held.pk], senior, WISH)
    (again,) = release_messages([held.pk], senior, WISH)
    assert again.outcome == Outcome.ALREADY
    assert len(next_hop.taken) == 1


def test_it_releases_to_some_and_then_to_the_rest(
    held: QuarantinedMessage, senior: Actor, next_hop: Handler
) -> None:
    release_messages([held.pk], senior, Wish("first", recipients=[BOTH[1]]))
    held.refresh_from_db()
    assert (held.state, held.waiting_recipients) == (HeldState.HELD, [BOTH[0]])
    (again,) = release_messages([held.pk], senior, Wish("again", recipients=[BOTH[1]]))
    assert again.outcome == Outcome.ALREADY
    release_messages([held.pk], senior, WISH)
    assert [mail.recipients for mail in next_hop.taken] == [[BOTH[1]], [BOTH[0]]]
    held.refresh_from_db()
    assert held.state == HeldState.RELEASED


def test_it_releases_to_no_stranger_but_elsewhere_with_permission(
    held: QuarantinedMessage, senior: Actor, admin: Actor, next_hop: Handler
) -> None:
    (stranger,) = release_messages([held.pk], admin, Wish("x", recipients=["x@example.org"]))
    assert stranger.outcome == Outcome.FAILED
    (refused,) = release_messages([held.pk], senior, Wish("x", elsewhere="x@example.org"))
    assert refused.outcome == Outcome.REFUSED
    (done,) = release_messages([held.pk], admin, Wish("x", elsewhere="x@example.org"))
    assert done.outcome == Outcome.DONE
    assert next_hop.taken[0].recipients == ["x@example.org"]
    held.refresh_from_db()
    assert (held.state, held.released_recipients) == (HeldState.HELD, [])


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish(" "), "reason"),
        (Wish("x" * 1001), "reason"),
        (Wish("x", elsewhere="no address"), "elsewhere"),
        (Wish("x", elsewhere="a@b\r\nc"), "elsewhere"),
    ],
)
def test_it_says_what_is_wrong_with_a_wish(
    held: QuarantinedMessage, admin: Actor, wish: Wish, field: str
) -> None:
    with pytest.raises(BadInput) as raised:
        release_messages([held.pk], admin, wish)
    assert raised.value.field == field
    assert actions(held) == []


def test_a_virus_needs_an_admin_and_typed_words(
    tmp_path: Path, senior: Actor, admin: Actor, next_hop: Handler
) -> None:
    hold(tmp_path, "21C0AA6B0553DEC02AA", kind="virus")
    sync_source(make_source(tmp_path, release_to=f"127.0.0.1:{next_hop.port}"))
    held = QuarantinedMessage.objects.get()
    assert held.kind == QuarantineKind.VIRUS
    confirmed = Wish("x", confirmation=f" {VIRUS_CONFIRMATION.upper()} ")
    assert release_messages([held.pk], senior, confirmed)[0].outcome == Outcome.REFUSED
    assert release_messages([held.pk], admin, WISH)[0].outcome == Outcome.REFUSED
    assert next_hop.taken == []
    assert release_messages([held.pk], admin, confirmed)[0].outcome == Outcome.DONE
    assert [row[:2] for row in actions(held)][:2] == [("release", "refused")] * 2


def test_helpdesk_may_not_release(
    held: QuarantinedMessage, helpdesk: Actor, next_hop: Handler
) -> None:
    assert release_messages([held.pk], helpdesk, WISH)[0].outcome == Outcome.REFUSED
    assert next_hop.taken == []


def test_bulk_has_an_outcome_for_each(
    held: QuarantinedMessage, tmp_path: Path, senior: Actor
) -> None:
    path = hold(tmp_path, "21C0AA6B0553DEC02AA")
    sync_source(held.source)
    path.unlink()
    other = QuarantinedMessage.objects.exclude(pk=held.pk).get()
    outcomes = release_messages([held.pk, other.pk, 0], senior, WISH)
    assert [item.outcome for item in outcomes] == [Outcome.DONE, Outcome.FAILED, Outcome.FAILED]
    assert "not there any more" in outcomes[1].text
    assert counts(outcomes) == {Outcome.DONE: 1, Outcome.FAILED: 2}
    other.refresh_from_db()
    assert other.state == HeldState.REMOVED
    with pytest.raises(BadInput, match="1000"):
        release_messages(list(range(1001)), senior, WISH)
    with pytest.raises(BadInput):
        release_messages([], senior, WISH)


def test_a_refusal_leaves_it_held_and_says_why(tmp_path: Path, senior: Actor) -> None:
    with smtp_server(reply="451 4.3.0 try later") as handler:
        held = held_one(tmp_path, release_to=f"127.0.0.1:{handler.port}")
        (outcome,) = release_messages([held.pk], senior, WISH)
    assert outcome.outcome == Outcome.FAILED
    assert "451 4.3.0 try later" in outcome.text
    held.refresh_from_db()
    assert (held.state, held.released_recipients) == (HeldState.HELD, [])


def test_who_was_refused_can_be_tried_again(tmp_path: Path, senior: Actor) -> None:
    with smtp_server(refused={BOTH[0]: "450 4.2.2 full"}) as handler:
        held = held_one(tmp_path, release_to=f"127.0.0.1:{handler.port}")
        (outcome,) = release_messages([held.pk], senior, WISH)
        held.refresh_from_db()
        assert (outcome.outcome, held.state) == (Outcome.FAILED, HeldState.HELD)
        assert [item.outcome for item in outcome.recipients] == [Outcome.FAILED, Outcome.DONE]
        handler.refused.clear()
        release_messages([held.pk], senior, WISH)
    assert [mail.recipients for mail in handler.taken] == [[BOTH[1]], [BOTH[0]]]


def test_without_a_host_it_is_not_released(tmp_path: Path, senior: Actor) -> None:
    held = held_one(tmp_path)
    (outcome,) = release_messages([held.pk], senior, WISH)
    assert outcome.outcome == Outcome.FAILED
    assert explained(outcome.text).startswith("This quarantine has no server to release to")


def test_a_lost_answer_makes_it_uncertain_until_somebody_looked(
    tmp_path: Path, senior: Actor
) -> None:
    with smtp_server(is_dropping=True) as handler:
        held = held_one(tmp_path, release_to=f"127.0.0.1:{handler.port}")
        (outcome,) = release_messages([held.pk], senior, WISH)
        assert outcome.outcome == Outcome.UNCERTAIN
        (again,) = release_messages([held.pk], senior, WISH)
    assert again.outcome == Outcome.FAILED
    assert len(handler.taken) == 1
    held.refresh_from_db()
    assert held.state == HeldState.UNCERTAIN
    assert resume_releases() == []
    resolve_uncertain(held.pk, senior, was_sent=True, reason="seen in the log")
    held.refresh_from_db()
    assert (held.state, held.released_recipients) == (HeldState.RELEASED, BOTH)
    again = resolve_uncertain(held.pk, senior, was_sent=False, reason="again")
    assert again.outcome == Outcome.ALREADY


def test_an_uncertain_release_that_was_not_sent_is_held_again(
    tmp_path: Path, senior: Actor
) -> None:
    with smtp_server(is_dropping=True) as handler:
        held = held_one(tmp_path, release_to=f"127.0.0.1:{handler.port}")
        release_messages([held.pk], senior, WISH)
        handler.is_dropping = False
        resolve_uncertain(held.pk, senior, was_sent=False, reason="not in the log")
        assert release_messages([held.pk], senior, WISH)[0].outcome == Outcome.DONE
    held.refresh_from_db()
    assert held.state == HeldState.RELEASED


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("is_sending", [False, True])
def test_what_a_dead_process_left_is_resumed_or_uncertain(
    held: QuarantinedMessage,
    senior: Actor,
    next_hop: Handler,
    monkeypatch: pytest.MonkeyPatch,
    is_sending: bool,  # noqa: FBT001
) -> None:
    real = PmgSpool.release

    def dying(_self: object, _item: object, _names: object, on_sending: Callable[[], None]) -> None:
        if is_sending:
            on_sending()
        raise Killed

    monkeypatch.setattr(PmgSpool, "release", dying)
    with pytest.raises(Killed):
        release_messages([held.pk], senior, WISH)
    held.refresh_from_db()
    assert held.state == HeldState.RELEASING
    monkeypatch.setattr(PmgSpool, "release", real)
    assert release_messages([held.pk], senior, WISH)[0].outcome == Outcome.ALREADY
    resume_releases()
    held.refresh_from_db()
    assert held.state == (HeldState.UNCERTAIN if is_sending else HeldState.RELEASED)
    assert len(next_hop.taken) == (0 if is_sending else 1)
    assert not Release.objects.exclude(step=ReleaseStep.ENDED).exists()
    assert audit.verify().breaks == []


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_releases(
    held: QuarantinedMessage, senior: Actor, next_hop: Handler
) -> None:
    barrier = threading.Barrier(6)
    outcomes: list[Outcome] = []

    def release() -> None:
        barrier.wait(10)
        outcomes.append(release_messages([held.pk], senior, WISH)[0].outcome)
        connection.close()

    threads = [threading.Thread(target=release) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == [Outcome.ALREADY] * 5 + [Outcome.DONE]
    assert len(next_hop.taken) == 1
    assert audit.verify().breaks == []


@pytest.mark.django_db(transaction=True)
def test_it_does_not_resume_what_a_living_process_does(
    held: QuarantinedMessage, senior: Actor, monkeypatch: pytest.MonkeyPatch, next_hop: Handler
) -> None:
    inside, go_on = threading.Event(), threading.Event()
    real = PmgSpool.read

    def slow(self: PmgSpool, item: object, limit: int) -> object:
        inside.set()
        go_on.wait(10)
        return real(self, item, limit)  # type: ignore[arg-type]

    monkeypatch.setattr(PmgSpool, "read", slow)

    def release() -> None:
        release_messages([held.pk], senior, WISH)
        connection.close()

    thread = threading.Thread(target=release)
    thread.start()
    assert inside.wait(10)
    assert resume_releases() == []
    assert release_messages([held.pk], senior, WISH)[0].outcome == Outcome.ALREADY
    go_on.set()
    thread.join(10)
    assert len(next_hop.taken) == 1

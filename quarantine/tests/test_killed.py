"""The process that releases is killed, really, at each point where that could matter."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from quarantine import audit
from quarantine.choices import HeldState
from quarantine.models import QuarantineAction, QuarantinedMessage
from quarantine.services.release import resume_releases
from quarantine.services.results import Actor
from quarantine.tests.smtp_server import Handler
from quarantine.tests.support import held_one

pytestmark = pytest.mark.django_db(transaction=True)

# argv: where to die, who releases, which mail.
RELEASE = """
import os, signal, sys
import django
django.setup()
from django.contrib.auth.models import User
from quarantine.backends import smtp
from quarantine.services import release
from quarantine.services.results import Actor

def die(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)

point, user, held = sys.argv[1:]
if point == "intent":
    smtp.Reinjection.send = die
elif point == "sending":
    send = smtp._Session.send
    def send_or_die(session, data):
        return (die if "first line" in str(data) else send)(session, data)
    smtp._Session.send = send_or_die
elif point == "sent":
    release._finish = die
actor = Actor(User.objects.get(username=user))
(outcome,) = release.release_messages([int(held)], actor, release.Wish("killed"))
print(outcome.outcome)
"""


def environment() -> dict[str, str]:
    """For a process that works on the test's database."""
    server = urlsplit(settings.MAILGW_HOME.database_url)
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "mailgw.settings_test",
        "DATABASE_URL": server._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "PYTHONPATH": str(settings.BASE_DIR),
    }


def start(arguments: Sequence[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RELEASE, *arguments]
    return subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture
def held(tmp_path: Path, next_hop: Handler) -> QuarantinedMessage:
    return held_one(tmp_path, release_to=f"127.0.0.1:{next_hop.port}")


@pytest.mark.parametrize(
    ("point", "state", "sent_before", "sent_after"),
    [
        ("intent", HeldState.RELEASED, 0, 1),
        ("sending", HeldState.UNCERTAIN, 0, 0),
        ("sent", HeldState.UNCERTAIN, 1, 1),
    ],
)
def test_a_killed_release_is_resumed_or_uncertain_and_never_sent_twice(
    held: QuarantinedMessage,
    senior: Actor,
    next_hop: Handler,
    point: str,
    state: HeldState,
    sent_before: int,
    sent_after: int,
) -> None:
    process = start([point, senior.who.name, str(held.pk)])
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -9, errors
    held.refresh_from_db()
    assert held.state == HeldState.RELEASING
    assert len(next_hop.taken) == sent_before
    resume_releases()
    held.refresh_from_db()
    assert held.state == state
    assert len(next_hop.taken) == sent_after
    assert resume_releases() == []
    assert audit.verify().breaks == []


def test_of_four_processes_one_releases(
    held: QuarantinedMessage, senior: Actor, next_hop: Handler
) -> None:
    processes = [start(["never", senior.who.name, str(held.pk)]) for _ in range(4)]
    said = [process.communicate(timeout=120)[0].strip() for process in processes]
    assert sorted(said) == ["already", "already", "already", "done"]
    assert len(next_hop.taken) == 1
    assert QuarantineAction.objects.filter(outcome="done").count() == 2
    assert audit.verify().breaks == []

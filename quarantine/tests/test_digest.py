"""The recipients' digest: once a day, for their own mail, with links that only a POST acts on."""

from __future__ import annotations

import email
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core import signing
from pytest_django import Settings

from quarantine import digest
from quarantine.backends import headers
from quarantine.choices import HeldState, Outcome
from quarantine.models import QuarantineAction, QuarantinedMessage
from quarantine.services.results import BadInput
from quarantine.sync import sync_source
from quarantine.tests.smtp_server import Handler, Taken, smtp_server
from quarantine.tests.support import MAIL, hold, make_source
from tracking.choices import QuarantineKind

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 24, 1, tzinfo=UTC)  # eight o'clock in Jakarta
ALICE = "alice@example.com"


@pytest.fixture(autouse=True)
def site(settings: Settings, next_hop: Handler) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", next_hop.port
    settings.SENDS_MAIL = True
    settings.PUBLIC_URL = "https://mail.isp.example/"
    settings.QUARANTINE_DIGEST_DOMAINS = ["Example.com"]
    settings.SITE_TIME_ZONE = "Asia/Jakarta"


@pytest.fixture
def held(tmp_path: Path, next_hop: Handler) -> QuarantinedMessage:
    hold(tmp_path, "21C0366B0553DEC02D8")
    hold(tmp_path, "21C0AA6B0553DEC02AA", kind="virus")
    outside = MAIL.replace(b"alice@example.com,bruno@example.com", b"x@outside.example")
    hold(tmp_path, "21C0BB6B0553DEC02BB", outside)
    sync_source(make_source(tmp_path, release_to=f"127.0.0.1:{next_hop.port}"))
    QuarantinedMessage.objects.update(received_at=MORNING - timedelta(hours=3))
    return QuarantinedMessage.objects.get(quarantine_id="21C0366B0553DEC02D8")


def text_of(mail: Taken) -> str:
    payload = email.message_from_bytes(mail.raw).get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def tokens(text: str) -> list[str]:
    return re.findall(r"https://mail\.isp\.example/quarantine/digest/([^/\s]+)/", text)


def test_each_recipient_is_told_of_his_own_mail(
    held: QuarantinedMessage, next_hop: Handler
) -> None:
    assert digest.send_digests(MORNING) == 2
    assert [mail.recipients for mail in next_hop.taken] == [[ALICE], ["bruno@example.com"]]
    text = text_of(next_hop.taken[0])
    assert "Subject: Grüße" in text
    assert "From: Sender <sender@example.net>" in text
    assert "2026-11-24 05:00 WIB" in text
    (token,) = tokens(text)
    link = digest.read_link(token)
    assert (link.held, link.recipient, link.action) == (held, ALICE, "release")
    held.refresh_from_db()
    assert held.state == HeldState.HELD


def test_it_is_sent_once_a_day_and_only_with_something_new(
    held: QuarantinedMessage, next_hop: Handler
) -> None:
    assert digest.send_digests(MORNING - timedelta(hours=2)) == 0
    assert digest.send_digests(MORNING) == 2
    assert digest.send_digests(MORNING + timedelta(hours=1)) == 0
    assert digest.send_digests(MORNING + timedelta(days=1)) == 0
    QuarantinedMessage.objects.update(received_at=MORNING + timedelta(days=1))
    assert digest.send_digests(MORNING + timedelta(days=2)) == 2
    assert len(next_hop.taken) == 4


def test_it_is_off_unless_the_site_names_domains(
    held: QuarantinedMessage, settings: Settings, next_hop: Handler
) -> None:
    settings.QUARANTINE_DIGEST_DOMAINS = []
    assert digest.send_digests(MORNING) == 0
    settings.QUARANTINE_DIGEST_DOMAINS = ["example.com"]
    settings.SENDS_MAIL = False
    assert digest.send_digests(MORNING) == 0
    assert next_hop.taken == []


def test_one_that_could_not_be_sent_is_sent_later(
    held: QuarantinedMessage, settings: Settings
) -> None:
    with smtp_server(refused={ALICE: "450 4.3.2 later"}) as handler:
        settings.EMAIL_PORT = handler.port
        assert digest.send_digests(MORNING) == 1
        handler.refused.clear()
        assert digest.send_digests(MORNING + timedelta(minutes=10)) == 1
    assert [mail.recipients for mail in handler.taken] == [["bruno@example.com"], [ALICE]]


def test_a_link_releases_to_its_recipient_once(held: QuarantinedMessage, next_hop: Handler) -> None:
    token = digest.make_token(held.pk, ALICE, "release")
    outcomes = [digest.act_on_link(token, "203.0.113.5").outcome for _ in range(2)]
    assert outcomes == [Outcome.DONE, Outcome.ALREADY]
    assert [mail.recipients for mail in next_hop.taken] == [[ALICE]]
    held.refresh_from_db()
    assert (held.state, held.released_recipients) == (HeldState.HELD, [ALICE])
    row = QuarantineAction.objects.latest("number")
    assert (row.actor, row.client_ip) == (f"recipient {ALICE}", "203.0.113.5")


def test_a_link_deletes_what_nobody_else_waits_for(held: QuarantinedMessage) -> None:
    token = digest.make_token(held.pk, ALICE, "delete")
    with pytest.raises(BadInput, match="held for others"):
        digest.act_on_link(token, None)
    held.recipients = [ALICE]
    held.save()
    assert digest.act_on_link(token, None).outcome == Outcome.DONE
    held.refresh_from_db()
    assert held.state == HeldState.DELETED


def test_a_link_is_signed_for_one_purpose_and_ends(held: QuarantinedMessage) -> None:
    token = digest.make_token(held.pk, ALICE, "release")
    later = time_machine.travel(datetime.now(tz=UTC) + timedelta(days=8))
    with later, pytest.raises(BadInput, match="too old"):
        digest.read_link(token)
    forged = signing.dumps([held.pk, ALICE, "release"], salt="other", compress=True)
    for junk in (token[:-1], forged, "", "x" * 5000, "\0", token.replace(token[3], "A")):
        with pytest.raises(BadInput):
            digest.act_on_link(junk, None)
    stranger = digest.make_token(held.pk, "x@example.org", "release")
    with pytest.raises(BadInput, match="no longer here"):
        digest.act_on_link(stranger, None)


def test_no_link_ever_releases_a_virus(held: QuarantinedMessage, settings: Settings) -> None:
    settings.QUARANTINE_DIGEST_KINDS = ["spam", "virus"]
    virus = QuarantinedMessage.objects.get(kind=QuarantineKind.VIRUS)
    with pytest.raises(BadInput):
        digest.act_on_link(digest.make_token(virus.pk, ALICE, "release"), None)
    held.virus = "Eicar"
    held.save()
    with pytest.raises(BadInput):
        digest.act_on_link(digest.make_token(held.pk, ALICE, "release"), None)
    assert digest.send_digests(MORNING) == 0


def test_what_spammers_write_makes_no_link_in_our_mail(
    held: QuarantinedMessage, next_hop: Handler
) -> None:
    held.subject = "Click https://evil.example/x or www.evil.example"
    held.save()
    digest.send_digests(MORNING)
    text = text_of(next_hop.taken[0])
    assert "https://evil" not in text
    assert "www.evil" not in text
    assert headers.clean("a\r\nBcc: x@y.example") == "a\ufffd\ufffdBcc: x@y.example"

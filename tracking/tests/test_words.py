"""Words of the story and of refusals: whose recipient, the next try, the end of trying, TLS."""

# ruff: noqa: E501 (log lines are as long as they are)
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation

from tracking.answers import answer_for, caller_texts
from tracking.models import Message
from tracking.selectors.attempts import hop_details
from tracking.selectors.evidence import hop_evidence
from tracking.selectors.story import Story, message_story
from tracking.tests import mail_log
from tracking.tests.support import ingest, token_client
from tracking.tests.test_search_views import query
from tracking.tests.test_story import chosen_of, first_story, way_of

DEFERRED = {
    "status": "deferred",
    "relay": "none",
    "dsn": "4.4.1",
    "reply": "connect to mx.far.example[203.0.113.9]:25: Connection timed out",
}
TLS = """\
2026-11-20T03:00:00.000000+00:00 out1 postfix/smtpd[100]: connect from client.satu.example[198.18.0.5]
2026-11-20T03:00:00.000000+00:00 out1 postfix/smtpd[100]: Anonymous TLS connection established from client.satu.example[198.18.0.5]: TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)
2026-11-20T03:00:00.000000+00:00 out1 postfix/smtp[103]: Trusted TLS connection established to mx.other.example[203.0.113.8]:25: TLSv1.1 with cipher OLD (128/128 bits)
2026-11-20T03:00:00.000000+00:00 out1 postfix/smtp[104]: Untrusted TLS connection established to mx.far.example[203.0.113.9]:25: TLSv1.1 with cipher OLD (128/128 bits)
"""
HANDSHAKE = "2026-11-20T03:00:00.500000+00:00 out1 postfix/smtp[103]: Trusted TLS connection established to mx.far.example[203.0.113.9]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "words"),
    [
        # Tried 0.6 s after it came: the next try is after the least time, 300 s.
        (
            "2026-11-20T03:01:00+00:00",
            "The next try is to be expected about 20 November 2026 03:05:00.",
        ),
        ("2026-11-20T09:00:00+00:00", "The next try is due."),
    ],
)
def test_it_says_when_the_next_try_is_and_when_it_gives_up(now: str, words: str) -> None:
    ingest(mail_log.one_mail("3B00000003", **DEFERRED))
    story = first_story()
    end = "If it cannot be delivered by 25 November 2026 03:00:00, our server gives up"
    with time_machine.travel(datetime.fromisoformat(now), tick=False):
        answer = answer_for(story, chosen_of(story))
        texts = caller_texts(story, chosen_of(story), way_of(story))
        with translation.override("id"):
            indonesian = answer_for(story, chosen_of(story)).outlook
    assert answer.outlook.startswith(words)
    assert end in answer.outlook
    assert answer.outlook in texts[0].text
    assert "server kami berhenti mencoba" in indonesian


@pytest.mark.django_db
def test_it_expects_the_next_try_as_postfix_waits(settings: Any) -> None:
    lines = mail_log.one_mail("3B00000004", **DEFERRED)
    later = next(line for line in lines.splitlines(keepends=True) if "status=deferred" in line)
    ingest(lines + later.replace("T03:00:00", "T03:20:00"))
    story = first_story()
    with time_machine.travel(datetime(2026, 11, 20, 3, 21, tzinfo=UTC), tick=False):
        assert "about 20 November 2026 03:40:00" in answer_for(story, chosen_of(story)).outlook
        settings.RETRY_MAX_SECONDS = 600
        settings.QUEUE_LIFETIME_HOURS = 24
        story = first_story()
        outlook = answer_for(story, chosen_of(story)).outlook
    assert "about 20 November 2026 03:30:00" in outlook
    assert "by 21 November 2026 03:00:00" in outlook


@pytest.mark.django_db
def test_it_expects_nothing_of_mail_that_ended_or_whose_log_ended() -> None:
    ingest(mail_log.SENT)
    assert answer_for(first_story(), chosen_of(first_story())).outlook == ""
    ingest(mail_log.one_mail("3B00000005", stamp="2026-11-19T03:00:00+00:00", **DEFERRED))
    story = first_story()
    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC), tick=False):
        assert answer_for(story, chosen_of(story)).outlook == ""


@pytest.mark.usefixtures("mail")
def test_it_says_that_a_recipient_is_our_own(viewer_client: Client, viewer: User) -> None:
    page = viewer_client.get("/search/" + query(q="dewi@satu.example")).content.decode()
    assert "dewi@satu.example is a recipient on our own MX." in page
    page = viewer_client.get("/search/" + query(q="satu.example")).content.decode()
    assert "satu.example is a domain whose mail comes in on our own MX." in page
    page = viewer_client.get("/search/" + query(q="budi@far.example")).content.decode()
    assert "our own MX" not in page
    answer = token_client(viewer, "tracking:read").get(
        "/api/v1/trace/" + query(q="dewi@satu.example")
    )
    assert [note["code"] for note in answer.json()["understood"]] == ["address", "our-recipient"]


@pytest.mark.django_db
def test_it_says_on_which_mx_a_recipients_mail_comes_in() -> None:
    ingest(mail_log.SENT)
    assert answer_for(first_story(), chosen_of(first_story())).owner == ""


@pytest.mark.usefixtures("mail")
def test_it_names_our_mx_in_the_story() -> None:
    found = [story for story in _stories() if story.message.direction == 0]
    owners = {answer_for(story, chosen_of(story)).owner for story in found}
    assert "The recipient is one of our own: his mail comes in on our MX mx1." in owners


def _stories() -> list[Story]:
    found = (message_story(pk) for pk in Message.objects.values_list("pk", flat=True))
    return [story for story in found if story is not None]


@pytest.mark.django_db
def test_it_reads_version_and_cipher_from_the_lines_of_the_connection() -> None:
    mail = mail_log.one_mail("3B00000006").replace(
        "2026-11-20T03:00:00.000000+00:00 out1 postfix/smtpd[100]: connect from client.satu.example[198.18.0.5]\n",
        "",
    )
    before, ending, after = mail.partition(
        "2026-11-20T03:00:00.000000+00:00 out1 postfix/smtp[103]"
    )
    ingest(TLS + before + HANDSHAKE + ending + after)
    story = first_story()
    evidence = hop_evidence(story, story.hops[0])
    details = hop_details(evidence)
    assert details.received_tls == "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 (Anonymous)"
    assert [item.tls for item in details.attempts] == ["TLSv1.3 TLS_AES_256_GCM_SHA384 (Trusted)"]
    assert sum("TLS connection established" in line.text for line in evidence.lines) == 2


@pytest.mark.django_db
def test_it_finds_the_lines_of_the_connection_in_segments_before() -> None:
    lines = mail_log.one_mail("3B00000008").splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if "postfix/smtp[103]" in line)
    older = HANDSHAKE.replace("03:00:00.500000", "02:00:00.000000").replace("TLSv1.3", "TLSv1.0")
    parts = [[older], TLS.splitlines(keepends=True)[:2], lines[1:place], [HANDSHAKE]]
    for part in [*parts, [TLS.splitlines(keepends=True)[3]], lines[place:]]:
        ingest("".join(part))
    story = first_story()
    evidence = hop_evidence(story, story.hops[0])
    details = hop_details(evidence)
    assert details.received_tls == "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 (Anonymous)"
    assert [item.tls for item in details.attempts] == ["TLSv1.3 TLS_AES_256_GCM_SHA384 (Trusted)"]
    shown = [line.text + "\n" for line in evidence.lines]
    assert [line for line in shown if "TLS connection established" in line] == [
        TLS.splitlines(keepends=True)[1],
        HANDSHAKE,
    ]
    assert evidence.missing == 0


@pytest.mark.django_db
def test_it_takes_no_handshake_of_another_time_for_this_one() -> None:
    ingest(HANDSHAKE.replace("03:00:00.500000", "02:00:00.000000"))
    ingest(mail_log.one_mail("3B00000009"))
    story = first_story()
    for delivery in story.deliveries:
        delivery.is_tls = True
    details = hop_details(hop_evidence(story, story.hops[0]))
    assert [item.tls for item in details.attempts] == [""]


@pytest.mark.django_db
def test_it_shows_the_cipher_in_the_story(viewer_client: Client, viewer: User) -> None:
    ingest(
        HANDSHAKE.replace("03:00:00.500000", "02:59:59.000000") + mail_log.one_mail("3B00000007")
    )
    story = first_story()
    url = f"/messages/{story.message.id}/"
    assert "Every attempt, rules hit, TLS" in viewer_client.get(url).content.decode()
    page = viewer_client.get(f"{url}hops/{story.hops[0].id}/details/").content.decode()
    assert "TLSv1.3 TLS_AES_256_GCM_SHA384 (Trusted)" in page
    script = token_client(viewer, "tracking:read")
    (hop,) = script.get(f"/api/v1/messages/{story.message.id}/attempts/").json()["hops"]
    assert hop["attempts"][0]["tls"] == "TLSv1.3 TLS_AES_256_GCM_SHA384 (Trusted)"
    assert hop["received_tls"] == ""


@pytest.mark.usefixtures("mail")
def test_it_lists_refusals_with_their_reason(viewer_client: Client) -> None:
    page = viewer_client.get("/rejections/" + query()).content.decode()
    assert "REJ_GREYLIST" in page
    assert "REJ_RBL" in page
    rows = viewer_client.get("/rejections/" + query()).context["page"].rows
    assert all(f'href="/rejections/{row.key}/"' in page for row in rows)


@pytest.mark.usefixtures("mail")
def test_it_has_a_text_for_the_caller_whose_mail_was_refused(viewer_client: Client) -> None:
    found = viewer_client.get("/rejections/" + query(kind="dnsbl")).context["page"].rows
    response = viewer_client.get(f"/rejections/{found[0].key}/")
    english, indonesian = (item.text for item in response.context["texts"])
    assert english.startswith("Mail from seller@bad.example to dewi@satu.example, refused on")
    assert "Exact words of our server: 554 5.7.1 " in english
    assert "ditolak pada" in indonesian
    for text in (english, indonesian):
        assert "blocked using zen.dnsbl" in text
        assert f"mx1 {found[0].key}" in text
    assert "REJ_RBL" in response.content.decode()


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("place", ["junk", "1-1", "999999999999999999-1", "-1-0"])
def test_it_knows_no_refusal_at_another_place(viewer_client: Client, place: str) -> None:
    assert viewer_client.get(f"/rejections/{place}/").status_code == 404


@pytest.mark.usefixtures("mail")
def test_it_shows_a_refusal_to_those_who_may_see_it(
    client: Client, viewer_client: Client, stranger_client: Client
) -> None:
    rows = viewer_client.get("/rejections/" + query()).context["page"].rows
    path = f"/rejections/{rows[0].key}/"
    assert client.get(path).status_code == 302
    assert stranger_client.get(path).status_code == 403
    assert viewer_client.post(path).status_code == 405

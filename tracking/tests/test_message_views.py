"""The story of a message, its raw lines, and the status page."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tracking.intake import add_segment
from tracking.models import Hop, LogSegment, LogSource, Message
from tracking.selectors import evidence
from tracking.selectors.evidence import hop_evidence
from tracking.selectors.status import ingest_lag
from tracking.selectors.story import Story, message_story
from tracking.tests import mail_log
from tracking.tests.support import ingest, make_source

HTMX = {"HX-Request": "true"}


def story_of(message_id: str) -> Story:
    story = message_story(Message.objects.get(message_id=message_id).pk)
    assert story is not None
    return story


def page_of(client: Client, message_id: str) -> str:
    message = Message.objects.get(message_id=message_id)
    response = client.get(f"/messages/{message.pk}/")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.usefixtures("mail")
def test_it_tells_what_became_of_a_mail(viewer_client: Client) -> None:
    page = page_of(viewer_client, "<3a1b2c4d61@satu.example>")
    for words in (
        "There is no such address at the other side.",
        "Recipient address rejected: User unknown",
        "C1 PT Satu (Premium), 198.18.0.0/24",
        "client.satu.example",
        "3A1B2C4D61",
        "0.2 s",
        "Non-delivery notification",
    ):
        assert words in page


@pytest.mark.usefixtures("mail")
def test_it_links_a_notification_with_its_mail(viewer_client: Client) -> None:
    mail = Message.objects.get(message_id="<3a1b2c4d61@satu.example>")
    notice = Message.objects.get(message_id="<ndr@out1.example>")
    assert f"/messages/{notice.pk}/" in page_of(viewer_client, mail.message_id)
    page = page_of(viewer_client, notice.message_id)
    assert f"/messages/{mail.pk}/" in page
    assert "Mail from &lt;&gt;" in page


@pytest.mark.usefixtures("mail")
def test_it_shows_the_filters_verdict(viewer_client: Client) -> None:
    page = page_of(viewer_client, "<spam@notice.example>")
    for words in ("score 9 / 5", "Quarantine/Mark Spam (Level 5)", "21CC26AFCF1CD07ED7"):
        assert words in page


@pytest.mark.usefixtures("mail")
def test_it_shows_attempts_of_mail_on_its_way(viewer_client: Client) -> None:
    page = page_of(viewer_client, "<3a1b2c4d60@satu.example>")
    assert "still open" in page
    assert "The other server does not answer; we try again." in page


@pytest.mark.parametrize("message", ["1", str(2**63 - 1), str(2**63), "9" * 40])
def test_it_knows_no_other_message(viewer_client: Client, message: str) -> None:
    assert viewer_client.get(f"/messages/{message}/").status_code == 404
    assert viewer_client.get(f"/messages/{message}/hops/1/lines/").status_code == 404
    assert viewer_client.get(f"/api/v1/messages/{message}/").status_code == 404


@pytest.mark.django_db
def test_it_asks_no_more_for_more_recipients(viewer_client: Client) -> None:
    def queries(count: int) -> int:
        queue_id = f"6C{count:08X}"
        text = mail_log.one_mail(queue_id)
        line = next(part for part in text.splitlines(keepends=True) if " to=<" in part)
        more = "".join(line.replace("budi@", f"budi{number}@") for number in range(count))
        ingest(text.replace(line, more))
        pk = Message.objects.get(message_id=f"<{queue_id.lower()}@satu.example>").pk
        with CaptureQueriesContext(connection) as captured:
            page = viewer_client.get(f"/messages/{pk}/").content.decode()
        assert f"budi{count - 1}@far.example" in page
        return len(captured)

    queries(1)
    assert queries(10) == queries(20)


@pytest.mark.usefixtures("mail")
def test_it_shows_the_lines_of_a_hop(viewer_client: Client) -> None:
    hop = Hop.objects.get(queue_id="A49BB28FC4")
    url = f"/messages/{hop.message_ref}/hops/{hop.pk}/lines/"
    page = viewer_client.get(url).content.decode()
    assert "<html" in page
    assert "from=&lt;offers@notice.example&gt;" in page
    assert "SA score=9/5" in page
    assert "3A1B2C4D5E" not in page
    assert "<html" not in viewer_client.get(url, headers=HTMX).content.decode()
    other = Hop.objects.get(queue_id="3A1B2C4D5E")
    wrong = f"/messages/{other.message_ref}/hops/{hop.pk}/lines/"
    assert viewer_client.get(wrong).status_code == 404


@pytest.mark.usefixtures("mail")
def test_it_finds_the_lines_in_their_order_with_their_place() -> None:
    story = story_of("<3a1b2c4d5e@satu.example>")
    found = hop_evidence(story, story.hops[0])
    raw = mail_log.WHOLE.encode()
    assert [line.text.split("postfix/")[1].split("[")[0] for line in found.lines] == [
        "smtpd",
        "cleanup",
        "qmgr",
        "smtp",
        "qmgr",
    ]
    for line in found.lines:
        assert raw[line.offset :].startswith(line.text.encode())
    assert (found.is_cut, found.missing) == (False, 0)


@pytest.mark.django_db
def test_it_finds_the_lines_of_several_segments() -> None:
    ingest(mail_log.SENT, segment_bytes=1)
    story = story_of("<3a1b2c4d5e@satu.example>")
    found = hop_evidence(story, story.hops[0])
    assert len({line.segment for line in found.lines}) == len(found.lines) == 5
    assert (found.is_cut, found.missing, story.hops[0].segment_count) == (False, 0, 5)


@pytest.mark.django_db
def test_it_takes_no_part_of_a_word_and_no_other_host() -> None:
    other = mail_log.one_mail("3A1B2C4D5EF", host="out1")
    elsewhere = mail_log.one_mail("3A1B2C4D5E", "<other@satu.example>", host="out2")
    long_ago = mail_log.one_mail(
        "3A1B2C4D5E", "<old@satu.example>", stamp="2026-11-19T03:00:00.000000+00:00"
    )
    ingest(long_ago + mail_log.SENT + other + elsewhere)
    story = story_of("<3a1b2c4d5e@satu.example>")
    found = hop_evidence(story, story.hops[0])
    assert len(found.lines) == 5
    assert all(" out1 " in line.text and "2026-11-20" in line.text for line in found.lines)


@pytest.mark.usefixtures("mail")
def test_it_bounds_the_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    story = story_of("<3a1b2c4d5e@satu.example>")
    monkeypatch.setattr(evidence, "MAX_LINES", 2)
    found = hop_evidence(story, story.hops[0])
    assert (len(found.lines), found.is_cut) == (2, True)
    monkeypatch.setattr(evidence, "MAX_LINES", 100)
    monkeypatch.setattr(evidence, "MAX_BYTES", 1)
    assert len(hop_evidence(story, story.hops[0]).lines) == 1


@pytest.mark.usefixtures("mail")
def test_it_says_that_lines_are_gone(viewer_client: Client) -> None:
    LogSegment.objects.all().delete()
    story = story_of("<3a1b2c4d5e@satu.example>")
    found = hop_evidence(story, story.hops[0])
    assert (found.lines, found.missing) == ([], 1)


@pytest.mark.usefixtures("mail")
def test_it_shows_how_complete_the_log_is(viewer_client: Client) -> None:
    ingest(mail_log.SENT + "2026-11-20T03:50:00Z mx1 oddd[1]: strange <b>thing</b>\nno header\n")
    add_segment(make_source(), b"waits\n")
    page = viewer_client.get("/status/").content.decode()
    for words in ("oddd", "strange &lt;b&gt;thing", "out1", "Inbound", "HTTP push", "Late"):
        assert words in page
    lag = ingest_lag()
    assert lag.segments == 1
    assert 0 <= lag.seconds < 60


@pytest.mark.django_db
def test_it_shows_gaps_between_segments(viewer_client: Client) -> None:
    ingest(mail_log.SENT)
    ingest(mail_log.one_mail("7D00000001", stamp="2026-11-20T05:00:00.000000+00:00"))
    page = viewer_client.get("/status/").content.decode()
    assert "20 Nov 10:00 – 20 Nov 12:00" in page


def test_it_says_that_nothing_was_read(viewer_client: Client) -> None:
    assert "No log has been read yet" in viewer_client.get("/status/").content.decode()
    assert ingest_lag().seconds == 0


@pytest.mark.django_db
def test_it_asks_no_more_for_more_sources(viewer_client: Client) -> None:
    def queries(count: int) -> int:
        for number in range(count):
            LogSource.objects.get_or_create(name=f"source {number}", kind="push")
        with CaptureQueriesContext(connection) as captured:
            viewer_client.get("/status/")
        return len(captured)

    queries(1)
    assert queries(10) == queries(20)


def test_it_leads_from_a_message_that_joined_another(viewer_client: Client) -> None:
    """The second relay's log is read first: its mail has a page, and a colleague has the link."""
    ingest(
        "2026-11-24T09:00:01+00:00 pre postfix/smtpd[1]: BBBBB1: client=e.example[192.0.2.1]\n"
        "2026-11-24T09:00:01+00:00 pre postfix/cleanup[2]: BBBBB1: message-id=<m@c.example>\n"
        "2026-11-24T09:00:01+00:00 pre postfix/qmgr[3]: BBBBB1: from=<a@c.example>, size=9, "
        "nrcpt=1 (queue active)\n",
        "pre",
    )
    link = f"/messages/{Message.objects.get().pk}/"
    ingest(
        "2026-11-24T09:00:00+00:00 ext postfix/smtpd[1]: AAAAA1: client=c.example[192.0.2.9]\n"
        "2026-11-24T09:00:00+00:00 ext postfix/cleanup[2]: AAAAA1: message-id=<m@c.example>\n"
        "2026-11-24T09:00:00+00:00 ext postfix/qmgr[3]: AAAAA1: from=<a@c.example>, size=9, "
        "nrcpt=1 (queue active)\n"
        "2026-11-24T09:00:01+00:00 ext postfix/smtp[4]: AAAAA1: to=<b@d.example>, "
        "relay=pre.isp.example[192.0.2.2]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent "
        "(250 2.0.0 Ok: queued as BBBBB1)\n",
        "ext",
    )
    joined = Message.objects.get().pk
    assert link != f"/messages/{joined}/"
    assert viewer_client.get(link).headers["Location"] == f"/messages/{joined}/"
    assert viewer_client.get(link, follow=True).status_code == 200

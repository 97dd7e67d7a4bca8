"""The story of a mail: the answer for one recipient, its way, and what the lines say besides."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from tracking.answers import answer_for, caller_texts
from tracking.models import Hop, Message
from tracking.selectors.attempts import hop_details
from tracking.selectors.evidence import hop_evidence
from tracking.selectors.journey import WIDTH, Journey, journey_of
from tracking.selectors.story import Story, StoryDelivery, message_story
from tracking.story_pages import choose_recipient
from tracking.tests import mail_log
from tracking.tests.support import ingest
from tracking.tests.test_logs import LOGS

HTMX = {"HX-Request": "true"}
DAY = mail_log.DAY


def tell(name: str) -> Story:
    """The story of the first mail of a pair of tests/logs."""
    ingest(next(LOGS.glob(f"{name}_*.log")).read_text())
    return first_story()


def first_story() -> Story:
    message = Message.objects.order_by("received_at", "id").first()
    assert message is not None
    story = message_story(message.pk)
    assert story is not None
    return story


def chosen_of(story: Story, address: str = "") -> StoryDelivery:
    chosen = choose_recipient(story, address)
    assert chosen is not None
    return chosen


def way_of(story: Story, address: str = "") -> Journey:
    last = story.message.received_at + timedelta(days=1)
    return journey_of(story, chosen_of(story, address), last)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "deed", "other_side", "words", "code"),
    [
        ("01", "Handed it over on", "Took the mail and answered:", "250 2.0.0 Ok: queued as",
         "DELIVERED_REMOTE"),
        ("16", "and told the sender.", "Refused the mail and answered:", "550 5.1.1",
         "BNC_NO_USER"),
        ("26", "gave up, and told the sender.", "Did not answer until the end.", "timed out",
         "EXPIRED"),
        ("04", "Put it in quarantine.", "Nothing: the mail has not left us.", "", "HELD_SPAM"),
        ("08", "Stopped it in our filter.", "Nothing: the mail has not left us.", "",
         "BLOCKED_RULE"),
        ("24", "Put it on hold.", "Nothing: the mail has not left us.", "", "HELD_ADMIN"),
        ("28", "Refused it at the door.", "Nothing: we did not take the mail.", "5.7.1",
         "BLOCKED_RULE"),
    ],
)  # fmt: skip
def test_it_keeps_three_facts_apart(
    name: str, deed: str, other_side: str, words: str, code: str
) -> None:
    story = tell(name)
    answer = answer_for(story, chosen_of(story))
    assert answer.accepted.startswith("Took it on ")
    assert deed in answer.deed
    assert answer.other_side.startswith(other_side)
    assert words in answer.words
    assert bool(words) == bool(answer.words)
    assert answer.reason.code == code


@pytest.mark.django_db
def test_it_says_that_a_mail_is_still_with_us() -> None:
    lines = next(LOGS.glob("25_*.log")).read_text().splitlines(keepends=True)
    ingest("".join(lines[:5]))
    answer = answer_for(first_story(), chosen_of(first_story()))
    assert (answer.deed, answer.words) == ("Have it in our queue.", "")
    assert answer.reason.code == "IN_QUEUE"


@pytest.mark.django_db
def test_it_tells_our_filters_words_from_the_other_sides() -> None:
    lines = mail_log.one_mail(
        "3B00000001",
        status="deferred",
        relay="none",
        dsn="4.4.1",
        reply="connect to 127.0.0.1[127.0.0.1]:10024: Connection refused",
    )
    ingest(lines)
    answer = answer_for(first_story(), chosen_of(first_story()))
    assert answer.other_side.startswith("Nothing: the mail was with our own filter")
    assert (answer.reason.code, answer.reason.actor) == ("IN_FILTER", "admin")


@pytest.mark.django_db
def test_it_has_a_text_for_the_caller_in_both_languages_whatever_the_page_speaks() -> None:
    story = tell("16")
    for language in ("en", "id"):
        with translation.override(language):
            english, indonesian = caller_texts(story, chosen_of(story), way_of(story))
        assert "says that it has no such address" in english.text
        assert "Who must act: The customer" in english.text
        assert "20 November 2026" in english.text
        assert "menyatakan tidak memiliki alamat" in indonesian.text
        assert "Yang harus bertindak: Pelanggan" in indonesian.text
        for item in (english, indonesian):
            assert "550 5.1.1" in item.text
            assert "3A1B2C4D01 (smtp-ext)" in item.text


def three_recipients() -> None:
    text = mail_log.one_mail("3B00000002", recipient="satu@far.example")
    line = next(part for part in text.splitlines(keepends=True) if " to=<" in part)
    refused = line.replace("satu@", "dua+x&y@").replace(
        "2.0.0, status=sent", "5.1.1, status=bounced"
    )
    refused = refused.replace(
        "250 2.0.0 Ok: queued as 9F11DABCDE", "550 5.1.1 <b>no</b> user unknown"
    )
    ingest(text.replace(line, line + refused + line.replace("satu@", "tiga@")))


@pytest.mark.django_db
def test_it_folds_the_other_recipients_and_links_each(viewer_client: Client) -> None:
    three_recipients()
    url = f"/messages/{first_story().message.id}/"
    page = viewer_client.get(url).content.decode()
    assert "Also to 2 others" in page
    assert "Refused the mail and answered:" in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    assert f'href="{url}?recipient=satu%40far.example"' in page
    page = viewer_client.get(f"{url}?recipient={quote('SATU@far.example')}").content.decode()
    assert "Took the mail and answered:" in page
    assert f'href="{url}?recipient=dua%2Bx%26y%40far.example"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["nobody@<b>x</b>", "a\0b", "x" * 9000, "\udcff"])
def test_it_says_that_a_recipient_is_not_of_this_mail(viewer_client: Client, address: str) -> None:
    three_recipients()
    url = f"/messages/{first_story().message.id}/"
    asked = quote(address.encode("utf-8", "surrogateescape"))
    page = viewer_client.get(f"{url}?recipient={asked}").content.decode()
    assert "This mail has no recipient" in page
    assert "<b>x" not in page


@pytest.mark.django_db
def test_it_draws_the_way_of_the_chosen_recipient_to_scale() -> None:
    story = tell("56")
    bob, eve = way_of(story, "bob@dest.example"), way_of(story, "eve@dest.example")
    assert [step.hop.host for step in bob.steps] == ["smtp-ext", "smtp-tr"]
    assert [step.hop.host for step in eve.steps] == ["smtp-ext", "smtp-pre"]
    assert [part.kind for part in eve.steps[0].parts] == [
        "before_queue", "in_queue", "connect", "transmit"
    ]  # fmt: skip
    for part in (part for step in eve.steps for part in step.parts):
        assert part.width == round(WIDTH * part.seconds / eve.seconds)
        assert 0 <= part.x <= part.x + part.width <= WIDTH + 1
    assert bob.steps[-1].parts[-1].kind == "waiting"
    assert bob.marks[-1] == bob.seconds == pytest.approx(86_400, abs=1)


@pytest.mark.django_db
def test_it_takes_the_time_between_tries_for_what_it_is() -> None:
    story = tell("25")
    step = way_of(story, "bob@dest.example").steps[0]
    assert step.before_queue_seconds is None
    assert step.waiting_seconds == pytest.approx(0.1)
    assert step.delivery.attempts == 3


@pytest.mark.django_db
def test_it_does_not_follow_hops_in_a_ring() -> None:
    story = tell("56")
    for hop, parent in zip(story.hops, story.hops[1:] + story.hops[:1], strict=True):
        hop.parent = parent.id
    assert len(way_of(story).steps) <= len(story.hops)


@pytest.mark.django_db
def test_it_reads_every_attempt_from_the_lines(viewer_client: Client) -> None:
    story = tell("25")
    hop = story.hops[0]
    found = hop_details(hop_evidence(story, hop))
    bob = [item for item in found.attempts if item.recipient == "bob@dest.example"]
    assert [item.status for item in bob] == ["deferred", "deferred", "sent"]
    assert bob[1].smtp_reply.startswith("host mx.dest.example[203.0.113.9] said: 450 4.2.1")
    assert bob[0].relay == "none"
    url = f"/messages/{story.message.id}/hops/{hop.id}/details/"
    page = viewer_client.get(url).content.decode()
    assert "<html" in page
    fragment = viewer_client.get(url, headers=HTMX).content.decode()
    assert "<html" not in fragment
    assert fragment.count("<tr>") == 1 + len(found.attempts) == 6
    assert url in viewer_client.get(f"/messages/{story.message.id}/").content.decode()


@pytest.mark.usefixtures("mail")
def test_it_names_the_rules_behind_a_score(viewer_client: Client) -> None:
    hop = Hop.objects.get(queue_id="A49BB28FC4")
    story = message_story(hop.message_ref)
    assert story is not None
    found = hop_details(hop_evidence(story, story.hops[0]))
    assert [(rule.name, rule.score) for rule in found.rules] == [("BAYES_99", 3.5)]
    url = f"/messages/{hop.message_ref}/hops/{hop.pk}/details/"
    assert "BAYES_99" in viewer_client.get(url).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "hops/{hop}/lines/", "hops/{hop}/details/"])
def test_only_who_may_sees_it_and_nobody_changes_it(
    viewer_client: Client, stranger_client: Client, path: str
) -> None:
    story = tell("01")
    url = f"/messages/{story.message.id}/" + path.format(hop=story.hops[0].id)
    assert viewer_client.get(url).status_code == 200
    assert viewer_client.post(url).status_code == 405
    assert stranger_client.get(url).status_code == 403
    assert Client().get(url).status_code == 302
    wrong = f"/messages/{story.message.id}/" + path.format(hop=2**62)
    assert viewer_client.get(wrong).status_code == (404 if path else 200)


@pytest.mark.usefixtures("mail")
def test_it_says_how_a_notification_ended(viewer_client: Client) -> None:
    mail = Message.objects.get(message_id="<3a1b2c4d61@satu.example>")
    story = message_story(mail.pk)
    assert story is not None
    assert [item.dispositions for item in story.notifications] == [[1]]


@pytest.mark.django_db
def test_its_version_changes_with_the_story() -> None:
    versions = set()
    lines = next(LOGS.glob("25_*.log")).read_text().splitlines(keepends=True)
    for part in (
        lines[:5],
        lines[5:7],
        lines[7:8],
        lines[8:9],
        lines[9:10],
        lines[10:11],
        lines[11:],
    ):
        ingest("".join(part))
        story = first_story()
        versions.add(story.version)
    assert len(versions) == 6  # "queue active" again changes nothing
    ended = first_story()
    assert ended.has_ended
    at = ended.message.received_at
    assert 0 < ended.live_seconds(at + timedelta(minutes=16)) <= 120
    assert ended.live_seconds(at + timedelta(minutes=20)) == 0


@pytest.mark.django_db
def test_a_story_without_an_end_is_given_up_after_some_days() -> None:
    story = tell("37")
    assert not story.has_ended
    assert story.live_seconds(story.message.received_at + timedelta(days=6)) > 0
    assert story.live_seconds(story.message.received_at + timedelta(days=30)) == 0


def test_it_tells_an_open_page_of_changes_alone(viewer_client: Client) -> None:
    now = timezone.now() - timedelta(minutes=5)
    lines = mail_log.one_mail("3B00000003", stamp=f"{now:%Y-%m-%dT%H:%M:%S.000000+00:00}")
    waiting, ending = lines.split(" out1 postfix/smtp[", 1)
    waiting, stamp = waiting.rsplit("\n", 1)
    ingest(waiting + "\n")
    pk = first_story().message.id
    page = viewer_client.get(f"/messages/{pk}/").content.decode()
    found = re.search(r'hx-get="([^"]+)"\s+hx-trigger="live:poll"', page)
    assert found is not None
    live = found[1].replace("&amp;", "&")
    with CaptureQueriesContext(connection) as captured:
        assert viewer_client.get(live, headers=HTMX).status_code == 204
    assert len([item for item in captured if "tracking_" in item["sql"]]) == 2
    ingest(f"{stamp} out1 postfix/smtp[{ending}")
    changed = viewer_client.get(live, headers=HTMX).content.decode()
    assert "<html" not in changed
    assert "Took the mail and answered:" in changed
    assert "The story has changed:" in changed
    assert "data-live-seconds" not in changed  # ended five minutes ago
    assert "data-live-seconds" not in viewer_client.get(f"/messages/{pk}/").content.decode()


def test_an_open_page_follows_a_mail_that_joins_another(viewer_client: Client) -> None:
    lines = next(LOGS.glob("56_*.log")).read_text().splitlines(keepends=True)
    ingest("".join(line for line in lines if " smtp-tr " in line), "tr")
    pk = first_story().message.id
    ingest("".join(line for line in lines if " smtp-ext " in line), "ext")
    joined = first_story().message.id
    assert joined != pk
    response = viewer_client.get(f"/messages/{pk}/live/?version=x", headers=HTMX)
    assert response.headers["HX-Replace-Url"] == f"/messages/{joined}/"
    assert f"/messages/{joined}/live/" in response.content.decode()


@pytest.mark.parametrize("message", ["1", str(2**63), "9" * 40])
def test_nothing_is_live_of_no_message(
    viewer_client: Client, stranger_client: Client, message: str
) -> None:
    assert viewer_client.get(f"/messages/{message}/live/").status_code == 404
    assert stranger_client.get(f"/messages/{message}/live/").status_code == 403
    assert viewer_client.post(f"/messages/{message}/live/").status_code == 405

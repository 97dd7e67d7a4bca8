"""Tell me when it ends: a watch, its notice, and the mail about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery.worker import WorkController
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from pytest_django import Settings

from mailgw.celery import app
from tracking.models import Message, Watch
from tracking.selectors.story import message_story
from tracking.tests import mail_log
from tracking.tests.smtp_inbox import Inbox, smtp_inbox
from tracking.tests.support import ingest
from tracking.tests.test_logs import LOGS
from tracking.watching import end_watches, mail_notice, watch

QUEUE_ID = "6D00000001"


@pytest.fixture
def reader(db: None) -> User:
    user = User.objects.create_user("reader", "reader@isp.example")
    user.groups.add(Group.objects.get(name="viewer"))
    return user


@pytest.fixture
def client(reader: User) -> Client:
    client = Client()
    client.force_login(reader)
    return client


@pytest.fixture
def inbox(settings: Settings) -> Iterator[Inbox]:
    with smtp_inbox() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        settings.SENDS_MAIL = True
        settings.PUBLIC_URL = "https://console.isp.example"
        yield found


def begin(queue_id: str = QUEUE_ID, **values: str) -> int:
    """A mail that waits; returns its id."""
    now = timezone.now() - timedelta(minutes=3)
    text = mail_log.one_mail(
        queue_id,
        stamp=f"{now:%Y-%m-%dT%H:%M:%S.%f+00:00}",
        status="deferred",
        dsn="4.4.1",
        relay="none",
        reply="connect to mx.far.example[203.0.113.9]:25: Connection timed out",
        **values,
    )
    ingest(text)
    return Message.objects.get(message_id=f"<{queue_id.lower()}@satu.example>").pk


def end(queue_id: str = QUEUE_ID, status: str = "sent", reply: str = "250 2.0.0 Ok") -> None:
    stamp = f"{timezone.now():%Y-%m-%dT%H:%M:%S.%f+00:00} out1 postfix"
    ingest(
        f"{stamp}/smtp[103]: {queue_id}: to=<budi@far.example>, relay=mx.far.example"
        f"[203.0.113.9]:25, delay=180, delays=179/0/0.5/0.5, dsn=2.0.0, status={status} ({reply})\n"
        f"{stamp}/qmgr[102]: {queue_id}: removed\n"
    )


def watch_it(user: User, message: int, language: str = "en") -> Watch:
    story = message_story(message)
    assert story is not None
    with translation.override(language):
        return watch(user.pk, story)


@pytest.mark.django_db
def test_a_double_click_is_one_watch(client: Client, reader: User) -> None:
    message = begin()
    page = client.get(f"/messages/{message}/").content.decode()
    assert f'action="/messages/{message}/watch/"' in page
    for _ in range(2):
        response = client.post(f"/messages/{message}/watch/?recipient=budi%40far.example")
        assert response.status_code == 303
        assert response.headers["Location"] == f"/messages/{message}/?recipient=budi%40far.example"
    found = Watch.objects.get()
    assert (found.user, found.title) == (reader, "ani@satu.example → budi@far.example")
    page = client.get(f"/messages/{message}/").content.decode()
    assert "You will be told" in page
    assert f'action="/watches/{found.pk}/forget/"' in page
    response = client.post(f"/watches/{found.pk}/forget/", {"story": str(message)})
    assert response.headers["Location"] == f"/messages/{message}/"
    assert not Watch.objects.exists()


@pytest.mark.django_db
def test_a_notice_comes_when_the_mail_has_ended_and_not_before(
    client: Client, reader: User
) -> None:
    message = begin()
    watch_it(reader, message)
    assert end_watches() == []
    assert 'class="bell-count"' not in client.get("/status/").content.decode()
    end()
    found = Watch.objects.get()
    assert end_watches() == [found.pk]
    assert end_watches() == []
    page = client.get("/watches/").content.decode()
    assert f'href="/messages/{message}/"' in page
    assert 'data-word="delivered"' in page
    assert 'class="bell-count">1<' in page
    client.get("/watches/")  # looking is not reading
    assert 'class="bell-count">1<' in client.get("/status/").content.decode()
    assert client.post("/watches/read/").status_code == 303
    assert 'class="bell-count"' not in client.get("/watches/").content.decode()


@pytest.mark.django_db
def test_a_mail_that_has_ended_is_not_watched(client: Client) -> None:
    message = begin()
    end()
    assert "Tell me when it ends" not in client.get(f"/messages/{message}/").content.decode()
    page = client.post(f"/messages/{message}/watch/", follow=True).content.decode()
    assert "This mail has ended already." in page
    assert not Watch.objects.exists()


@pytest.mark.django_db
def test_a_watch_waits_for_every_recipient(reader: User) -> None:
    lines = next(LOGS.glob("25_*.log")).read_text().splitlines(keepends=True)
    ingest("".join(lines[:10]))
    watch_it(reader, Message.objects.get().pk)
    assert end_watches() == []
    ingest("".join(lines[10:]))
    assert len(end_watches()) == 1
    assert Watch.objects.get().endings == {"delivered": 2}


@pytest.mark.django_db
def test_a_watch_follows_a_mail_that_joins_another(client: Client, reader: User) -> None:
    """The log of the first relay is read last; the user watches both mails, which are one."""
    lines = next(LOGS.glob("56_*.log")).read_text().splitlines(keepends=True)
    ingest("".join(line for line in lines if " smtp-tr " in line), "tr")
    second = Message.objects.get().pk
    watch_it(reader, second)
    ingest("".join(line for line in lines if " smtp-ext " in line), "ext")
    joined = Message.objects.get().pk
    assert joined != second
    assert client.post(f"/messages/{second}/watch/").headers["Location"] == f"/messages/{joined}/"
    assert Watch.objects.count() == 2
    assert end_watches() == []
    found = Watch.objects.get()
    message = Message.objects.get()
    assert (found.message_ref, found.received_at) == (joined, message.received_at)
    ingest("".join(line for line in lines if " smtp-pre " in line), "pre")
    ended = lines[-3].replace("10:00:00.6", "10:09:00.6").replace("status=deferred", "status=sent")
    ingest(ended + "2026-11-20T10:09:01Z smtp-tr postfix/qmgr[13]: 3A1B2C4D02: removed\n", "tr")
    assert end_watches() == [found.pk]
    assert Watch.objects.get().endings == {"delivered": 1, "bounced": 1}


@pytest.mark.django_db
def test_a_watch_of_mail_that_is_gone_ends(client: Client, reader: User) -> None:
    message = begin()
    watch_it(reader, message)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tracking_message, tracking_hop, tracking_delivery")
    assert len(end_watches()) == 1
    page = client.get("/watches/").content.decode()
    assert "The log does not say how it ended." in page


@pytest.mark.django_db
def test_a_watch_that_nothing_ends_is_given_up(reader: User) -> None:
    found = watch_it(reader, begin())
    Watch.objects.filter(pk=found.pk).update(created_at=timezone.now() - timedelta(days=31))
    assert end_watches() == [found.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("en", "1 Delivered: ani@satu.example", "You asked to be told when this mail ends"),
        ("id", "1 Terkirim: ani@satu.example", "Anda minta diberi tahu saat surel ini selesai"),
    ],
)
def test_it_is_mailed_once_in_the_readers_language(
    reader: User, inbox: Inbox, language: str, subject: str, words: str
) -> None:
    message = begin()
    watch_it(reader, message, language)
    end()
    (pk,) = end_watches()
    assert mail_notice(pk)
    assert not mail_notice(pk)
    (mail,) = inbox.mails
    assert mail["To"] == "reader@isp.example"
    assert mail["Subject"].strip().startswith(subject)
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    assert words in text
    assert "budi@far.example: " in text
    assert f"https://console.isp.example/messages/{message}/" in text


@pytest.mark.django_db
def test_it_is_mailed_again_when_the_server_was_busy(reader: User, inbox: Inbox) -> None:
    watch_it(reader, begin())
    end()
    (pk,) = end_watches()
    inbox.is_refusing = True
    with pytest.raises(OSError, match="Not now"):
        mail_notice(pk)
    inbox.is_refusing = False
    assert mail_notice(pk)
    assert len(inbox.mails) == 1


@pytest.mark.django_db
def test_a_hostile_address_writes_no_header(reader: User, inbox: Inbox) -> None:
    sender = '"a\rBcc: x@y.example\u2028"@satu.example'
    watch_it(reader, begin(sender=sender))
    end()
    (pk,) = end_watches()
    assert mail_notice(pk)
    assert inbox.mails[0]["Bcc"] is None
    assert "Bcc: x@y.example" in inbox.mails[0]["Subject"]


@pytest.mark.django_db
def test_nobody_is_mailed_without_an_address_or_a_server(
    reader: User, inbox: Inbox, settings: Settings
) -> None:
    watch_it(reader, begin())
    end()
    (pk,) = end_watches()
    settings.SENDS_MAIL = False
    assert not mail_notice(pk)
    settings.SENDS_MAIL = True
    User.objects.update(email="")
    assert not mail_notice(pk)
    assert inbox.mails == []


@pytest.mark.django_db
def test_a_watch_is_its_owners_alone(
    reader: User, viewer_client: Client, stranger_client: Client
) -> None:
    found = watch_it(reader, begin())
    assert viewer_client.post(f"/watches/{found.pk}/forget/").status_code == 404
    assert viewer_client.post("/watches/9999999999999999999999/forget/").status_code == 404
    assert "budi@" not in viewer_client.get("/watches/").content.decode()
    assert stranger_client.get("/watches/").status_code == 403
    assert stranger_client.post(f"/messages/{found.message_ref}/watch/").status_code == 403
    assert viewer_client.get(f"/messages/{found.message_ref}/watch/").status_code == 405
    assert viewer_client.post("/messages/1/watch/").status_code == 404
    assert viewer_client.post("/messages/99999999999999999999/watch/").status_code == 404
    end()
    end_watches()
    viewer_client.post("/watches/read/")
    assert Watch.objects.get().read_at is None


@pytest.mark.django_db
def test_it_asks_no_more_for_more_watches(client: Client, reader: User) -> None:
    def queries(count: int) -> tuple[int, int]:
        for number in range(count):
            watch_it(reader, begin(f"6E{count:04X}{number:04X}"))
        with CaptureQueriesContext(connection) as page:
            client.get("/watches/")
        with CaptureQueriesContext(connection) as task:
            end_watches()
        return len(page), len(task)

    queries(1)
    assert queries(10) == queries(20)
    Watch.objects.all().delete()
    with CaptureQueriesContext(connection) as captured:
        end_watches()
    assert len(captured) == 1


@pytest.mark.django_db(transaction=True)
def test_beat_has_a_worker_tell_and_mail(celery_worker: WorkController, inbox: Inbox) -> None:
    assert app.conf.beat_schedule["end-watches"]["task"] == "tracking.end_watches"
    reader = User.objects.create_user("reader", "reader@isp.example")
    watch_it(reader, begin())
    end()
    app.send_task("tracking.end_watches")
    wait_until = timezone.now() + timedelta(seconds=30)
    while not Watch.objects.filter(mailed_at__isnull=False).exists():
        assert timezone.now() < wait_until, "no mail was sent"
    assert len(inbox.mails) == 1

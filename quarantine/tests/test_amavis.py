"""amavis: a real quarantine as it lies on the disk, and release by AM.PDP."""

from __future__ import annotations

import gzip
import socket
import tarfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from quarantine.backends.amavis import Amavis
from quarantine.backends.base import (
    BackendUnavailable,
    FoundItem,
    HeldItem,
    ItemGone,
    ItemUnreadable,
    ReleaseRefused,
    ReleaseUncertain,
)
from quarantine.choices import HeldState, Outcome
from quarantine.models import QuarantinedMessage
from quarantine.services.release import Wish, release_messages
from quarantine.services.results import Actor
from quarantine.sync import sync_source
from quarantine.tests.amavis_server import Amavisd, amavisd
from quarantine.tests.support import DATA, age, make_source
from tracking.tests.support import ingest, unpack

KEY = "4/spam-4bIGyMiYpJ_E.gz"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    with tarfile.open(DATA / "amavis-quarantine.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    age(tmp_path / "quarantine")
    return tmp_path / "quarantine"


@pytest.fixture
def server(directory: Path, tmp_path: Path) -> Iterator[Amavisd]:
    with amavisd(directory, tmp_path / "amavisd.sock") as running:
        yield running


def item(found: FoundItem) -> HeldItem:
    return HeldItem(found.key, found.envelope_sender, found.recipients, found.data)


def test_it_describes_every_file_of_a_real_quarantine(directory: Path) -> None:
    backend = Amavis(str(directory), "")
    keys = [key for shelf in backend.shelves() for key in backend.keys(shelf.name)]
    found = {key: backend.describe(key) for key in keys}
    kinds = Counter(one.kind.name for one in found.values())
    assert kinds == {"VIRUS": 37, "SPAM": 33, "BANNED": 10}
    assert all(one.recipients and one.quarantine_id for one in found.values())
    spam = found[KEY]
    assert (spam.envelope_sender, spam.recipients) == (
        "nils.boris@ok4.example",
        ("user14@hosted-b.example",),
    )
    assert spam.size_bytes == len(gzip.decompress((directory / KEY).read_bytes()))
    assert (spam.score, spam.rules, spam.quarantine_id) == (1000.0, ("GTUBE",), "4bIGyMiYpJ_E")
    virus = found["1/virus-1vgakj_yoOss"]
    assert virus.virus == "Lab.Test.EICAR.UNOFFICIAL"
    banned = found["F/banned-Fh6SAbQwTOxF"]
    assert banned.rules == ("application/octet-stream,.exe,.exe-ms,setup.exe",)


def test_it_reads_packed_and_plain_mail_without_what_amavis_added(directory: Path) -> None:
    backend = Amavis(str(directory), "")
    for key in (KEY, "1/virus-1vgakj_yoOss"):
        raw = backend.read(HeldItem(key, "", ()), 10**6).raw
        assert raw.startswith(b"Received: from mx1.isp.example")


def test_a_packed_file_that_grows_without_end_is_cut(directory: Path) -> None:
    path = directory / "Z" / "spam-ZZZZZZZZZZZZ.gz"
    with gzip.open(path, "wb") as file:
        file.write(b"Subject: x\n\n")
        for _ in range(200):
            file.write(b"\0" * 1_000_000)
    backend = Amavis(str(directory), "")
    content = backend.read(HeldItem("Z/spam-ZZZZZZZZZZZZ.gz", "", ()), 5000)
    assert (len(content.raw), content.is_cut) == (5000, True)
    path.write_bytes(b"no gzip at all")
    with pytest.raises(ItemUnreadable, match="gzip"):
        backend.describe("Z/spam-ZZZZZZZZZZZZ.gz")


@pytest.mark.django_db
def test_it_is_tied_to_the_log_and_its_releases_are_seen(directory: Path) -> None:
    ingest(unpack("isp-lab/mx1.log.xz"), "mx1")
    source = make_source(directory, kind="amavis")
    report = sync_source(source)
    assert (report.added, report.linked) == (80, 80)
    held = QuarantinedMessage.objects.get(key=KEY)
    assert held.message_ref is not None
    assert held.state == HeldState.RELEASED


def test_it_releases_on_a_unix_socket(directory: Path, server: Amavisd) -> None:
    backend = Amavis(str(directory), server.address)
    held = item(backend.describe(KEY))
    called: list[bool] = []
    (sent,) = backend.release(held, held.recipients, lambda: called.append(True))
    assert (sent.is_accepted, sent.queue_id) == (True, "4jYgJL1td")
    assert sent.reply.startswith("250 2.0.0 from MTA(smtp:[127.0.1.4]:10025)")
    assert called == [True]
    assert server.requests == [
        [
            ("request", "release"),
            ("mail_id", "4bIGyMiYpJ_E"),
            ("quar_type", "Z"),
            ("mail_file", KEY),
            ("recipient", "<user14@hosted-b.example>"),
        ]
    ]


def test_it_releases_on_a_tcp_port_to_chosen_recipients(directory: Path) -> None:
    replies = ["250 2.0.0 from MTA: 250 Ok: queued as ABCDEF12", "550 5.1.1 100% unknown"]
    with amavisd(directory, replies=replies) as running:
        backend = Amavis(str(directory), running.address)
        names = ["100%a@example.org", "b@example.org"]
        sent = backend.release(HeldItem("F/banned-Fh6SAbQwTOxF", "", ()), names, lambda: None)
    assert [(one.is_accepted, one.queue_id) for one in sent] == [(True, "ABCDEF12"), (False, "")]
    assert sent[1].reply == "550 5.1.1 100% unknown"
    assert running.released == [("F/banned-Fh6SAbQwTOxF", "<100%a@example.org>")]
    assert ("quar_type", "F") in running.requests[0]


@pytest.mark.parametrize(
    "reply", ["250 2.7.0 Ok, discarded, id=1 - INFECTED", "450 4.4.1 Can't connect to MTA"]
)
def test_an_answer_for_which_nothing_was_sent_is_no_success(directory: Path, reply: str) -> None:
    with amavisd(directory, replies=[reply]) as running:
        backend = Amavis(str(directory), running.address)
        (sent,) = backend.release(HeldItem(KEY, "", ()), ["a@example.org"], lambda: None)
    assert not sent.is_accepted


def test_what_amavis_refuses_was_not_sent(directory: Path, tmp_path: Path) -> None:
    with amavisd(tmp_path / "elsewhere") as running:
        backend = Amavis(str(directory), running.address)
        with pytest.raises(ReleaseRefused, match="does not exist"):
            backend.release(HeldItem(KEY, "", ()), ["a@example.org"], lambda: None)


@pytest.mark.parametrize("replies", [["450 4.5.0 ERROR: timed out"]])
def test_what_broke_off_inside_amavis_is_uncertain(directory: Path, replies: list[str]) -> None:
    with amavisd(directory, replies=replies) as running:
        backend = Amavis(str(directory), running.address)
        with pytest.raises(ReleaseUncertain, match="broke off"):
            backend.release(HeldItem(KEY, "", ()), ["a@example.org"], lambda: None)


def test_a_lost_answer_is_uncertain(directory: Path) -> None:
    with amavisd(directory, is_dropping=True) as running:
        backend = Amavis(str(directory), running.address)
        with pytest.raises(ReleaseUncertain):
            backend.release(HeldItem(KEY, "", ()), ["a@example.org"], lambda: None)


def test_answers_that_are_too_few_are_uncertain(directory: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"setreply=250 2.0.0 Ok\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        backend = Amavis(str(directory), f"127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(ReleaseUncertain, match="1 of 2"):
            backend.release(HeldItem(KEY, "", ()), ["a@x.example", "b@x.example"], lambda: None)
        thread.join(10)


@pytest.mark.parametrize("address", ["", "unix:/nowhere", "127.0.0.1:1", "no address"])
def test_it_says_when_no_amavisd_answers(directory: Path, address: str) -> None:
    with pytest.raises(BackendUnavailable):
        Amavis(str(directory), address).release(
            HeldItem(KEY, "", ()), ["a@b.example"], lambda: None
        )


def test_it_asks_amavis_for_no_file_outside(directory: Path, server: Amavisd) -> None:
    (directory / "Z" / "virus-ZZZZZZZZZZZZ").symlink_to("/etc/hostname")
    backend = Amavis(str(directory), server.address)
    for key in ("../x/spam-ZZZZZZZZZZZZ", "Z/virus-ZZZZZZZZZZZZ", "Z/other.name", "Z/spam-Q.gz"):
        with pytest.raises((ItemGone, ItemUnreadable)):
            backend.release(HeldItem(key, "", ()), ["a@example.org"], lambda: None)
    with pytest.raises(ReleaseRefused):
        backend.release(HeldItem(KEY, "", ()), ["a@example.org>\r\nrequest=x"], lambda: None)
    with pytest.raises(ReleaseRefused):
        backend.release(HeldItem(KEY, "", ()), [], lambda: None)
    assert server.requests == []


@pytest.mark.django_db
def test_the_console_releases_what_amavis_holds(
    directory: Path, server: Amavisd, senior: Actor
) -> None:
    sync_source(make_source(directory, kind="amavis", release_to=server.address))
    held = QuarantinedMessage.objects.get(key=KEY)
    outcomes = [release_messages([held.pk], senior, Wish("x"))[0].outcome for _ in range(2)]
    assert outcomes == [Outcome.DONE, Outcome.ALREADY]
    assert server.released == [(KEY, "<user14@hosted-b.example>")]

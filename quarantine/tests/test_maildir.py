"""A plain Maildir: a mail keeps its key when it is read, and its envelope is in its header."""

from __future__ import annotations

from pathlib import Path

import pytest

from quarantine.backends.base import BackendUnavailable, HeldItem, ItemGone, ReleaseRefused
from quarantine.backends.maildir import Maildir
from quarantine.backends.smtp import Reinjection
from quarantine.choices import HeldState
from quarantine.models import QuarantinedMessage
from quarantine.sync import sync_source
from quarantine.tests.smtp_server import Handler
from quarantine.tests.support import age, make_source
from tracking.choices import QuarantineKind

RAW = (
    b"Return-Path: <s@example.net>\nX-Original-To: a@example.com\nDelivered-To: held@isp.example\n"
    b"X-Spam-Flag: YES\nX-Spam-Score: 7.5\nX-Spam-Status: Yes, score=7.5 tests=[BAYES_99=3.5,\n"
    b" HTML_MESSAGE=0.001]\nFrom: s@example.net\nSubject: Hello\n\nbody\n"
)
KEY = "1795511247.M1P2.mx"


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / KEY).write_bytes(RAW)
    age(tmp_path)
    return tmp_path


def test_it_describes_a_mail_by_its_header(maildir: Path) -> None:
    backend = Maildir(str(maildir), None)
    (shelf,) = backend.shelves()
    assert backend.keys(shelf.name) == [KEY]
    found = backend.describe(KEY)
    assert (found.envelope_sender, found.recipients) == ("s@example.net", ("a@example.com",))
    assert (found.kind, found.score) == (QuarantineKind.SPAM, 7.5)
    assert found.rules == ("BAYES_99", "HTML_MESSAGE")


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (b"X-Virus-Status: Infected", QuarantineKind.VIRUS),
        (b"X-Virus-Name: Eicar", QuarantineKind.VIRUS),
        (b"X-Other: 1", QuarantineKind.OTHER),
    ],
)
def test_it_tells_viruses_from_other_mail(maildir: Path, field: bytes, kind: int) -> None:
    (maildir / "new" / KEY).write_bytes(field + b"\n\nbody\n")
    assert Maildir(str(maildir), None).describe(KEY).kind == kind


@pytest.mark.django_db
def test_a_mail_that_was_read_is_the_same_mail(maildir: Path) -> None:
    source = make_source(maildir, kind="maildir")
    assert sync_source(source).added == 1
    (maildir / "new" / KEY).rename(maildir / "cur" / f"{KEY}:2,S")
    report = sync_source(source)
    assert (report.added, report.gone) == (0, 0)
    held = QuarantinedMessage.objects.get()
    assert held.state == HeldState.HELD
    assert (
        Maildir(str(maildir), None)
        .read(HeldItem(KEY, "", ()), 10**6)
        .raw.startswith(b"X-Spam-Flag")
    )


def test_it_releases_with_the_envelope_of_the_header(maildir: Path, next_hop: Handler) -> None:
    backend = Maildir(str(maildir), Reinjection("127.0.0.1", next_hop.port))
    item = HeldItem(KEY, "s@example.net", ("a@example.com",))
    assert backend.release(item, item.recipients, lambda: None)[0].is_accepted
    assert next_hop.taken[0].sender == "s@example.net"
    assert next_hop.taken[0].raw.startswith(b"X-Spam-Flag: YES\r\n")
    with pytest.raises(ReleaseRefused):
        backend.release(item, [], lambda: None)


def test_it_deletes_wherever_the_mail_is(maildir: Path) -> None:
    backend = Maildir(str(maildir), None)
    (maildir / "new" / KEY).rename(maildir / "cur" / f"{KEY}:2,S")
    backend.delete(HeldItem(KEY, "", ()))
    backend.delete(HeldItem(KEY, "", ()))
    assert backend.keys("maildir") == []
    with pytest.raises(ItemGone):
        backend.describe(KEY)


@pytest.mark.parametrize("key", ["../new/x", "new/x", "x:2,S", "", "a\0b"])
def test_it_takes_no_key_that_is_no_name(maildir: Path, key: str) -> None:
    with pytest.raises(ItemGone):
        Maildir(str(maildir), None).read(HeldItem(key, "", ()), 10)


def test_it_says_what_is_no_maildir(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable, match="has no new and cur"):
        list(Maildir(str(tmp_path), None).shelves())

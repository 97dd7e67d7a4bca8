"""A real PMG spool as it lies on the disk, and what hostile hands may put in its place."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from quarantine.backends.base import BackendUnavailable, HeldItem, ItemGone, ItemUnreadable
from quarantine.backends.pmg_spool import PmgSpool
from quarantine.tests.support import MAIL, hold, unpack_spool
from tracking.choices import QuarantineKind

NAME = "21C0366B0553DEC02D8"
KEY = f"spam/D8/{NAME}"


def every_key(backend: PmgSpool) -> list[str]:
    return [key for shelf in backend.shelves() for key in backend.keys(shelf.name)]


def test_it_describes_every_file_of_a_real_spool(tmp_path: Path) -> None:
    backend = PmgSpool(str(unpack_spool(tmp_path)), None)
    items = [backend.describe(key) for key in every_key(backend)]
    kinds = Counter(item.kind.name for item in items)
    assert kinds == {"SPAM": 53, "VIRUS": 36, "ATTACHMENT": 17}
    assert all(item.recipients and item.quarantine_id for item in items)
    virus = next(item for item in items if item.quarantine_id == "21C03F6B0553DF18D0D")
    assert virus.virus == "Eicar-Signature.UNOFFICIAL"
    assert virus.client_ip == "198.51.100.1"
    assert virus.message_id == "<A.virus-eicar.94@sender-a.test>"
    assert virus.subject == "Your invoice"
    many = max(items, key=lambda item: len(item.recipients))
    assert len(many.recipients) == 50
    spam = next(item for item in items if item.quarantine_id == "21C06E6B0553EC1E98A")
    assert (spam.score, spam.envelope_sender) == (16.0, "marco@uni.test")
    assert {"HK_SCAM", "US_DOLLARS_3"} <= set(spam.rules)
    assert any(item.envelope_sender == "größe@sender-a.test" for item in items)
    assert any(item.envelope_sender == "" for item in items)


def test_it_reads_the_folders_of_a_cluster(tmp_path: Path) -> None:
    hold(tmp_path / "cluster" / "2", NAME, kind="virus")
    hold(tmp_path, NAME)
    backend = PmgSpool(str(tmp_path), None)
    assert sorted(every_key(backend)) == [f"cluster/2/virus/D8/{NAME}", KEY]
    assert backend.describe(f"cluster/2/virus/D8/{NAME}").kind == QuarantineKind.VIRUS


def test_it_gives_the_mail_without_what_the_filter_added(tmp_path: Path) -> None:
    hold(tmp_path, NAME)
    backend = PmgSpool(str(tmp_path), None)
    item = HeldItem(KEY, "", ())
    content = backend.read(item, 10_000)
    assert content.raw == MAIL[MAIL.index(b"Received:") :]
    assert (content.size_bytes, content.is_cut) == (len(content.raw), False)
    assert backend.read(item, 100).is_cut


def test_it_folds_a_long_list_of_recipients(tmp_path: Path) -> None:
    hold(tmp_path, NAME, b'Delivered-To: a@example.com,\n "b,c"@example.com\nReturn-Path: \n\nx\n')
    found = PmgSpool(str(tmp_path), None).describe(KEY)
    assert found.recipients == ("a@example.com", '"b,c"@example.com')
    assert found.envelope_sender == ""


@pytest.mark.parametrize(
    "key",
    ["../../etc/passwd", "/etc/passwd", "spam/../spam/D8/x", "spam//x", "a\0b", "", ".", "x\n"],
)
def test_it_takes_no_key_out_of_the_spool(tmp_path: Path, key: str) -> None:
    hold(tmp_path, NAME)
    backend = PmgSpool(str(tmp_path), None)
    with pytest.raises(ItemGone):
        backend.read(HeldItem(key, "", ()), 100)
    with pytest.raises(ItemGone):
        backend.delete(HeldItem(key, "", ()))


def test_it_follows_no_links(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(MAIL)
    spool = tmp_path / "spool"
    path = hold(spool, NAME)
    path.unlink()
    path.symlink_to(secret)
    (spool / "spam" / "AA").symlink_to(tmp_path)
    backend = PmgSpool(str(spool), None)
    assert every_key(backend) == []
    for key in (KEY, "spam/AA/secret"):
        with pytest.raises((ItemUnreadable, ItemGone)):
            backend.read(HeldItem(key, "", ()), 100)
    backend.delete(HeldItem(KEY, "", ()))
    assert secret.exists()
    assert not path.is_symlink()


def test_it_opens_no_pipe_and_no_directory(tmp_path: Path) -> None:
    path = hold(tmp_path, NAME)
    path.unlink()
    os.mkfifo(path)
    backend = PmgSpool(str(tmp_path), None)
    assert every_key(backend) == []
    with pytest.raises(ItemUnreadable):
        backend.describe(KEY)
    path.unlink()
    path.mkdir()
    with pytest.raises(ItemUnreadable):
        backend.describe(KEY)


def test_it_reads_only_the_beginning_of_a_huge_file(tmp_path: Path) -> None:
    path = hold(tmp_path, NAME)
    with path.open("ab") as file:
        file.truncate(50 * 1024**3)
    backend = PmgSpool(str(tmp_path), None)
    assert backend.describe(KEY).size_bytes == 50 * 1024**3
    assert backend.read(HeldItem(KEY, "", ()), 1000).is_cut


def test_it_says_when_a_file_vanishes(tmp_path: Path) -> None:
    hold(tmp_path, NAME).unlink()
    with pytest.raises(ItemGone, match="not there any more"):
        PmgSpool(str(tmp_path), None).describe(KEY)


def test_it_waits_for_a_header_that_is_being_written(tmp_path: Path) -> None:
    hold(tmp_path, NAME).write_bytes(b"Delivered-To: a@exam")
    with pytest.raises(ItemUnreadable, match="still being written"):
        PmgSpool(str(tmp_path), None).describe(KEY)


@pytest.mark.parametrize("location", ["relative", "/nowhere", "/dev/null", "/a\0b"])
def test_it_says_when_there_is_no_spool(location: str) -> None:
    with pytest.raises(BackendUnavailable):
        list(PmgSpool(location, None).shelves())


def test_it_takes_an_empty_mount_for_no_spool(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable, match="no spam, virus, attachment"):
        list(PmgSpool(str(tmp_path), None).shelves())

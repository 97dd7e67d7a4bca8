"""PMG's API: never success when nothing was sent, and only with the server that is meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import time_machine

from quarantine.backends.base import (
    BackendUnavailable,
    FoundItem,
    HeldItem,
    ItemGone,
    NotSupported,
    ReleaseRefused,
    ReleaseUncertain,
)
from quarantine.backends.https import Server
from quarantine.backends.pmg_api import PmgApi
from quarantine.models import QuarantinedMessage
from quarantine.sync import sync_source
from quarantine.tests.pmg_server import PASSWORD, USER, Pmg, serving
from quarantine.tests.support import make_source
from tracking.choices import QuarantineKind

pytestmark = pytest.mark.django_db
NOON = "2026-11-24T12:00:00Z"


@pytest.fixture(autouse=True)
def that_day() -> Iterator[None]:
    with time_machine.travel(NOON):
        yield


@pytest.fixture
def pmg(tmp_path: Path) -> Iterator[Pmg]:
    with serving(tmp_path) as server:
        yield server


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    return str(tmp_path / "password")


@pytest.fixture
def backend(pmg: Pmg, password_file: str) -> PmgApi:
    return PmgApi(Server.from_url(pmg.url, pmg.fingerprint), USER, password_file)


def everything(backend: PmgApi) -> dict[str, FoundItem]:
    keys = [key for shelf in backend.shelves() for key in backend.keys(shelf.name)]
    return {key: backend.describe(key) for key in keys}


def one(backend: PmgApi, recipients: int = 1) -> HeldItem:
    """A held mail with so many recipients."""
    keys = [key for kind in ("virus", "spam") for key in backend.keys(f"{kind} 2026-11-24")]
    described = (backend.describe(key) for key in keys)
    found = next(i for i in described if len(i.recipients) == recipients and i.envelope_sender)
    return HeldItem(found.key, found.envelope_sender, found.recipients, found.data)


def test_it_describes_every_listed_mail(backend: PmgApi, pmg: Pmg) -> None:
    found = everything(backend)
    tickets = {row["id"] for rows in pmg.rows.values() for row in rows}
    assert set(found) == {ticket.partition("T")[0] for ticket in tickets}
    virus = found["C0R4"]
    assert virus.kind == QuarantineKind.VIRUS
    assert virus.virus == "Eicar-Signature.UNOFFICIAL"
    assert virus.quarantine_id == pmg.files["C0R4"].rpartition("/")[2]
    assert virus.recipients == ("igor@example.com",)
    assert virus.client_ip is not None
    assert max(len(item.recipients) for item in found.values()) > 40


def test_it_reads_the_mail_without_what_pmg_added(backend: PmgApi) -> None:
    item = one(backend)
    content = backend.read(item, 10**6)
    assert b"Delivered-To" not in content.raw[:30]
    assert b"\nSubject:" in content.raw or b"\nsubject:" in content.raw
    assert backend.read(item, 100).is_cut
    unknown = {"tickets": dict.fromkeys(item.recipients, "C9R9T9")}
    with pytest.raises(ItemGone, match="no such mail"):
        backend.read(replace(item, data=unknown), 100)


def test_it_delivers_to_the_chosen_recipients(backend: PmgApi, pmg: Pmg) -> None:
    item = one(backend, recipients=2)
    called: list[bool] = []
    sent = backend.release(item, item.recipients[:1], lambda: called.append(True))
    assert [(answer.recipient, answer.is_accepted) for answer in sent] == [
        (item.recipients[0], True)
    ]
    assert pmg.delivered == [item.data["tickets"][item.recipients[0]]]
    assert called == [True]


def test_what_was_done_before_is_no_success(backend: PmgApi, pmg: Pmg) -> None:
    item = one(backend, recipients=2)
    backend.release(item, item.recipients[:1], lambda: None)
    sent = backend.release(item, item.recipients, lambda: None)
    assert [answer.is_accepted for answer in sent] == [False, True]
    assert "before" in sent[0].reply
    with pytest.raises(ItemGone, match="does not list"):
        backend.release(item, item.recipients, lambda: None)
    assert len(pmg.delivered) == 2


def test_a_yes_that_did_nothing_is_no_success(backend: PmgApi, pmg: Pmg) -> None:
    item = one(backend)
    pmg.is_lying = True
    sent = backend.release(item, item.recipients, lambda: None)
    assert [answer.is_accepted for answer in sent] == [False]
    assert "still holds" in sent[0].reply


def test_a_failure_without_a_reason_is_one(backend: PmgApi, pmg: Pmg) -> None:
    item = one(backend)
    pmg.is_postfix_down = True
    sent = backend.release(item, item.recipients, lambda: None)
    assert [(answer.is_accepted, answer.reply) for answer in sent] == [(False, "PMG: 500 ")]


def test_a_lost_answer_is_looked_after(backend: PmgApi, pmg: Pmg) -> None:
    item = one(backend, recipients=2)
    pmg.dropping = "after"
    sent = backend.release(item, item.recipients[:1], lambda: None)
    assert [answer.is_accepted for answer in sent] == [True]
    pmg.dropping = "before"
    with pytest.raises(ReleaseUncertain):
        backend.release(item, item.recipients[1:], lambda: None)


def test_pmg_releases_to_nobody_else(backend: PmgApi, pmg: Pmg) -> None:
    with pytest.raises(ReleaseRefused, match="own_recipients: not x@"):
        backend.release(one(backend), ["x@example.org"], lambda: None)
    assert pmg.delivered == []


def test_it_deletes_and_looks_whether_it_is_gone(backend: PmgApi, pmg: Pmg) -> None:
    item = one(backend, recipients=2)
    backend.delete(item)
    assert sorted(pmg.deleted) == sorted(item.data["tickets"].values())
    backend.delete(item)
    other = one(backend)
    pmg.is_lying = True
    with pytest.raises(BackendUnavailable, match="still holds"):
        backend.delete(other)


def test_it_keeps_pmgs_lists_of_senders(backend: PmgApi, pmg: Pmg) -> None:
    item = one(backend)
    backend.allow_sender(item, "Alice@example.com")
    backend.block_sender(item, "bob@example.com")
    assert pmg.listed_senders == [
        {"pmail": "alice@example.com", "address": item.envelope_sender, "list": "whitelist"},
        {"pmail": "bob@example.com", "address": item.envelope_sender, "list": "blacklist"},
    ]
    with pytest.raises(NotSupported):
        backend.allow_sender(replace(item, envelope_sender=""), "alice@example.com")


def test_it_logs_in_again_when_its_ticket_is_too_old(backend: PmgApi, pmg: Pmg) -> None:
    shelf = next(backend.shelves())
    backend.keys(shelf.name)
    pmg.is_expiring = True
    assert backend.keys(shelf.name) == []
    assert pmg.logins == 2


@pytest.mark.parametrize("words", ["wrong", None])
def test_it_says_when_the_password_is_wrong_or_missing(
    pmg: Pmg, tmp_path: Path, words: str | None
) -> None:
    path = tmp_path / "words"
    if words is not None:
        path.write_text(words)
    backend = PmgApi(Server.from_url(pmg.url, pmg.fingerprint), USER, str(path))
    with pytest.raises(BackendUnavailable, match=r"refuses console@pmg|password file"):
        backend.keys(next(backend.shelves()).name)


def test_it_talks_only_to_the_server_that_is_meant(pmg: Pmg, password_file: str) -> None:
    def log_in(fingerprint: str = "", ca_file: str = "") -> None:
        backend = PmgApi(Server.from_url(pmg.url, fingerprint, ca_file), USER, password_file)
        backend.keys(next(backend.shelves()).name)

    log_in(ca_file=pmg.ca_file)
    log_in(fingerprint=":".join(pmg.fingerprint[i : i + 2] for i in range(0, 64, 2)).upper())
    with pytest.raises(BackendUnavailable, match="another certificate"):
        log_in(fingerprint="00" * 32)
    with pytest.raises(BackendUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        log_in()
    assert pmg.logins == 2


@pytest.mark.parametrize(
    ("url", "fingerprint"),
    [
        ("http://pmg.example", ""),
        ("https://", ""),
        ("https://pmg.example/path", ""),
        ("https://pmg.example:port", ""),
        ("https://pmg.example", "12:34"),
        ("https://pmg.example", "zz" * 32),
    ],
)
def test_it_says_what_is_no_address_of_a_pmg(url: str, fingerprint: str) -> None:
    with pytest.raises(BackendUnavailable):
        Server.from_url(url, fingerprint)


def test_sync_reads_it_and_sees_what_pmg_did(pmg: Pmg, password_file: str) -> None:
    source = make_source(
        pmg.url,
        kind="pmg_api",
        tls_fingerprint=pmg.fingerprint,
        username=USER,
        password_file=password_file,
    )
    first = sync_source(source)
    assert first.failure == ""
    assert first.added == len({ticket.partition("T")[0] for ticket in pmg.held})
    held = QuarantinedMessage.objects.get(key="C0R4")
    assert held.recipients == ["igor@example.com"]
    pmg.deleted.append(held.data["tickets"]["igor@example.com"])
    again = sync_source(source)
    assert (again.added, again.gone) == (0, 1)
    pmg.deleted.clear()
    assert sync_source(source).back == 1

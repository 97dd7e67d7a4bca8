"""Junk of every kind: any bytes make an item, no name leads out, nothing raises but our errors."""

from __future__ import annotations

import contextlib
import os
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from quarantine.backends import amavis, headers, pmg_spool
from quarantine.backends.base import BackendError, HeldItem, ItemUnreadable
from quarantine.backends.files import Found, SpoolDirectory, is_safe_name
from quarantine.backends.https import Server
from quarantine.backends.pmg_api import PmgApi
from quarantine.connect import item_of
from quarantine.models import QuarantinedMessage, QuarantineSource
from quarantine.sync import row_of
from quarantine.tests.support import hold

LONG_AGO = 1_795_511_000 * 10**9
FIELDS = st.sampled_from(
    [
        b"Delivered-To", b"Return-Path", b"Subject", b"From", b"Message-ID", b"Received",
        b"X-SPAM-LEVEL", b"X-Proxmox-VInfo", b"X-Envelope-To", b"X-Envelope-From",
        b"X-Amavis-Alert", b"X-Spam-Status", b"X-Spam-Score", b"X-Original-To",
    ]
)  # fmt: skip
VALUES = st.one_of(
    st.binary(max_size=80),
    st.sampled_from(
        [
            b"=?utf-8?q?=C3=28?=",
            b"=?nonsense?b?AAAA?=",
            b"=?utf-16?b?2AA=?=",
            b"=?utf-8?b?not base64?=",
            b'"a,b" <x@example.com>, <,>,,,',
            b"from x ([127.0.0.1]) by y",
            b"from [IPv6:2001:db8::1] by y",
            b"Spam detection results:  99999999999999999999\n\tRULE 1 x",
            b"Yes, score=x tests=[A=1,B=-2.5\n autolearn",
        ]
    ),
)
MAILS = st.one_of(
    st.binary(max_size=300),
    st.lists(st.tuples(FIELDS, VALUES), max_size=12).map(
        lambda pairs: b"".join(b"%s: %s\n" % pair for pair in pairs) + b"\nbody\n"
    ),
)


@given(MAILS)
@example(b"\n" * 1000)
@example(b"Subject: " + b"=?utf-8?q?a?= " * 5000 + b"\n\n")
@example(b"Delivered-To: " + b"a@example.com," * 5000 + b"\n\n")
def test_any_bytes_make_an_item_that_a_database_takes(raw: bytes) -> None:
    found = Found("21C0366B0553DEC02D8", len(raw), LONG_AGO)
    for item in (
        pmg_spool.describe("spam/D8/21C0366B0553DEC02D8", found, raw),
        amavis.describe("4/spam-4bIGyMiYpJ_E.gz", found, raw),
    ):
        row = row_of(QuarantineSource(pk=1), "x", item)
        texts = [row.envelope_sender, row.header_from, row.subject, row.message_id, row.virus]
        for text in [*texts, *row.recipients, *row.rules]:
            text.encode()
            assert "\0" not in text
            assert "\n" not in text
            assert len(text) <= 1000
        assert len(row.recipients) <= headers.MAX_RECIPIENTS
        assert item.received_at <= datetime.now(tz=UTC)
        assert item_of(row).key == item.key


@given(st.text(max_size=60))
@example("..")
@example(".hidden")
@example("a/b")
@example("a\n")
@example("\udcff")
def test_a_safe_name_is_one_step(name: str) -> None:
    if is_safe_name(name):
        assert os.path.normpath(f"/spool/{name}") == f"/spool/{name}"
        assert Path("/spool", name).parent == Path("/spool")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.sampled_from(["..", ".", "", "spam", "D8", "~", "x", "\0", "etc"]), max_size=8))
def test_no_key_leads_out(tmp_path: Path, steps: list[str]) -> None:
    (tmp_path / "outside").mkdir(exist_ok=True)
    (tmp_path / "outside" / "x").write_text("secret")
    hold(tmp_path / "outside" / "spool", "21C0366B0553DEC02D8")
    directory = SpoolDirectory(str(tmp_path / "outside" / "spool"))
    with pytest.raises(BackendError):
        directory.read("/".join(steps), 100)
    directory.folders()
    assert (tmp_path / "outside" / "x").exists()


@given(MAILS, st.integers(0, 400))
def test_what_a_filter_added_is_taken_off_its_beginning_only(raw: bytes, cut: int) -> None:
    kept = headers.without_fields(raw[:cut], frozenset({b"delivered-to", b"return-path"}))
    assert raw[:cut].endswith(kept)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.binary(max_size=400), st.integers(0, 100))
def test_a_broken_archive_is_unreadable_and_no_error(
    tmp_path: Path, junk: bytes, limit: int
) -> None:
    (tmp_path / "a.gz").write_bytes(zlib.compress(b"x" * 1000, wbits=31)[:20] + junk)
    with contextlib.suppress(ItemUnreadable):
        assert len(SpoolDirectory(str(tmp_path)).read("a.gz", limit).raw) <= limit


@pytest.mark.parametrize("data", [{}, {"tickets": 1}, {"tickets": {"a": "../x"}}, {"kind": []}])
def test_a_row_of_another_kind_of_source_is_no_mail_of_pmgs(data: dict[str, object]) -> None:
    backend = PmgApi(Server("127.0.0.1", 1), "x", "/nowhere")
    for act in (lambda i: backend.read(i, 1), lambda i: backend.delete(i)):
        with pytest.raises(BackendError):
            act(HeldItem("C1R1", "", (), data))


def test_a_row_knows_who_waits() -> None:
    row = QuarantinedMessage(recipients=["a", "b"], released_recipients=["a"])
    assert row.waiting_recipients == ["b"]

"""One attachment to save: the bytes that were listed, harmless to get, in the audit trail."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path
from typing import Any

import pytest
import pyzipper
from django.test import Client

from quarantine.models import QuarantineAction, QuarantinedMessage
from quarantine.preview.build import build_preview
from quarantine.preview.extract import extract
from quarantine.preview.isolation import make_preview
from quarantine.sync import sync_source
from quarantine.tests.hostile import ALL
from quarantine.tests.hostile.making import multipart, part
from quarantine.tests.support import held_one, hold, make_source
from quarantine.tests.test_views import hostile, verbs

pytestmark = pytest.mark.django_db
ENVELOPE = b"Delivered-To: alice@example.com\nReturn-Path: sender@example.net\n"


@pytest.fixture
def held(tmp_path: Path) -> QuarantinedMessage:
    return held_one(tmp_path)


def take(client: Client, held: QuarantinedMessage, place: str) -> Any:
    return client.post(f"/quarantine/{held.pk}/attachment/", {"part": place})


def test_it_gives_one_attachment_to_save(tmp_path: Path, boss: Client) -> None:
    raw = multipart(
        part("text/plain", b"see the list"),
        part(
            "text/csv", b"YSxiCjEsMgo=", "Content-Transfer-Encoding: base64",
            'Content-Disposition: attachment; filename="../list of names.csv"',
        ),
    )  # fmt: skip
    hold(tmp_path, "21C0366B0553DEC02D8", ENVELOPE + raw)
    sync_source(make_source(tmp_path))
    mail = QuarantinedMessage.objects.get()
    page = boss.get(f"/quarantine/{mail.pk}/content/").content.decode()
    assert f'action="/quarantine/{mail.pk}/attachment/"' in page
    response = take(boss, mail, "2")
    assert response.content == b"a,b\n1,2\n"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="list-of-names.csv"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    assert boss.get(f"/quarantine/{mail.pk}/attachment/").status_code == 405
    row = QuarantineAction.objects.latest("number")
    assert (row.verb, row.actor, row.detail) == ("download", "adi", "part 2")


@pytest.mark.parametrize("kind", ["spam", "virus"])
def test_what_runs_is_given_locked(kind: str, tmp_path: Path, boss: Client) -> None:
    mail = hostile(tmp_path, "name that reads backwards", kind=kind)
    (listed,) = make_preview(ALL["name that reads backwards"]).attachments
    response = take(boss, mail, listed.path)
    assert response["Content-Disposition"].endswith('.exe.infected.zip"')
    with pyzipper.AESZipFile(io.BytesIO(response.content)) as archive:
        (name,) = archive.namelist()
        assert hashlib.sha256(archive.read(name, pwd=b"infected")).hexdigest() == listed.sha256
        assert re.fullmatch(r"[A-Za-z0-9_-]+\.exe", name)


def test_it_gives_a_file_out_of_text(tmp_path: Path, boss: Client) -> None:
    mail = hostile(tmp_path, "uuencode")
    for listed in make_preview(ALL["uuencode"]).attachments:
        content = take(boss, mail, listed.path).content
        if not listed.is_dangerous:
            assert hashlib.sha256(content).hexdigest() == listed.sha256


@pytest.mark.parametrize("place", ["", "x", "1.", "../1", "1" * 9, "٣", "1.2;id"])
def test_what_is_no_place_is_404(place: str, held: QuarantinedMessage, boss: Client) -> None:
    assert take(boss, held, place).status_code == 404
    assert verbs() == []


def test_a_part_that_is_not_there_is_told(held: QuarantinedMessage, boss: Client) -> None:
    response = take(boss, held, "9.9.9")
    assert response.status_code == 303
    page = boss.get(response.headers["Location"]).content.decode()
    assert "t be taken out of the mail" in page


def test_who_may_not_download_gets_no_attachment(held: QuarantinedMessage, desk: Client) -> None:
    assert take(desk, held, "1").status_code == 403
    assert verbs() == [("download", "refused", "hana")]
    page = desk.get(f"/quarantine/{held.pk}/content/").content.decode()
    assert "/attachment/" not in page


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_listed_attachment_of_hostile_mail_comes_out_as_listed(name: str) -> None:
    raw = ALL[name]
    for listed in build_preview(raw).attachments[:3]:
        found = extract(raw, listed.path)
        if listed.sha256:
            assert found is not None
            assert hashlib.sha256(found.data).hexdigest() == listed.sha256

"""The parts of a mail: found leniently, limited firmly, and listed rather than opened."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarantine.preview.build import build_preview
from quarantine.preview.limits import Limits
from quarantine.preview.model import Attachment, Cut, Warn
from quarantine.tests.hostile import ALL
from quarantine.tests.hostile.disguise import EXE
from quarantine.tests.hostile.making import HEAD, attached, html, multipart, part, text


def only_attachment(name: str) -> Attachment:
    (attachment,) = build_preview(ALL[name]).attachments
    return attachment


def kinds(mail: bytes) -> list[Cut]:
    return [cut.kind for cut in build_preview(mail).cuts]


def test_it_shows_texts_in_order_with_their_places() -> None:
    inner = multipart(part("text/plain", b"b"), part("text/html", b"<i>c</i>"),
                      kind="alternative", boundary="inner", head=b"")  # fmt: skip
    mail = multipart(part("text/plain", b"a"), inner, part("text/plain", b"d"))
    preview = build_preview(mail)
    assert [(part.path, part.text) for part in preview.texts] == [
        ("1", "a"), ("2.1", "b"), ("3", "d"),
    ]  # fmt: skip
    assert [(page.path, page.body) for page in preview.pages] == [("2.2", "<i>c</i>")]
    assert preview.attachments == []
    assert preview.cuts == []


def test_it_reads_crlf_and_lf_alike() -> None:
    mail = multipart(part("text/plain", b"a"), attached('"x.bin"', b"\1\2"))
    first, second = build_preview(mail), build_preview(mail.replace(b"\n", b"\r\n"))
    assert [part.text for part in first.texts] == [part.text for part in second.texts] == ["a"]
    assert first.attachments == second.attachments


def test_it_lists_an_attachment_with_its_digest() -> None:
    data = bytes(range(256)) * 40
    (found,) = build_preview(multipart(attached('"data.bin"', data))).attachments
    assert found == Attachment(
        path="1", name="data.bin", declared_type="application/octet-stream",
        real_type="application/octet-stream", size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("attack", "warnings"),
    [
        ("name that reads backwards", {Warn.EXECUTABLE, Warn.DISGUISED, Warn.HIDDEN_CHARACTERS}),
        ("name with two endings", {Warn.EXECUTABLE, Warn.DISGUISED, Warn.DOUBLE_EXTENSION}),
        ("name with blanks before the ending",
         {Warn.EXECUTABLE, Warn.DISGUISED, Warn.DOUBLE_EXTENSION}),
        ("program that says it is a picture", {Warn.EXECUTABLE, Warn.DISGUISED}),
        ("svg attachment", set()),
        ("tnef", set()),
        ("smime", set()),
    ],
)  # fmt: skip
def test_it_warns_of_what_an_attachment_is(attack: str, warnings: set[Warn]) -> None:
    assert set(only_attachment(attack).warnings) == warnings


def test_it_makes_names_plain() -> None:
    assert "\u202e" not in only_attachment("name that reads backwards").name
    assert "\r" not in only_attachment("name in encoded pieces").name
    assert only_attachment("name in encoded pieces").name.startswith("<script>⟨U+000D⟩⟨U+000A⟩")
    long = multipart(attached('"' + "x" * 5000 + '"', b"x"))
    assert len(build_preview(long).attachments[0].name) == 200


@pytest.mark.parametrize(
    ("data", "real"),
    [
        (EXE, "application/x-msdownload"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\3\4x", "application/zip"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"<!-- x --> <SVG onload=x>", "image/svg+xml"),
        (b"\n<html>", "text/html"),
        (b"hello", "text/plain"),
        (b"\0\1", "application/octet-stream"),
        (b"", "application/octet-stream"),
        (b"\0" * 0x8001 + b"CD001", "application/x-iso9660-image"),
    ],
)
def test_it_knows_files_by_their_bytes(data: bytes, real: str) -> None:
    assert build_preview(multipart(attached("x", data))).attachments[0].real_type == real


def test_it_lists_uuencoded_files_beside_the_text() -> None:
    preview = build_preview(ALL["uuencode"])
    assert preview.texts[0].text == "Look:\n[virus.exe]\nBye\n"
    assert preview.attachments[0].name == "virus.exe"
    assert preview.attachments[0].real_type == "application/x-msdownload"
    assert Warn.EXECUTABLE in preview.attachments[0].warnings


def test_it_lists_what_only_programs_read() -> None:
    for attack, declared in [
        ("tnef", "application/ms-tnef"), ("smime", "application/pkcs7-mime"),
        ("partial", "message/partial"), ("external body", "message/external-body"),
        ("calendar", "text/calendar"), ("amp", "text/x-amp-html"),
    ]:  # fmt: skip
        assert only_attachment(attack).declared_type == declared
        assert build_preview(ALL[attack]).pages == []


def test_it_opens_a_mail_inside_a_mail() -> None:
    preview = build_preview(ALL["mail inside in base64"])
    assert preview.attachments[0].declared_type == "message/rfc822"
    assert preview.pages[0].path == "1.1"
    assert preview.pages[0].remote == 1


def test_it_shows_a_multipart_without_boundary_as_text() -> None:
    for attack in ("boundary missing", "boundary never found", "boundary empty"):
        assert kinds(ALL[attack]) == [Cut.BOUNDARY]
        assert "x" in build_preview(ALL[attack]).texts[0].text


def test_it_ends_a_part_where_the_outer_boundary_is() -> None:
    preview = build_preview(ALL["boundary within the other"])
    assert [part.text for part in preview.texts] == ["after"]


@pytest.mark.parametrize(
    ("attack", "cut", "limit"),
    [
        ("mails inside mails, 50 deep", Cut.DEPTH, 12),
        ("multiparts inside multiparts, 1000 deep", Cut.DEPTH, 12),
        ("10,000 parts", Cut.PARTS, 200),
    ],
)
def test_it_cuts_bombs_with_a_note(attack: str, cut: Cut, limit: int) -> None:
    preview = build_preview(ALL[attack])
    assert [(note.kind, note.limit) for note in preview.cuts] == [(cut, limit)]
    assert len(preview.texts) + len(preview.attachments) <= 200


def test_it_reads_only_the_beginning_of_a_huge_mail() -> None:
    preview = build_preview(text("x" * 5000), limits=Limits(mail_bytes=1000))
    assert preview.size_bytes > 5000
    assert [(note.kind, note.limit) for note in preview.cuts] == [(Cut.MAIL_BYTES, 1000)]


def test_it_stops_decoding_at_its_budget() -> None:
    parts = [attached(f"{number}.bin", b"\0" * 4000) for number in range(5)]
    preview = build_preview(multipart(*parts), limits=Limits(decoded_bytes=12_000))
    known = [bool(found.sha256) for found in preview.attachments]
    assert known == [True, True, False, False, False]
    assert [(note.kind, note.limit) for note in preview.cuts] == [(Cut.DECODED_BYTES, 12_000)]


def test_it_takes_garbage_in_base64() -> None:
    mail = html("").replace(b"Content-Type", b"Content-Transfer-Encoding: base64\nContent-Type")
    for body in (b"PGI+eDwvYj4=", b"PGI+eDwvYj4", b"P-G_I+e\nDwv Yj4=\n--", b"PGI+eDwvYj4=A"):
        assert "<b>x</b>" in build_preview(mail + body).pages[0].body


@pytest.mark.parametrize("attack", list(ALL))
def test_it_survives_every_hostile_mail(attack: str) -> None:
    preview = build_preview(ALL[attack], with_html="tags inside" not in attack)
    assert preview.size_bytes == len(ALL[attack])
    assert len(preview.headers) <= 200


_PIECES = st.sampled_from([
    HEAD, b"Content-Type: multipart/mixed; boundary=b\n", b"\n", b"--b\n", b"--b--\n", b"\r\n",
    b"Content-Type: message/rfc822\n", b"Content-Type: text/html\n", b"<b>", b"begin 644 x\n",
    b"Content-Transfer-Encoding: base64\n", b"=?utf-8?b?", b"\0", b"\xff", b"end\n", b"a:", b" ",
    b"Content-Disposition: attachment; filename*0*=", b"'", b'"', b";",
])  # fmt: skip


@given(st.lists(st.one_of(_PIECES, st.binary(max_size=20)), max_size=40))
def test_it_never_fails_on_any_bytes(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    assert build_preview(raw).size_bytes == len(raw)

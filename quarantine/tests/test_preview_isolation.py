"""The process that reads a mail, the raw source, and the zip a virus leaves in."""

from __future__ import annotations

import io
import os

import pytest
import pyzipper

from quarantine.preview.build import build_preview
from quarantine.preview.download import PASSWORD, locked_zip, safe_name
from quarantine.preview.frame import POLICY, STYLE, frame_document
from quarantine.preview.isolation import make_preview
from quarantine.preview.model import Cut
from quarantine.preview.source import PAGE_BYTES, source_page
from quarantine.tests.hostile import ALL
from quarantine.tests.hostile.making import html, multipart, part


@pytest.mark.parametrize("attack", ["name that reads backwards", "subject twice", "10,000 parts"])
def test_it_gives_the_same_from_a_process_of_its_own(attack: str) -> None:
    assert make_preview(ALL[attack]) == build_preview(ALL[attack])


def test_it_ends_html_that_takes_too_long_and_shows_the_rest() -> None:
    slow = html("<div>" * 79_000 + "x").partition(b"\n\n")[2]
    mail = multipart(part("text/plain", b"read me"), part("text/html", slow))
    before = os.times()
    preview = make_preview(mail)
    after = os.times()
    assert [cut.kind for cut in preview.cuts] == [Cut.HTML_FAILED]
    assert preview.texts[0].text == "read me"
    assert preview.pages == []
    assert after.children_user - before.children_user < 8


def test_it_ends_html_that_needs_too_much_memory() -> None:
    before = os.times()
    bomb = "".join(f"<b a{n}>" for n in range(15_000)) + "<p>x" * 40_000
    preview = make_preview(html(bomb))
    assert preview.size_bytes == len(html(bomb))
    after = os.times()
    assert after.children_user + after.children_system < (
        before.children_user + before.children_system + 30
    )


def test_it_hides_the_consoles_secrets_from_that_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    assert make_preview(html("<p>x</p>")).pages[0].body == "<p>x</p>\n"


def test_it_frames_html_under_a_policy_of_its_own() -> None:
    document = frame_document("<p>x</p>")
    assert f'content="{POLICY}"' in document
    assert POLICY.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert f"<style>{STYLE}</style></head><body><p>x</p></body>" in document


def test_it_pages_through_the_raw_source() -> None:
    raw = b"Subject: \xff\x1b\n\n" + b"x" * PAGE_BYTES
    first = source_page(raw, 1)
    second = source_page(raw, 2)
    assert first is not None
    assert second is not None
    assert first.text.startswith("Subject: \\xff⟨U+001B⟩\n\nxxx")
    assert (second.pages, second.first_byte, second.text) == (2, PAGE_BYTES, "x" * 13)
    assert source_page(raw, 3) is None
    assert source_page(raw, 0) is None
    assert source_page(b"", 1) is not None


def test_it_locks_a_virus_in_a_zip_and_changes_no_byte() -> None:
    raw = ALL["raw eight bits"]
    data = locked_zip(raw, "mail.eml")
    assert raw not in data
    with pyzipper.AESZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["mail.eml"]
        with pytest.raises(RuntimeError, match="password"):
            archive.read("mail.eml")
        assert archive.read("mail.eml", pwd=PASSWORD.encode()) == raw


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("1A05169A7E952C0D3E", "1A05169A7E952C0D3E.eml"),
        ('../x"\r\nSet-Cookie: a', "x-Set-Cookie-a.eml"),
        ("…", "mail.eml"),
        ("x" * 500, "x" * 80 + ".eml"),
    ],
)
def test_it_saves_under_a_plain_name(given: str, name: str) -> None:
    assert safe_name(given, ".eml") == name

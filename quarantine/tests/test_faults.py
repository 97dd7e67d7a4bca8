"""What went wrong is kept as a word with details, and said in each reader's language."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from quarantine.backends.base import BackendError, BackendUnavailable, Fault, ItemGone
from quarantine.choices import Noticed
from quarantine.faults import explain, explained, fault_of
from quarantine.models import QuarantineSource
from quarantine.sync import sync_source
from quarantine.tests.support import held_one

WORDS = [*Fault, *Noticed]


@pytest.mark.parametrize("word", WORDS)
def test_every_word_has_a_sentence_in_both_languages(word: str) -> None:
    english = explain(f"{word}: x").text
    with translation.override("id"):
        indonesian = explain(f"{word}: x").text
    assert english.endswith(".")
    assert indonesian.endswith(".")
    assert english != indonesian


def test_the_words_of_programs_stay_beside_the_sentence() -> None:
    kept = str(BackendUnavailable("mx:25 does not answer: refused", Fault.UNREACHABLE))
    assert kept == "unreachable: mx:25 does not answer: refused"
    said = explain(kept)
    assert (said.text, said.detail) == (
        "The server does not answer.",
        "mx:25 does not answer: refused",
    )
    assert explained(kept) == "The server does not answer. (mx:25 does not answer: refused)"
    assert explained(str(BackendUnavailable("", Fault.LOGIN))).endswith("take our login.")


@pytest.mark.parametrize("text", ["250 2.0.0 Ok: queued", "a@example.com: 550 no", "", "gone"])
def test_other_texts_are_left_as_they_are(text: str) -> None:
    assert explained(text) == text
    assert fault_of(text) == ""


def test_a_kind_of_error_has_its_word_and_may_have_a_closer_one() -> None:
    assert ItemGone("x").fault == Fault.GONE
    assert BackendError("x").fault == Fault.UNAVAILABLE
    assert BackendUnavailable("x", Fault.DIRECTORY).fault == Fault.DIRECTORY


@pytest.mark.django_db
def test_pages_say_it_in_the_readers_language(tmp_path: Path, chief: Client, desk: Client) -> None:
    held = held_one(tmp_path)
    (tmp_path / held.key).unlink()
    chief.cookies["django_language"] = "id"
    page = chief.get(f"/quarantine/{held.pk}/content/").content.decode()
    assert "Penyaring tidak lagi menyimpan surel ini." in page
    page = desk.get(f"/quarantine/{held.pk}/content/").content.decode()
    assert "The filter no longer has the mail." in page
    assert "is not there any more</code>" in page


@pytest.mark.django_db
def test_a_source_that_is_not_read_is_told_on_the_list_beside_other_mail(
    tmp_path: Path, chief: Client
) -> None:
    held_one(tmp_path)
    QuarantineSource.objects.update(location=str(tmp_path / "nowhere"))
    sync_source(QuarantineSource.objects.get())
    page = chief.get("/quarantine/").content.decode()
    assert "The quarantine pmg was not read:" in page
    assert "directory can&#x27;t be read." in page

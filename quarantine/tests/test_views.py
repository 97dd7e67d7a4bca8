"""Pages of held mail: who sees what, looking is recorded, nothing hostile gets out."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import pyzipper
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quarantine.choices import HeldState
from quarantine.models import QuarantineAction, QuarantinedMessage
from quarantine.services.results import Actor
from quarantine.sync import sync_source
from quarantine.tests.conftest import client_of
from quarantine.tests.hostile import ALL
from quarantine.tests.support import MAIL, held_one, hold, make_many, make_source

pytestmark = pytest.mark.django_db
FRAME_POLICY = "default-src &#x27;none&#x27;; img-src data:; style-src &#x27;sha256-"


@pytest.fixture
def held(tmp_path: Path) -> QuarantinedMessage:
    return held_one(tmp_path)


def hostile(spool: Path, attack: str, kind: str = "spam") -> QuarantinedMessage:
    raw = b"Delivered-To: alice@example.com\nReturn-Path: mallory@evil.example\n" + ALL[attack]
    hold(spool, "21C0366B0553DEC02D9", raw, kind)
    sync_source(make_source(spool))
    return QuarantinedMessage.objects.get()


def verbs() -> list[tuple[str, str, str]]:
    rows = QuarantineAction.objects.order_by("number")
    return list(rows.values_list("verb", "outcome", "actor"))


PAGES = ["/quarantine/", "/quarantine/{}/", "/quarantine/{}/content/", "/quarantine/{}/source/",
         "/quarantine/release/", "/quarantine/delete/", "/quarantine/restore/",
         "/quarantine/request/", "/quarantine/by-id/x/", "/quarantine/results/x/"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_it_shows_nothing_without_the_permission(
    path: str, held: QuarantinedMessage, make_actor: Callable[..., Actor]
) -> None:
    stranger = client_of(make_actor("stranger", ()))
    assert stranger.get(path.format(held.pk)).status_code == 403
    assert Client().get(path.format(held.pk)).status_code == 302


@pytest.mark.parametrize("path", PAGES[1:4])
def test_it_knows_no_mail_by_a_wrong_number(path: str, boss: Client) -> None:
    for number in ("0", "999", "9" * 30):
        assert boss.get(path.format(number)).status_code == 404


@pytest.mark.parametrize("path", PAGES[:4])
def test_it_takes_no_post_where_nothing_is_done(
    path: str, held: QuarantinedMessage, boss: Client
) -> None:
    assert boss.post(path.format(held.pk)).status_code == 405


def test_it_lists_what_is_held(held: QuarantinedMessage, desk: Client) -> None:
    page = desk.get("/quarantine/").content.decode()
    for words in ("Grüße", "sender@example.net", "alice@example.com", "Spam", "Request release …"):
        assert words in page
    assert "Delete …" not in page
    assert verbs() == []


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_it_asks_the_same_for_ten_and_for_twenty_rows(tmp_path: Path, boss: Client) -> None:
    make_many(tmp_path, 10)
    few = queries(boss, "/quarantine/")
    make_many(tmp_path, 10, first=10)
    assert queries(boss, "/quarantine/") == few <= 9


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("subject=offer+1", {1}),
        ("sender=S2@", {2}),
        ("recipient=r3@example", {3}),
        ("min_size=1003", {3, 4}),
        ("max_size=1000", {0}),
        ("min_size=1k&max_size=1M", set()),
        ("since=2026-11-24T09:03:00Z", {3, 4}),
        ("until=2026-11-24T09:01:00Z", {0}),
        ("kind=virus", set()),
        ("kind=spam", {0, 1, 2, 3, 4}),
        ("state=deleted", set()),
        ("network=192.0.2.0/24", set()),
        ("customer=nobody", set()),
        ("min_score=1", set()),
        ("rule=xyz", set()),
        ("virus=xyz", set()),
        ("before=nonsense&after=-", {0, 1, 2, 3, 4}),
    ],
)
def test_it_finds_by_each_filter(
    query: str, subjects: set[int], tmp_path: Path, boss: Client
) -> None:
    make_many(tmp_path, 5)
    response = boss.get(f"/quarantine/?{query}")
    assert response.status_code == 200
    page = response.content.decode()
    assert {number for number in range(5) if f"Offer {number}" in page} == subjects


@pytest.mark.parametrize(
    "query",
    ["network=x", "min_size=huge", "min_score=a", "since=tomorrow", "kind=x", "state=x",
     "since=2026-11-25T00:00&until=2026-11-24T00:00", "min_score=5&max_score=1",
     "until=9999-12-31T23:59:59Z", "min_size=9&max_size=1", "subject=%00",
     "subject=" + "x" * 400],
)  # fmt: skip
def test_it_says_what_is_wrong_with_a_filter(query: str, boss: Client) -> None:
    response = boss.get(f"/quarantine/?{query}")
    assert response.status_code == 422
    assert "field-error" in response.content.decode()


def test_it_pages_by_key(tmp_path: Path, boss: Client) -> None:
    make_many(tmp_path, 60)
    first = boss.get("/quarantine/?kind=spam")
    assert "Offer 59" in first.content.decode()
    older = first.context["older_query"]
    assert older.startswith("?kind=spam&before=")
    second = boss.get(f"/quarantine/{older}").content.decode()
    assert "Offer 9<" in second
    assert "Offer 10<" not in second


def test_it_says_why_a_list_is_empty(boss: Client, tmp_path: Path) -> None:
    assert "No quarantine is connected" in boss.get("/quarantine/").content.decode()
    make_source(tmp_path, failure="spool is not readable")
    page = boss.get("/quarantine/").content.decode()
    assert "Nothing here" in page
    assert "spool is not readable" in page
    assert "No mail like this" in boss.get("/quarantine/?sender=xyz").content.decode()


def test_it_counts_kinds_on_tabs(tmp_path: Path, boss: Client) -> None:
    make_many(tmp_path, 3)
    tabs = {tab.label: tab.count for tab in boss.get("/quarantine/").context["tabs"]}
    assert tabs == {"All": 3, "Spam": 3, "Virus": 0, "Attachment": 0}


def test_it_shows_a_mail_without_its_body(held: QuarantinedMessage, desk: Client) -> None:
    page = desk.get(f"/quarantine/{held.pk}/").content.decode()
    for words in ("Grüße", "bruno@example.com", "&lt;m1@example.net&gt;", "Show the content"):
        assert words in page
    assert "first line" not in page
    assert verbs() == []


def test_it_records_who_looks_at_a_body(held: QuarantinedMessage, desk: Client) -> None:
    page = desk.get(f"/quarantine/{held.pk}/content/").content.decode()
    assert "first line" in page
    assert verbs() == [("view_body", "done", "hana")]
    assert QuarantineAction.objects.get().client_ip == "198.51.100.77"
    assert "View body" in page
    desk.get(f"/quarantine/{held.pk}/source/")
    assert len(verbs()) == 2


def test_it_refuses_and_records_who_may_not_look(
    held: QuarantinedMessage, make_actor: Callable[..., Actor]
) -> None:
    auditor = client_of(make_actor("auditor", ("view_quarantinedmessage", "audit")))
    assert auditor.get(f"/quarantine/{held.pk}/content/").status_code == 403
    assert auditor.get(f"/quarantine/{held.pk}/source/").status_code == 403
    assert auditor.post(f"/quarantine/{held.pk}/download/").status_code == 403
    assert verbs() == [
        ("view_body", "refused", "auditor"),
        ("view_body", "refused", "auditor"),
        ("download", "refused", "auditor"),
    ]
    assert "first line" not in auditor.get(f"/quarantine/{held.pk}/").content.decode()


@pytest.mark.parametrize("page", ["content", "source"])
def test_it_walls_in_pages_with_mail(page: str, held: QuarantinedMessage, desk: Client) -> None:
    response = desk.get(f"/quarantine/{held.pk}/{page}/")
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-src 'none'" in policy
    assert "script-src 'self';" in f"{policy};"
    assert "unsafe" not in policy


def test_it_shows_html_in_a_frame_without_any_right(tmp_path: Path, boss: Client) -> None:
    mail = hostile(tmp_path, "tracking pixel")
    page = boss.get(f"/quarantine/{mail.pk}/content/").content.decode()
    assert '<iframe class="mail-frame" sandbox="" title="HTML of the mail, made safe"' in page
    assert FRAME_POLICY in page
    assert "1 remote picture" in page
    assert "beacon.example/p.gif" not in page


@pytest.mark.parametrize("attack", [
    "script", "markup in headers", "name with markup", "end of the srcdoc attribute",
    "template language", "10,000 parts", "header of 1 MB", "null bytes", "empty",
])  # fmt: skip
def test_it_shows_hostile_mail_as_text(attack: str, tmp_path: Path, boss: Client) -> None:
    mail = hostile(tmp_path, attack)
    for path in ("", "content/", "source/"):
        response = boss.get(f"/quarantine/{mail.pk}/{path}")
        assert response.status_code == 200
        page = response.content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<iframe " not in page.replace('<iframe class="mail-frame" sandbox="" title=', "")


@pytest.mark.parametrize("name", ["sender", "recipient", "subject", "virus", "rule"])
def test_a_text_too_short_for_the_index_is_told(name: str, desk: Client) -> None:
    response = desk.get("/quarantine/", {name: "qz"})
    assert response.status_code == 422
    assert "Write at least three characters." in response.content.decode()
    assert desk.get("/quarantine/", {"sender": "<>"}).status_code == 200


def test_it_tells_what_was_cut(tmp_path: Path, boss: Client) -> None:
    mail = hostile(tmp_path, "10,000 parts")
    page = boss.get(f"/quarantine/{mail.pk}/content/").content.decode()
    assert "Only the first 200 parts are shown." in page


def test_it_warns_of_attachments_and_never_opens_them(tmp_path: Path, boss: Client) -> None:
    mail = hostile(tmp_path, "name that reads backwards")
    page = boss.get(f"/quarantine/{mail.pk}/content/").content.decode()
    for words in (
        "invoice⟨U+202E⟩fdp.exe",
        "Runs when opened",
        "application/x-msdownload",
        "SHA-256",
    ):
        assert words in page


def test_it_pages_the_source(tmp_path: Path, boss: Client) -> None:
    mail = hostile(tmp_path, "header of 1 MB")
    first = boss.get(f"/quarantine/{mail.pk}/source/").content.decode()
    assert "Page 1 of 16" in first
    assert "?page=2" in first
    assert boss.get(f"/quarantine/{mail.pk}/source/?page=16").status_code == 200
    for number in ("17", "0", "-1", "x", "9" * 50, "²"):
        assert boss.get(f"/quarantine/{mail.pk}/source/?page={number}").status_code == 404


def test_it_gives_the_own_bytes_to_save(held: QuarantinedMessage, boss: Client) -> None:
    assert boss.get(f"/quarantine/{held.pk}/download/").status_code == 405
    response = boss.post(f"/quarantine/{held.pk}/download/")
    assert response.content == MAIL[MAIL.index(b"Received:") :]
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="21C0366B0553DEC02D8.eml"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    assert verbs() == [("download", "done", "adi")]


def test_it_gives_a_virus_locked(tmp_path: Path, boss: Client) -> None:
    mail = hostile(tmp_path, "name with two endings", kind="virus")
    response = boss.post(f"/quarantine/{mail.pk}/download/")
    assert response["Content-Disposition"].endswith('.eml.infected.zip"')
    with pyzipper.AESZipFile(io.BytesIO(response.content)) as archive:
        (name,) = archive.namelist()
        assert archive.read(name, pwd=b"infected") == ALL["name with two endings"]


def test_it_says_when_the_filter_has_lost_the_mail(
    held: QuarantinedMessage, tmp_path: Path, boss: Client
) -> None:
    next((tmp_path / "spam").rglob("21C*")).unlink()
    for response in (
        boss.get(f"/quarantine/{held.pk}/content/"),
        boss.get(f"/quarantine/{held.pk}/source/"),
        boss.post(f"/quarantine/{held.pk}/download/"),
    ):
        assert response.status_code == 502
        assert "could not be read from its filter" in response.content.decode()


def test_it_leads_from_the_log_to_the_mail(held: QuarantinedMessage, desk: Client) -> None:
    response = desk.get(f"/quarantine/by-id/{held.quarantine_id}/")
    assert response.headers["Location"] == f"/quarantine/{held.pk}/"
    for name in ("unknown", "a/b", "%00"):
        assert desk.get(f"/quarantine/by-id/{name}/").status_code == 404


def test_it_asks_the_same_for_any_history(held: QuarantinedMessage, boss: Client) -> None:
    first = queries(boss, f"/quarantine/{held.pk}/")
    for _ in range(20):
        boss.get(f"/quarantine/{held.pk}/source/")
    assert queries(boss, f"/quarantine/{held.pk}/") == first <= 10


def test_it_shows_pages_in_indonesian(held: QuarantinedMessage, boss: Client) -> None:
    for path in ("/quarantine/", f"/quarantine/{held.pk}/content/"):
        page = boss.get(path, headers={"Accept-Language": "id"}).content.decode()
        assert 'lang="id"' in page
        assert "Karantina" in page


def test_it_names_the_state_of_a_mail(held: QuarantinedMessage, boss: Client) -> None:
    for state in HeldState:
        QuarantinedMessage.objects.update(state=state)
        page = boss.get(f"/quarantine/{held.pk}/").content.decode()
        assert str(state.label) in page

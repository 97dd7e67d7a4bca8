"""What a log holds is text on every page and in every file, never markup, never a formula."""

# ruff: noqa: E501 (log lines are as long as they are)
from __future__ import annotations

import csv
import re

import pytest
from django.test import Client

from tracking.models import Customer, Hop, Message
from tracking.tests.mail_log import RANGE, one_mail
from tracking.tests.support import ingest

EVIL = "<script>alert(1)</script><img/src=x/onerror=alert(1)>\"'`{{7*7}}{%x%}"
NAME = "=cmd|'/C_calc'!A0"
LOG = (
    one_mail(
        "3A1B2C4D60",
        f"<{EVIL}@x>",
        client=f"{EVIL[:8]}onload=x[198.18.0.5]",
        login=f", sasl_method=PLAIN, sasl_username={EVIL}",
        sender=NAME,
        recipient=f'"{EVIL}"@far.example',
        reply=f"250 {EVIL}",
        relay=f"{EVIL}[203.0.113.9]:25",
        host="h<script>1".replace("<", "").replace(">", ""),
    )
    + f"""\
2026-11-20T03:00:00.000000+00:00 h postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 5.1.1 <{EVIL}>: {EVIL}; from=<{NAME}> to=<+1@x> proto=ESMTP helo=<=cmd>
2026-11-20T03:00:01.000000+00:00 h postfix/cleanup[1]: 3A1B2C4D60: warning: header Subject: {EVIL} from x[192.0.2.1]; from=<a> to=<b> proto=ESMTP helo=<c>
2026-11-20T03:00:01.000000+00:00 h {EVIL[:0]}weird[1]: {EVIL}
2026-11-20T03:00:02.000000+00:00 h postfix/smtpd[1]: {EVIL}
"""
)


@pytest.fixture
def pages(registry: Customer, viewer_client: Client) -> list[str]:
    ingest(LOG, source=f"src{EVIL}")
    message = Message.objects.order_by("pk").first()
    assert message is not None
    hop = Hop.objects.filter(message_ref=message.pk).first()
    assert hop is not None
    paths = [
        "/search/",
        "/rejections/",
        "/status/",
        f"/messages/{message.pk}/",
        f"/messages/{message.pk}/hops/{hop.pk}/lines/",
    ]
    paths += [f"/search/?q={EVIL}", "/?day=2026-11-20"]
    answers = [viewer_client.get(path, RANGE if "?" not in path else None) for path in paths]
    assert [
        (path, answer.status_code)
        for path, answer in zip(paths, answers, strict=True)
        if answer.status_code not in {200, 422}
    ] == []
    return [answer.content.decode() for answer in answers]


@pytest.mark.django_db
def test_no_page_takes_it_for_markup(pages: list[str]) -> None:
    assert "&lt;script&gt;alert(1)" in "".join(pages)
    for page in pages:
        assert "<script>" not in page
        assert not re.search(r"<img/src|<img src=x", page)


@pytest.mark.django_db
def test_no_spreadsheet_takes_it_for_a_formula(pages: list[str], viewer_client: Client) -> None:
    for path in ("/search/export.csv", "/rejections/export.csv"):
        answer = viewer_client.get(path, RANGE)
        text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
        cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
        assert "'" + NAME in cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.django_db
def test_hosts_that_a_source_speaks_for_are_shown(viewer_client: Client) -> None:
    ingest(one_mail("3A1B2C4D60", host="mx1"), source="token of mx1")
    ingest(one_mail("3A1B2C4D61", host="out1"), source="token of mx1")
    assert "mx1, out1" in viewer_client.get("/status/").content.decode()

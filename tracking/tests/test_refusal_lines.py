"""The raw lines behind a refusal: those of its session, on demand."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tracking.filters import ALL_REJECTIONS
from tracking.models import LogSegment
from tracking.selectors.evidence import rejection_evidence
from tracking.selectors.rejections import FoundRejection, find_rejections
from tracking.tests.support import ingest

DAY = "2026-11-20T03:00"
ENVELOPE = "from=<seller@bad.example> to=<{}> proto=ESMTP helo=<bad.example>"
REFUSED = "NOQUEUE: reject: RCPT from {}: 554 5.7.1 <{}>: Relay access denied; " + ENVELOPE
CLIENT = "unknown[192.0.2.66]"
OTHER = "unknown[192.0.2.6]"
PREGREET = "PREGREET 11 after 0.1 from [192.0.2.67]:40000: EHLO bad"
DNSBL = (
    "NOQUEUE: reject: RCPT from [{}]:40000: 550 5.7.1 Service unavailable; client [{}] blocked "
    "using dnsbl.example; from=<a@bad.example>, to=<dewi@satu.example>, proto=ESMTP, helo=<b>"
)


def line(second: int, program: str, text: str, host: str = "mx1") -> str:
    return f"{DAY}:{second:02}+00:00 {host} postfix/{program}: {text}\n"


SESSION = [
    line(2, "smtpd[100]", f"connect from {CLIENT}"),
    line(3, "smtpd[100]", REFUSED.format(CLIENT, "dewi@satu.example", "dewi@satu.example")),
    line(3, "smtpd[100]", REFUSED.format(CLIENT, "eko@satu.example", "eko@satu.example")),
    line(4, "smtpd[100]", f"disconnect from {CLIENT} ehlo=1 mail=1 rcpt=0/2 commands=2/4"),
]
LOG = "".join(
    [
        line(0, "smtpd[100]", f"connect from {OTHER}"),
        line(1, "smtpd[100]", f"disconnect from {OTHER} ehlo=1 quit=1 commands=2"),
        SESSION[0],
        line(2, "smtpd[1000]", f"connect from {CLIENT}"),
        line(2, "smtpd[100]", f"connect from {CLIENT}", "mx2"),
        *SESSION[1:],
        line(5, "smtpd[100]", f"connect from {OTHER}"),
    ]
)
SCREENED = [
    line(1, "postscreen[90]", "CONNECT from [192.0.2.67]:40000 to [198.51.100.1]:25"),
    line(1, "postscreen[90]", PREGREET),
    line(2, "postscreen[90]", DNSBL.format("192.0.2.67", "192.0.2.67")),
    line(3, "postscreen[90]", "DISCONNECT [192.0.2.67]:40000"),
]


def refusals() -> list[FoundRejection]:
    return find_rejections(ALL_REJECTIONS).rows


def lines_of(rejection: FoundRejection) -> list[str]:
    return [item.text + "\n" for item in rejection_evidence(rejection).lines]


@pytest.mark.django_db
def test_it_shows_the_session_and_nothing_else() -> None:
    ingest(LOG)
    found = refusals()
    assert {row.recipient for row in found} == {"dewi@satu.example", "eko@satu.example"}
    for row in found:
        assert lines_of(row) == SESSION


@pytest.mark.django_db
def test_it_shows_what_there_is_of_a_session_that_was_cut() -> None:
    ingest(SESSION[1])
    ingest(SESSION[3])
    assert lines_of(refusals()[0]) == [SESSION[1]]


@pytest.mark.django_db
def test_it_shows_of_postscreen_the_lines_of_this_client() -> None:
    other = line(2, "postscreen[90]", DNSBL.format("192.0.2.68", "192.0.2.68"))
    ingest("".join([*SCREENED[:2], other, *SCREENED[2:]]))
    found = {row.client_ip: row for row in refusals()}
    assert lines_of(found["192.0.2.67"]) == SCREENED
    assert lines_of(found["192.0.2.68"]) == [other]


@pytest.mark.django_db
def test_it_shows_lines_that_do_not_name_the_client() -> None:
    texts = [
        f"connect from {CLIENT}",
        f"NOQUEUE: client={CLIENT}",
        "warning: NOQUEUE: queue file size limit exceeded",
        f"proxy-reject: END-OF-MESSAGE: ; {ENVELOPE.format('dewi@satu.example')}",
        f"disconnect from {CLIENT}",
    ]
    session = [line(number, "smtpd[100]", text) for number, text in enumerate(texts)]
    ingest("".join(session))
    assert lines_of(refusals()[0]) == session


@pytest.mark.django_db
def test_its_page_reads_them_on_demand(viewer_client: Client, client: Client) -> None:
    ingest(LOG)
    path = f"/rejections/{refusals()[0].key}/"
    assert f'href="{path}lines/"' in viewer_client.get(path).content.decode()
    page = viewer_client.get(f"{path}lines/").content.decode()
    part = viewer_client.get(f"{path}lines/", headers={"HX-Request": "true"}).content.decode()
    for shown in (page, part):
        assert "disconnect from unknown[192.0.2.66] ehlo=1" in shown
        assert "smtpd[1000]" not in shown
    assert "<title>" in page
    assert "<title>" not in part
    assert viewer_client.post(f"{path}lines/").status_code == 405
    for place in ("1-1", "nonsense"):
        assert viewer_client.get(f"/rejections/{place}/lines/").status_code == 404
    client.force_login(User.objects.create_user("stranger"))
    assert client.get(f"{path}lines/").status_code == 403


@pytest.mark.django_db
def test_it_says_when_the_lines_are_gone(viewer_client: Client) -> None:
    ingest(LOG)
    path = f"/rejections/{refusals()[0].key}/lines/"
    LogSegment.objects.all().delete()
    assert "No log lines of this refusal are stored any more" in (
        viewer_client.get(path).content.decode()
    )

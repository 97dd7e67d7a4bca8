"""The API of mail: fields, filters, pages, who may use it, and its schema."""

from __future__ import annotations

from io import StringIO
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client

from tracking.models import Message
from tracking.tests import mail_log
from tracking.tests.support import deliveries, ingest

LISTS = ["messages", "deliveries", "rejections"]


def url(name: str, **given: object) -> str:
    return f"/api/v1/{name}/?" + urlencode({**mail_log.RANGE, **given}, doseq=True)


@pytest.mark.django_db
@pytest.mark.parametrize("name", LISTS)
def test_it_is_for_those_who_may_look(
    client: Client, stranger_client: Client, viewer_client: Client, name: str
) -> None:
    assert client.get(url(name)).status_code == 401
    assert stranger_client.get(url(name)).status_code == 403
    assert viewer_client.get(url(name)).status_code == 200
    for method in (viewer_client.post, viewer_client.put, viewer_client.delete):
        assert method(url(name)).status_code == 405


@pytest.mark.usefixtures("mail")
def test_it_says_of_a_delivery_what_the_export_says(viewer_client: Client) -> None:
    results = viewer_client.get(url("deliveries")).json()["results"]
    exported = {(row["message_id"], row["recipient"]): row for row in deliveries()}
    assert len(results) == len(exported) == 6
    for row in results:
        other = exported[row["message_id"], row["recipient"]]
        for name in ("envelope_sender", "original_recipient", "client_ip", "sasl_username",
                     "size_bytes", "direction", "disposition", "quarantine_kind", "dsn",
                     "smtp_reply", "attempts", "customer", "client_network", "hops"):  # fmt: skip
            assert row[name] == other[name], name
        assert row["relay"] == (other["relay"] or "")


@pytest.mark.usefixtures("mail")
def test_it_filters_as_the_page_does(viewer_client: Client) -> None:
    found = viewer_client.get(url("deliveries", q="far.example", disposition="bounced")).json()
    assert [row["recipient"] for row in found["results"]] == ["nobody@far.example"]
    found = viewer_client.get(url("messages", recipient="@far.example")).json()
    assert [row["host"] for row in found["results"]] == ["out1", "out1"]
    found = viewer_client.get(url("rejections", kind="dnsbl")).json()
    assert [(row["code"], row["stage"]) for row in found["results"]] == [(554, "rcpt")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("deliveries", {"client": "x"}, "client"),
        ("deliveries", {"disposition": "gone"}, "disposition"),
        ("messages", {"since": "then"}, "since"),
        ("rejections", {"kind": "because"}, "kind"),
        ("messages", {"before": "1"}, "before"),
        ("messages", {"after": f"{'9' * 18}-1"}, "after"),
        ("messages", {"page_size": "0"}, "page_size"),
        ("messages", {"page_size": "1001"}, "page_size"),
        ("messages", {"page_size": "²"}, "page_size"),
    ],
)
def test_it_names_what_is_wrong(
    viewer_client: Client, name: str, given: dict[str, object], field: str
) -> None:
    response = viewer_client.get(url(name, **given))
    assert (response.status_code, list(response.json())) == (400, [field])


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["messages", "deliveries"])
def test_it_pages_to_the_end_and_back(viewer_client: Client, name: str) -> None:
    ingest(mail_log.many_mails(25))
    seen: list[int] = []
    address = url(name, page_size=10)
    pages = []
    while address:
        page = viewer_client.get(address).json()
        pages.append([row["id"] for row in page["results"]])
        seen += pages[-1]
        last, address = page, page["next"]
    assert [len(ids) for ids in pages] == [10, 10, 5]
    assert len(set(seen)) == 25
    back = viewer_client.get(last["previous"]).json()
    assert [row["id"] for row in back["results"]] == pages[1]


@pytest.mark.usefixtures("mail")
def test_it_gives_the_story_of_a_message(viewer_client: Client) -> None:
    mail = Message.objects.get(message_id="<3a1b2c4d61@satu.example>")
    notice = Message.objects.get(message_id="<ndr@out1.example>")
    story = viewer_client.get(f"/api/v1/messages/{mail.pk}/").json()
    assert story["kind"] == "mail"
    assert [(hop["host"], hop["queue_id"]) for hop in story["hops"]] == [("out1", "3A1B2C4D61")]
    (delivery,) = story["deliveries"]
    assert (delivery["disposition"], delivery["reason"]) == ("bounced", "BNC_NO_USER")
    assert story["notifications"] == [notice.pk]
    spam = Message.objects.get(message_id="<spam@notice.example>")
    (verdict,) = viewer_client.get(f"/api/v1/messages/{spam.pk}/").json()["verdicts"]
    assert (verdict["action"], verdict["quarantine_kind"]) == ("quarantine", "spam")


def test_it_has_a_schema_without_warnings(tmp_path: object) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())

"""What a destination or a client writes never joins, hides or ends the mail of others."""

# ruff: noqa: E501 (log lines are as long as they are)
from __future__ import annotations

from itertools import permutations

import pytest

from tracking.ingest.store.linking import Side, is_same_mail
from tracking.models import ClientNetwork, Customer
from tracking.tests.mail_log import one_mail
from tracking.tests.support import deliveries, ingest

pytestmark = pytest.mark.django_db

VICTIM = one_mail("3A1B2C4D60", "<secret@satu.example>", host="pre1", recipient="budi@far.example")


def attack(message_id: str) -> str:
    """A customer's mail to a server of his own, which answers with the victim's queue id."""
    return one_mail(
        "3A1B2C4D99",
        message_id,
        client="evil.dua.example[198.18.1.9]",
        recipient="me@evil.example",
        relay="mx.evil.example[203.0.113.66]:25",
        reply="250 2.0.0 Ok: queued as 3A1B2C4D60",
    )


@pytest.fixture(autouse=True)
def _customers(registry: Customer) -> None:
    other = Customer.objects.create(number="C2", name="PT Dua")
    ClientNetwork.objects.create(network="198.18.1.0/24", customer=other)


@pytest.mark.parametrize(
    "message_id", ["<>", ">", "<.example>", "<t@satu.example>", "<secret@satu.example>", ""]
)
@pytest.mark.parametrize("order", ["victim first", "attacker first", "together"])
def test_a_copied_queue_id_joins_nothing(message_id: str, order: str) -> None:
    texts = {
        "victim first": [VICTIM, attack(message_id)],
        "attacker first": [attack(message_id), VICTIM],
        "together": [attack(message_id) + VICTIM],
    }
    for text in texts[order]:
        ingest(text)
    found = {item["recipient"]: item for item in deliveries()}
    assert found["budi@far.example"]["hops"] == [["pre1", "3A1B2C4D60"]]
    assert found["budi@far.example"]["customer"] == "C1"
    assert found["budi@far.example"]["disposition"] == "delivered"
    assert found["me@evil.example"]["hops"] == [["out1", "3A1B2C4D99"]]


@pytest.mark.parametrize("parts", list(permutations((0, 1))))
@pytest.mark.parametrize("client", ["out1.isp.example[10.9.9.9]", "out1.isp.example[198.18.1.200]"])
def test_a_real_next_hop_still_joins(parts: tuple[int, ...], client: str) -> None:
    """Even where somebody registered the network of the relays as a customer's."""
    first = one_mail("3A1B2C4D01", "<a@satu.example>", reply="250 2.0.0 Ok: queued as 3A1B2C4D02")
    second = one_mail("3A1B2C4D02", "<a@satu.example>", host="pre1", client=client)
    for index in parts:
        ingest((first, second)[index], source=f"s{index}")
    (found,) = deliveries()
    assert found["hops"] == [["out1", "3A1B2C4D01"], ["pre1", "3A1B2C4D02"]]
    assert found["customer"] == "C1"


def test_the_copy_without_attachments_is_the_same_mail() -> None:
    def side(message_id: str) -> Side:
        return Side("mx1", message_id, "a@b", 0, "192.0.2.1", "")

    assert is_same_mail(side("<a@b>"), side("<pmg-aquar-77-a@b>"))
    assert not is_same_mail(side("<>"), side("<pmg-aquar-77-a@b>"))
    assert not is_same_mail(side("<a@b>"), side("<xa@b>"))


def test_equal_mail_of_two_customers_stays_two() -> None:
    first = one_mail("3A1B2C4D01", "<same@x>", sender="news@x.example", reply="250 ok")
    second = one_mail(
        "3A1B2C4D02", "<same@x>", sender="news@x.example", reply="250 ok", client="x[198.18.1.5]"
    )
    ingest(first + second)
    assert sorted(item["customer"] for item in deliveries()) == ["C1", "C2"]


def test_equal_queue_ids_and_pids_of_two_hosts_stay_apart() -> None:
    lines = [
        text.splitlines()
        for text in (
            one_mail("3A1B2C4D60", "<a@x>", host="h1"),
            one_mail("3A1B2C4D60", "<b@x>", host="h2", status="bounced", client="x[198.18.1.5]"),
        )
    ]
    ingest("".join(f"{line}\n" for pair in zip(*lines, strict=True) for line in pair))
    assert {
        (item["message_id"], item["disposition"], item["customer"]) for item in deliveries()
    } == {("<a@x>", "delivered", "C1"), ("<b@x>", "bounced", "C2")}


FORGED = "x>, relay=none, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 ok)"


@pytest.mark.parametrize(
    "values",
    [
        {
            "reply": f"host mx.far.example[203.0.113.9] said: 550 to=<budi@far.example>, {FORGED[4:]} (in reply to RCPT TO command)"
        },
        {
            "reply": "host x[192.0.2.1] said: 550 5.1.1 no; queued as 3A1B2C4D60: removed (in reply to end of DATA command)"
        },
        {"recipient": f'"{FORGED}"@far.example'},
        {"sender": f'"a>, size=1, nrcpt=1 (queue active) {FORGED}"@satu.example'},
        {"message_id": f"<3A1B2C4D60: to=<{FORGED}"},
        {
            "login": f", sasl_method=PLAIN, sasl_username=a, orig_client=x[9.9.9.9] status=sent ({FORGED}"
        },
    ],
)
def test_forged_texts_do_not_deliver_a_bounced_mail(values: dict[str, str]) -> None:
    ingest(one_mail("3A1B2C4D60", **{"status": "bounced", "dsn": "5.1.1", "reply": "no", **values}))
    (found,) = deliveries()
    assert found["disposition"] == "bounced"
    assert found["client_ip"] == "198.18.0.5"
    assert found["recipient"] == values.get("recipient", "budi@far.example")


def test_a_destination_that_speaks_as_our_filter_delivers_all_the_same() -> None:
    """``discarded`` and ``blocked`` are words of filters of ours, not of a server on port 25."""
    for number, reply in enumerate(
        (
            "250 2.7.0 Ok, discarded, id=00102-02 - SPAM",
            "250 2.5.0 Ok, id=00102-02, BOUNCE",
            "250 2.7.0 BLOCKED (21C996AFCF1CCB459C)",
            "250 2.5.0 OK (21C996AFCF1CCB459C)",
        )
    ):
        ingest(one_mail(f"3A1B2C4D6{number}", reply=reply))
    assert {item["disposition"] for item in deliveries()} == {"delivered"}

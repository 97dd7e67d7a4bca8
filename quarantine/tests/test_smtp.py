"""Release by SMTP: the envelope is the mail's own, and only the last answer can be unknown."""

from __future__ import annotations

import socket
import threading

import pytest

from quarantine.backends.base import (
    BackendUnavailable,
    Content,
    ReleaseRefused,
    ReleaseUncertain,
)
from quarantine.backends.smtp import Reinjection, host_and_port, queued_as
from quarantine.tests.smtp_server import QUEUED, Handler, smtp_server

RAW = b"Subject: Hello\n\n.dot\r\n..\n.\nend\rbare\n"


def content(raw: bytes = RAW) -> Content:
    return Content(raw, len(raw), is_cut=False)


def send(
    handler: Handler, *recipients: str, sender: str = "s@example.net", raw: bytes = RAW
) -> list:  # type: ignore[type-arg]
    called: list[bool] = []
    sent = Reinjection("127.0.0.1", handler.port).send(
        sender, recipients or ("a@example.com",), content(raw), lambda: called.append(True)
    )
    assert called == [True]
    return sent


def test_it_sends_the_mail_with_its_own_envelope(next_hop: Handler) -> None:
    sent = send(next_hop, "a@example.com", "b@example.com")
    assert [(item.recipient, item.is_accepted, item.queue_id) for item in sent] == [
        ("a@example.com", True, "4jYgJL1tdfzDWd9"),
        ("b@example.com", True, "4jYgJL1tdfzDWd9"),
    ]
    assert sent[0].reply == QUEUED
    (mail,) = next_hop.taken
    assert (mail.sender, mail.recipients) == ("s@example.net", ["a@example.com", "b@example.com"])
    assert mail.raw == b"Subject: Hello\r\n\r\n.dot\r\n..\r\n.\r\nend\r\nbare\r\n"


def test_it_keeps_the_null_sender_and_addresses_beyond_ascii(next_hop: Handler) -> None:
    send(next_hop, "größe@example.com", sender="", raw="Subject: Größe\n\n".encode())
    assert next_hop.taken[0].sender == ""
    assert next_hop.taken[0].recipients == ["größe@example.com"]


def test_it_says_for_each_recipient_how_it_went() -> None:
    with smtp_server(refused={"b@example.com": "550 5.1.1 no such user"}) as handler:
        sent = send(handler, "a@example.com", "b@example.com")
    assert {item.recipient: item.is_accepted for item in sent} == {
        "a@example.com": True,
        "b@example.com": False,
    }
    assert sent[1].reply == "550 5.1.1 no such user"
    assert handler.taken[0].recipients == ["a@example.com"]


def test_it_sends_nothing_when_all_are_refused() -> None:
    with smtp_server(refused={"a@example.com": "550 no"}) as handler:
        called: list[bool] = []
        sent = Reinjection("127.0.0.1", handler.port).send(
            "s@example.net", ["a@example.com"], content(), lambda: called.append(True)
        )
    assert [item.is_accepted for item in sent] == [False]
    assert called == []


def test_a_refused_mail_was_certainly_not_sent() -> None:
    with smtp_server(reply="554 5.7.1 not this one") as handler, pytest.raises(ReleaseRefused):
        send(handler)
    assert handler.taken == []


def test_a_lost_answer_leaves_it_open() -> None:
    with smtp_server(is_dropping=True) as handler, pytest.raises(ReleaseUncertain):
        send(handler)
    assert len(handler.taken) == 1


def test_it_says_when_nobody_answers() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with pytest.raises(BackendUnavailable, match="does not answer"):
        Reinjection("127.0.0.1", port).send("", ["a@example.com"], content(), lambda: None)


def test_a_session_that_ends_before_the_data_sent_nothing() -> None:
    """A server that greets, takes the sender and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb", buffering=0) as lines:
                lines.write(b"220 x\r\n")
                for reply in (b"250 x\r\n", b"250 ok\r\n"):
                    lines.readline()
                    lines.write(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        with pytest.raises(ReleaseRefused, match="ended the session"):
            Reinjection("127.0.0.1", port).send("", ["a@example.com"], content(), lambda: None)
        thread.join(10)


@pytest.mark.parametrize(
    "address", ["a@example.com>\r\nRCPT TO:<x@y.example", "\ufffd@example.com"]
)
def test_it_sends_no_address_that_is_more_than_an_address(address: str, next_hop: Handler) -> None:
    with pytest.raises(ReleaseRefused, match="bad_address"):
        Reinjection("127.0.0.1", next_hop.port).send("", [address], content(), lambda: None)


def test_it_sends_no_half_mail(next_hop: Handler) -> None:
    cut = Content(RAW, 10**9, is_cut=True)
    with pytest.raises(ReleaseRefused, match="too_large"):
        Reinjection("127.0.0.1", next_hop.port).send("", ["a@example.com"], cut, lambda: None)


@pytest.mark.parametrize("text", ["", "host", "host:0", "host:99999", ":25", "a b:25", "::1:25"])
def test_it_says_what_is_no_host_and_port(text: str) -> None:
    with pytest.raises(BackendUnavailable, match="HOST:PORT"):
        host_and_port(text)


def test_it_reads_hosts_ports_and_queue_ids() -> None:
    assert host_and_port("[::1]:10025") == ("::1", 10025)
    assert host_and_port("mx.example:25") == ("mx.example", 25)
    assert queued_as("250 2.0.0 from MTA: 250 Ok: queued as 4jYgJL1tdfzDWd9") == "4jYgJL1tdfzDWd9"
    assert queued_as("250 2.0.0 Ok") == ""

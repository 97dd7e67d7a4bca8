"""What is found in pasted bounces of every make, logs and headers; and in hostile text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.bounces import MAX_EACH, named_in

POSTFIX = """\
This is the mail system at host out1.satu.example.

I'm sorry to have to inform you that your message could not be delivered.

<nobody@far.example>: host mx.far.example[203.0.113.9] said: 550 5.1.1
    <nobody@far.example>: Recipient address rejected: User unknown (in reply to
    RCPT TO command)

Reporting-MTA: dns; out1.satu.example
X-Postfix-Queue-ID: 3A1B2C4D61
X-Postfix-Sender: rfc822; ani@satu.example
Arrival-Date: Fri, 20 Nov 2026 10:20:00 +0700 (WIB)

Final-Recipient: rfc822; nobody@far.example
Original-Recipient: rfc822;nobody@far.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <nobody@far.example>: Recipient address rejected

Received: from pc (client.satu.example [198.18.0.5])
\tby out1.satu.example (Postfix) with ESMTPSA id 3A1B2C4D61
\tfor <nobody@far.example>; Fri, 20 Nov 2026 10:20:00 +0700 (WIB)
Message-ID:
 <3a1b2c4d61@satu.example>
From: ani@satu.example
"""
EXIM = """\
A message that you sent could not be delivered to one or more of its recipients.

  budi@far.example
    host mx.far.example [203.0.113.9]
    SMTP error from remote mail server after RCPT TO:<budi@far.example>:
    552 5.2.2 mailbox full

Reporting-MTA: dns; mail.satu.example
Action: failed
Final-Recipient: rfc822;budi@far.example
Status: 5.0.0

Received: from x by mail.satu.example with esmtp (Exim 4.96)
\tid 1tABCd-0001Ab-2x
Message-Id: <E1tABCd@mail.satu.example>
"""
EXCHANGE = """\
Your message to eko@slow.example couldn't be delivered.
Diagnostic information for administrators:
Generating server: X1.prod.example
eko@slow.example
Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound'
Original message headers:
Message-ID: <AM0PR01MB1234@X1.prod.example>
"""
GMAIL = """\
Delivery incomplete
X-Failed-Recipients: dewi@satu.example
Your message wasn't delivered to dewi@satu.example because the address couldn't be found.
Diagnostic-Code: smtp; 550-5.1.1 The email account does not exist. d2e1a72fcca58-gsmtp
"""
LOG = """\
Nov 20 03:30:00 mx1 pmg-smtp-filter[210]: 21C996AFCF1CCB459C: new mail
Nov 20 03:20:00 out1 postfix/smtp[103]: 4jYjcB38bJz6wkM: to=<budi@far.example>, relay=x, dsn=2.0.0
Nov 20 03:20:00 out1 postfix/cleanup[101]: 4jYjcB38bJz6wkM: message-id=<a.1@satu.example>
"""


def test_it_reads_a_bounce_of_postfix() -> None:
    named = named_in(POSTFIX)
    assert named.queue_ids == ("3A1B2C4D61",)
    assert named.message_ids == ("<3a1b2c4d61@satu.example>",)
    assert named.recipients == ("nobody@far.example",)
    assert named.status == "5.1.1"


@pytest.mark.parametrize(
    ("text", "queue_ids", "message_ids", "recipients", "status"),
    [
        (EXIM, ("1tABCd-0001Ab-2x",), ("<E1tABCd@mail.satu.example>",), ("budi@far.example",),
         "5.0.0"),
        (EXCHANGE, (), ("<AM0PR01MB1234@X1.prod.example>",), ("eko@slow.example",), ""),
        (GMAIL, (), (), ("dewi@satu.example",), "5.1.1"),
        (LOG, ("21C996AFCF1CCB459C", "4jYjcB38bJz6wkM"), ("<a.1@satu.example>",),
         ("budi@far.example",), ""),
        ("Please look at this:\nani@satu.example wrote to budi@far.example", (), (),
         ("ani@satu.example", "budi@far.example"), ""),
        ("nothing to\nfind here", (), (), (), ""),
    ],
)  # fmt: skip
def test_it_reads_other_texts(
    text: str,
    queue_ids: tuple[str, ...],
    message_ids: tuple[str, ...],
    recipients: tuple[str, ...],
    status: str,
) -> None:
    named = named_in(text)
    assert (named.queue_ids, named.message_ids, named.recipients, named.status) == (
        queue_ids,
        message_ids,
        recipients,
        status,
    )


def test_it_takes_lines_that_end_as_in_mail() -> None:
    assert named_in(POSTFIX.replace("\n", "\r\n")) == named_in(POSTFIX)


def test_it_takes_a_few_of_very_many() -> None:
    text = "".join(f"Final-Recipient: rfc822; user{number}@far.example\n" for number in range(999))
    assert len(named_in(text).recipients) == MAX_EACH


@given(st.text(max_size=400))
def test_it_takes_any_text(text: str) -> None:
    named = named_in(text)
    assert all(" " not in value for value in (*named.queue_ids, *named.recipients))


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a@",
        "<a",
        "message-id: <a",
        "id: ",
        "to=<a@",
        " ",
        "a.",
        "Final-Recipient: ;",
        "]:",
        "\n",
    ],
)
def test_it_takes_no_longer_than_a_hostile_text_is_long(piece: str) -> None:
    begun = time.process_time()
    named_in(piece * (200_000 // len(piece)))
    assert time.process_time() - begun < 2

"""What is found in pasted bounces of every make, logs and headers; and in hostile text."""

from __future__ import annotations

import time
from base64 import encodebytes
from collections.abc import Callable
from quopri import encodestring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.bounces import MAX_EACH, named_in
from tracking.pasted import readable

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
QMAIL = """\
Hi. This is the qmail-send program at mail.far.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<budi@far.example>:
203.0.113.9 does not like recipient.
Remote host said: 550 5.1.1 <budi@far.example>: Recipient address rejected
Giving up on 203.0.113.9.

--- Below this line is a copy of the message.

Return-Path: <ani@satu.example>
Received: (qmail 12345 invoked from network); 20 Nov 2026 03:00:00 -0000
Received: from out1.satu.example (198.51.100.7)
  by mail.far.example with ESMTPS (TLS_AES_256_GCM_SHA384 encrypted); 20 Nov 2026 03:00:00 -0000
Received: from pc (client.satu.example [198.18.0.5])
	by out1.satu.example (Postfix) with ESMTPSA id 3A1B2C4D5E;
	Fri, 20 Nov 2026 10:00:00 +0700 (WIB)
Message-ID: <3a1b2c4d5e@satu.example>
From: Ani <ani@satu.example>
To: Budi <budi@far.example>
Subject: Tagihan
"""
OUTLOOK = """\
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@far.example>
Sent: Friday, 20 November 2026 10:00
To: Ani
Subject: Undeliverable: Tagihan

Your message to budi@far.example<mailto:budi@far.example> couldn't be delivered.
budi wasn't found at far.example.
ani     Office 365      budi
Action Required                 Recipient

Unknown To address

Diagnostic information for administrators:

Generating server: SG2PR01MB1234.apcprd01.prod.exchangelabs.example

budi@far.example
Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found'

Original message headers:

Received: from out1.satu.example (198.51.100.7) by
 SG2APC01FT003.mail.protection.outlook.example (10.152.250.1) with Microsoft SMTP Server id
 15.20.5678.10 via Frontend Transport; Fri, 20 Nov 2026 03:00:00 +0000
Received: from pc (client.satu.example [198.18.0.5]) by out1.satu.example
 (Postfix) with ESMTPSA id 3A1B2C4D5E; Fri, 20 Nov 2026 10:00:00 +0700 (WIB)
Message-ID: <3a1b2c4d5e@satu.example>
"""
GMAIL_ID = """\
** Alamat tidak ditemukan **

Pesan Anda tidak terkirim ke dewi@satu.example karena alamat tidak dapat ditemukan.

Pelajari lebih lanjut di sini: https://support.google.com/mail/?p=NoSuchUser

Respons dari server jarak jauh adalah:
550 5.1.1 <dewi@satu.example>: Recipient address rejected: User unknown in virtual mailbox table

Reporting-MTA: dns; googlemail.com
Received-From-MTA: dns; citra@gmail.example
Arrival-Date: Thu, 19 Nov 2026 20:00:00 -0800 (PST)
X-Original-Message-ID: <CAABc12345_x-YZ@mail.gmail.example>

Final-Recipient: rfc822; dewi@satu.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx1.satu.example. (198.51.100.9, the server for the domain satu.example.)
Diagnostic-Code: smtp; 550 5.1.1 <dewi@satu.example>: Recipient address rejected: User unknown
"""
CPANEL = """\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  budi@far.example
    host mx.far.example [203.0.113.9]
    SMTP error from remote mail server after RCPT TO:<budi@far.example>:
    550 5.7.1 Service unavailable; client [198.51.100.7] blocked

Reporting-MTA: dns; cpanel.satu.example

Action: failed
Final-Recipient: rfc822;budi@far.example
Status: 5.0.0
Remote-MTA: dns; mx.far.example
Diagnostic-Code: smtp; 550 5.7.1 Service unavailable; client [198.51.100.7] blocked

Return-path: <ani@satu.example>
Received: from pc.satu.example ([198.18.0.5]:51234)
	by cpanel.satu.example with esmtpsa  (TLS1.3) tls TLS_AES_256_GCM_SHA384
	(Exim 4.98)
	(envelope-from <ani@satu.example>)
	id 1tDabc-00000004XyZ-1AbC
	for budi@far.example;
	Fri, 20 Nov 2026 10:00:00 +0700
Message-ID: <b7c1d2e3-aaaa-bbbb@satu.example>
"""
SENDMAIL = """\
The original message was received at Fri, 20 Nov 2026 10:00:00 +0700
from client.satu.example [198.18.0.5]

   ----- The following addresses had permanent fatal errors -----
<budi@far.example>
    (reason: 550 5.1.1 <budi@far.example>... User unknown)

   ----- Transcript of session follows -----
... while talking to mx.far.example.:
>>> DATA
<<< 550 5.1.1 <budi@far.example>... User unknown
550 5.1.1 <budi@far.example>... User unknown
"""
INDONESIAN = f"""\
Pak, tolong dicek, email saya ke pelanggan tidak sampai dari kemarin. Ini balasannya:

{POSTFIX}
Terima kasih,
Ani
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
         "5.2.2"),
        (QMAIL, ("3A1B2C4D5E",), ("<3a1b2c4d5e@satu.example>",), ("budi@far.example",), "5.1.1"),
        (OUTLOOK, ("3A1B2C4D5E",), ("<3a1b2c4d5e@satu.example>",), ("budi@far.example",),
         "5.1.10"),
        (GMAIL_ID, (), ("<CAABc12345_x-YZ@mail.gmail.example>",), ("dewi@satu.example",), "5.1.1"),
        (CPANEL, ("1tDabc-00000004XyZ-1AbC",), ("<b7c1d2e3-aaaa-bbbb@satu.example>",),
         ("budi@far.example",), "5.7.1"),
        (SENDMAIL, (), (), ("budi@far.example",), "5.1.1"),
        (INDONESIAN, ("3A1B2C4D61",), ("<3a1b2c4d61@satu.example>",), ("nobody@far.example",),
         "5.1.1"),
        (EXCHANGE, (), ("<AM0PR01MB1234@X1.prod.example>",), ("eko@slow.example",), "5.1.10"),
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


def with_crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def quoted(text: str) -> str:
    return "".join(f"> {line}\n" for line in text.split("\n"))


def quoted_printable(text: str) -> str:
    return f"Content-Transfer-Encoding: quoted-printable\n\n{encodestring(text.encode()).decode()}"


def in_base64(text: str) -> str:
    return f"Content-Transfer-Encoding: base64\n\n{encodebytes(text.encode()).decode()}"


@pytest.mark.parametrize(
    "wrappers",
    [
        (with_crlf,),
        (quoted,),
        (quoted, quoted),
        (quoted, with_crlf),
        (quoted_printable,),
        (quoted_printable, quoted, with_crlf),
        (in_base64,),
        (quoted, in_base64),
        (quoted, quoted_printable),
        (with_crlf, in_base64, quoted, with_crlf),
    ],
)
def test_it_reads_them_however_they_are_wrapped(wrappers: tuple[Callable[[str], str], ...]) -> None:
    texts = (
        POSTFIX,
        EXIM,
        EXCHANGE,
        GMAIL,
        QMAIL,
        OUTLOOK,
        GMAIL_ID,
        CPANEL,
        SENDMAIL,
        INDONESIAN,
        LOG,
    )
    for text in texts:
        wrapped = text
        for wrap in wrappers:
            wrapped = wrap(wrapped)
        assert named_in(wrapped) == named_in(text)


def test_it_leaves_alone_what_is_encoded_and_no_text() -> None:
    picture = encodebytes(bytes(range(256)) * 4).decode()
    assert readable(picture) == picture
    assert readable("x=1\nmessage-id=<a=b@c>\n") == "x=1\nmessage-id=<a=b@c>\n"


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
        "> ",
        "=\n",
        "=3D",
        "A" * 76 + "\n",
        "A" * 60,
    ],
)
def test_it_takes_no_longer_than_a_hostile_text_is_long(piece: str) -> None:
    begun = time.process_time()
    named_in(piece * (200_000 // len(piece)))
    assert time.process_time() - begun < 2

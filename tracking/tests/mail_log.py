"""Small mail logs: what a relay writes about mail that ends in different ways."""

# ruff: noqa: E501 (log lines are as long as they are)
from __future__ import annotations

DAY = "2026-11-20"
SINCE, UNTIL = f"{DAY}T00:00:00Z", "2026-11-21T00:00:00Z"
RANGE = {"since": SINCE, "until": UNTIL}

_SESSION = """\
{stamp} {host} postfix/smtpd[100]: connect from {client}
{stamp} {host} postfix/smtpd[100]: {queue_id}: client={client}{login}
{stamp} {host} postfix/cleanup[101]: {queue_id}: message-id={message_id}
{stamp} {host} postfix/qmgr[102]: {queue_id}: from=<{sender}>, size={size}, nrcpt=1 (queue active)
{stamp} {host} postfix/smtpd[100]: disconnect from {client} ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5
"""
_ENDING = """\
{stamp} {host} postfix/smtp[103]: {queue_id}: to=<{recipient}>,{alias} relay={relay}, delay=1.2, \
delays=0.1/0.2/0.3/0.6, dsn={dsn}, status={status} ({reply})
"""
_REMOVED = "{stamp} {host} postfix/qmgr[102]: {queue_id}: removed\n"
_DEFAULTS = {
    "stamp": f"{DAY}T03:00:00.000000+00:00",
    "host": "out1",
    "client": "client.satu.example[198.18.0.5]",
    "login": "",
    "sender": "ani@satu.example",
    "recipient": "budi@far.example",
    "alias": "",
    "relay": "mx.far.example[203.0.113.9]:25",
    "size": "1234",
    "dsn": "2.0.0",
    "status": "sent",
    "reply": "250 2.0.0 Ok: queued as 9F11DABCDE",
}


def one_mail(queue_id: str, message_id: str = "", **values: str) -> str:
    """A mail to one recipient; ``deferred`` mail stays in the queue."""
    fields = {
        **_DEFAULTS,
        "queue_id": queue_id,
        "message_id": message_id or f"<{queue_id.lower()}@satu.example>",
        **values,
    }
    text = (_SESSION + _ENDING).format(**fields)
    return text if fields["status"] == "deferred" else text + _REMOVED.format(**fields)


def many_mails(count: int) -> str:
    """Mail of different senders to different recipients, a second apart."""
    return "".join(
        one_mail(
            f"4A{number:08X}",
            stamp=f"{DAY}T05:{number // 60:02}:{number % 60:02}.000000+00:00",
            sender=f"sender{number}@satu.example",
            recipient=f"recipient{number}@far{number}.example",
            reply=f"250 2.0.0 Ok: number {number}",
        )
        for number in range(count)
    )


SENT = one_mail("3A1B2C4D5E", login=", sasl_method=PLAIN, sasl_username=ani")
ALIAS = one_mail(
    "3A1B2C4D5F",
    stamp=f"{DAY}T03:05:00.000000+00:00",
    client="mail.gmail.example[192.0.2.7]",
    sender="Citra+x@gmail.example",
    recipient="dewi@satu.example",
    alias=" orig_to=<info@satu.example>,",
    host="mx1",
)
DEFERRED = one_mail(
    "3A1B2C4D60",
    stamp=f"{DAY}T03:10:00.000000+00:00",
    recipient="eko@slow.example",
    relay="none",
    dsn="4.4.1",
    status="deferred",
    reply="connect to mx.slow.example[203.0.113.10]:25: Connection timed out",
)
BOUNCED = one_mail(
    "3A1B2C4D61",
    stamp=f"{DAY}T03:20:00.000000+00:00",
    recipient="nobody@far.example",
    dsn="5.1.1",
    status="bounced",
    reply="host mx.far.example[203.0.113.9] said: 550 5.1.1 <nobody@far.example>: "
    "Recipient address rejected: User unknown (in reply to RCPT TO command)",
).replace(
    f"{DAY}T03:20:00.000000+00:00 out1 postfix/qmgr[102]: 3A1B2C4D61: removed\n",
    f"""\
{DAY}T03:20:01.000000+00:00 out1 postfix/cleanup[101]: 3A1B2C4D62: message-id=<ndr@out1.example>
{DAY}T03:20:01.000000+00:00 out1 postfix/qmgr[102]: 3A1B2C4D62: from=<>, size=3000, nrcpt=1 (queue active)
{DAY}T03:20:01.000000+00:00 out1 postfix/bounce[104]: 3A1B2C4D61: sender non-delivery notification: 3A1B2C4D62
{DAY}T03:20:01.000000+00:00 out1 postfix/qmgr[102]: 3A1B2C4D61: removed
{DAY}T03:20:02.000000+00:00 out1 postfix/smtp[103]: 3A1B2C4D62: to=<ani@satu.example>, relay=mail.satu.example[198.18.0.5]:25, delay=1, delays=0.1/0.1/0.1/0.7, dsn=2.0.0, status=sent (250 2.0.0 Ok)
{DAY}T03:20:02.000000+00:00 out1 postfix/qmgr[102]: 3A1B2C4D62: removed
""",
)
QUARANTINED = f"""\
{DAY}T03:30:00.000000+00:00 mx1 postfix/smtpd[200]: connect from unknown[198.19.153.26]
{DAY}T03:30:00.100000+00:00 mx1 postfix/smtpd[200]: A49BB28FC4: client=unknown[198.19.153.26]
{DAY}T03:30:00.200000+00:00 mx1 postfix/cleanup[201]: A49BB28FC4: message-id=<spam@notice.example>
{DAY}T03:30:00.300000+00:00 mx1 postfix/qmgr[202]: A49BB28FC4: from=<offers@notice.example>, size=19384, nrcpt=1 (queue active)
{DAY}T03:30:00.400000+00:00 mx1 pmg-smtp-filter[210]: 21C996AFCF1CCB459C: new mail message-id=<spam@notice.example>
{DAY}T03:30:00.500000+00:00 mx1 pmg-smtp-filter[210]: 21C996AFCF1CCB459C: SA score=9/5 time=0.690 bayes=undefined autolearn=disabled hits=BAYES_99(3.5)
{DAY}T03:30:00.600000+00:00 mx1 pmg-smtp-filter[210]: 21C996AFCF1CCB459C: moved mail for <dewi@satu.example> to spam quarantine - 21CC26AFCF1CD07ED7 (rule: Quarantine/Mark Spam (Level 5))
{DAY}T03:30:00.700000+00:00 mx1 postfix/lmtp[203]: A49BB28FC4: to=<dewi@satu.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.37, delays=0.02/0.01/0.04/0.3, dsn=2.5.0, status=sent (250 2.5.0 OK (21C996AFCF1CCB459C))
{DAY}T03:30:00.800000+00:00 mx1 postfix/qmgr[202]: A49BB28FC4: removed
"""
REFUSED = f"""\
{DAY}T03:40:00.000000+00:00 mx1 postfix/smtpd[300]: connect from bad.example[192.0.2.66]
{DAY}T03:40:00.100000+00:00 mx1 postfix/smtpd[300]: NOQUEUE: reject: RCPT from bad.example[192.0.2.66]: 554 5.7.1 Service unavailable; Client host [192.0.2.66] blocked using zen.dnsbl.example; from=<seller@bad.example> to=<dewi@satu.example> proto=ESMTP helo=<bad.example>
{DAY}T03:40:00.200000+00:00 mx1 postfix/smtpd[300]: NOQUEUE: reject: RCPT from bad.example[192.0.2.66]: 450 4.2.0 <info@satu.example>: Recipient address rejected: Greylisted; from=<=cmd@bad.example> to=<info@satu.example> proto=ESMTP helo=<bad.example>
{DAY}T03:40:00.300000+00:00 mx1 postfix/smtpd[300]: disconnect from bad.example[192.0.2.66] ehlo=1 mail=1 rcpt=0/2 quit=1 commands=3/5
"""
WHOLE = SENT + ALIAS + DEFERRED + BOUNCED + QUARANTINED + REFUSED

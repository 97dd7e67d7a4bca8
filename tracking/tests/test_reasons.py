"""Reason codes: of endings, of refusals, and their words in both languages."""

from __future__ import annotations

import pytest
from django.utils import translation

from tracking.choices import Disposition, QuarantineKind, RejectionKind
from tracking.ingest.store.dictionaries import join_reply, split_reply
from tracking.reasons import (
    CODES_WITHOUT_REPLY,
    READS_REPLY,
    REASONS,
    Reason,
    codes_of_reply,
    reason_code,
    reason_for,
    rejection_reason,
)
from tracking.tests.test_replies import BOUNCED, DEFERRED


@pytest.mark.parametrize(
    ("disposition", "kind", "reply", "code"),
    [
        ("DELIVERED", "NONE", "250 2.0.0 Ok: queued as 9F11D", "DELIVERED_REMOTE"),
        ("DELIVERED", "NONE", "250 2.6.0 <a@b.example> saved for you by mx", "DELIVERED_REMOTE"),
        ("DELIVERED", "NONE", "delivered to mailbox", "DELIVERED_LOCAL"),
        ("DELIVERED", "NONE", "delivered via dovecot service", "DELIVERED_LOCAL"),
        ("DELIVERED", "NONE", "250 2.0.0 <a@b.example> x7Rq1 Saved", "DELIVERED_LOCAL"),
        ("QUARANTINED", "VIRUS", "250 2.5.0 OK (21C996AFCF1)", "HELD_VIRUS"),
        ("QUARANTINED", "SPAM", "", "HELD_SPAM"),
        ("QUARANTINED", "ATTACHMENT", "", "HELD_ATTACH"),
        ("QUARANTINED", "NONE", "", "HELD_OTHER"),
        ("DELIVERED", "ATTACHMENT", "250 2.0.0 Ok", "DELIVERED_REMOTE"),
        ("EXPIRED", "NONE", "connect to mx.example[192.0.2.1]:25: timed out", "EXPIRED"),
        ("QUEUED", "NONE", "", "IN_QUEUE"),
        ("HELD", "NONE", "", "HELD_ADMIN"),
        ("GREYLISTED", "NONE", "450 4.2.0 Greylisted", "REJ_GREYLIST"),
        ("BLOCKED", "NONE", "250 2.7.0 BLOCKED by spam dmarc", "BLOCKED_RULE"),
        ("REJECTED", "NONE", "554 5.7.1 Rejected for policy reasons (21C0A9)", "BLOCKED_RULE"),
        ("REJECTED", "NONE", "552 5.3.4 Message size exceeds fixed limit", "REJ_SIZE"),
        ("REJECTED", "NONE", "550 no", "REJ_POLICY"),
        ("REJECTED", "NONE", "", "UNKNOWN"),
    ],
)
def test_an_ending_has_its_reason(disposition: str, kind: str, reply: str, code: str) -> None:
    found = reason_for(Disposition[disposition], QuarantineKind[kind], "", reply)
    assert found.code == code


@pytest.mark.parametrize(
    ("kind", "reply", "code"),
    [
        ("GREYLIST", "<a@b.example>: Recipient address rejected: Greylisted", "REJ_GREYLIST"),
        ("SPF", "Recipient address rejected: Rejected by SPF", "REJ_SPF"),
        ("DNSBL", "Client host [192.0.2.1] blocked using zen.dnsbl.example", "REJ_RBL"),
        ("RELAY", "<a@b.example>: Relay access denied", "REJ_RELAY"),
        ("UNKNOWN_RECIPIENT", "User unknown", "REJ_UNKNOWN_RCPT"),
        ("SENDER_DOMAIN", "Sender address rejected: Domain not found", "REJ_SENDER"),
        ("SIZE", "Message size exceeds fixed limit", "REJ_SIZE"),
        ("POLICY", "Client host rejected: no", "REJ_POLICY"),
        ("POLICY", "Sender address rejected: not logged in", "REJ_AUTH"),
        ("RATE", "Too many connections", "REJ_RATE"),
        ("TLS", "Must issue a STARTTLS command first", "REJ_TLS"),
        ("PROTOCOL", "Improper command pipelining", "REJ_PROTOCOL"),
        ("FILTER", "Rejected for policy reasons", "BLOCKED_RULE"),
        ("OTHER", "odd", "UNKNOWN"),
    ],
)
def test_a_refusal_has_its_reason(kind: str, reply: str, code: str) -> None:
    assert rejection_reason(RejectionKind[kind], reply).code == code


@pytest.mark.parametrize("disposition", list(Disposition))
@pytest.mark.parametrize("kind", list(QuarantineKind))
def test_every_ending_has_a_reason(disposition: Disposition, kind: QuarantineKind) -> None:
    assert reason_for(disposition, kind, "", "").code in REASONS


def test_every_disposition_says_it_itself_or_by_its_reply() -> None:
    assert READS_REPLY | set(CODES_WITHOUT_REPLY) | {Disposition.QUARANTINED} == set(Disposition)


def test_the_template_of_a_reply_gives_the_same_as_the_reply() -> None:
    """A search for a reason asks the templates; pages ask the replies."""
    for _, reply in BOUNCED + DEFERRED:
        template, words = split_reply(reply)
        for disposition, code in codes_of_reply(template).items():
            assert reason_code(disposition, QuarantineKind.NONE, template) == code
            whole = join_reply(template, words)
            assert reason_for(disposition, QuarantineKind.NONE, "", whole).code == code


@pytest.mark.parametrize(
    ("reply", "template"),
    [
        ("250 2.0.0 <ann@mail.example> BRQJnsDFCJmXyJStVckUzN Saved", "250 2.0.0 \x1a \x1a Saved"),
        ("250 OK id=CaGfwH-QJywsV-iS", "250 OK \x1a"),
        ("554 5.7.1 State-of-the-art SpamAssassin at MailScanner says no", None),
        ("432 STOREDRV.Deliver; MapiExceptionUnknownUser, recipient thread limit", None),
    ],
)
def test_ids_without_a_digit_leave_the_template_and_words_stay(
    reply: str, template: str | None
) -> None:
    assert split_reply(reply)[0] == (template or reply)
    assert join_reply(*split_reply(reply)) == reply


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS.keys())
def test_it_has_words_in_both_languages(reason: Reason) -> None:
    for words in (reason.text, reason.paragraph, reason.todo, reason.actor.label):
        with translation.override("en"):
            english = str(words)
        with translation.override("id"):
            indonesian = str(words)
        assert english.endswith((".", "?")) or words is reason.actor.label
        assert len(indonesian) > 3
        assert indonesian != english

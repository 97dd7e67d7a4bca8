"""Reason codes from replies."""

from __future__ import annotations

import pytest

from tracking.choices import Disposition, QuarantineKind
from tracking.reasons import reason_for


@pytest.mark.parametrize(
    ("disposition", "dsn", "reply", "code"),
    [
        ("DELIVERED", "2.0.0", "250 2.0.0 Ok: queued as 9F11D", "DELIVERED_REMOTE"),
        ("DELIVERED", "2.0.0", "delivered to mailbox", "DELIVERED_LOCAL"),
        ("BOUNCED", "5.1.1", "550 5.1.1 <x@y.example>: User unknown", "BNC_NO_USER"),
        ("BOUNCED", "5.2.2", "552 5.2.2 Mailbox full", "BNC_FULL"),
        ("BOUNCED", "5.7.26", "550-5.7.26 This mail is not authenticated", "BNC_AUTHN"),
        ("BOUNCED", "5.7.1", "550 5.7.1 (S3140). part of their network is on our block list",
         "BNC_REPUTATION"),
        ("DEFERRED", "4.7.0", "421 4.7.0 [TSS04] Messages temporarily deferred", "BNC_REPUTATION"),
        ("BOUNCED", "5.4.4", "Host or domain name not found. Name service error", "BNC_NO_DOMAIN"),
        ("BOUNCED", "5.3.4", "552 5.3.4 Message size exceeds fixed limit", "BNC_SIZE"),
        ("DEFERRED", "4.4.1", "connect to x[203.0.113.1]:25: Connection timed out", "DEF_TIMEOUT"),
        ("DEFERRED", "4.3.0", "451 4.3.0 try again later", "DEF_REMOTE_BUSY"),
        ("DEFERRED", "4.7.5", "Server certificate not trusted", "DEF_TLS"),
        ("BOUNCED", "5.7.1", "554 5.7.1 refused", "BNC_CONTENT"),
        ("BOUNCED", "5.0.0", "no thanks", "UNKNOWN"),
        ("EXPIRED", "4.4.1", "Connection timed out", "EXPIRED"),
        ("QUEUED", "", "", "IN_QUEUE"),
    ],
)  # fmt: skip
def test_it_gives_a_code(disposition: str, dsn: str, reply: str, code: str) -> None:
    reason = reason_for(Disposition[disposition], QuarantineKind.NONE, dsn, reply)
    assert reason.code == code
    assert str(reason.text)


@pytest.mark.parametrize("disposition", list(Disposition))
@pytest.mark.parametrize("kind", list(QuarantineKind))
def test_it_has_words_for_every_ending(disposition: Disposition, kind: QuarantineKind) -> None:
    assert str(reason_for(disposition, kind, "", "").text)

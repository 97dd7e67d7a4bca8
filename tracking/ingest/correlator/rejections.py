"""Why something was refused: the kind of a Rejection, from the words of the reply.

The words are Postfix's own (smtpd_check.c, postscreen) and those of common policy servers; a
site's own text that says nothing known is ``policy`` for a 5xx or 4xx of an access check.
"""

from __future__ import annotations

from tracking.ingest.records import SmtpDecision

# (kind, phrases in lower case); the first that matches wins, so the precise come first.
_PHRASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("dnsbl", (" blocked using ",)),
    (
        "greylist",
        ("service is unavailable (try later)", "greylist", "grey-list", "graylist", "postgrey"),
    ),
    (
        "spf",
        (
            "rejected by spf",
            "spf fail",
            "spf check",
            "not a designated mailserver",
            "spf:",
            "openspf",
            "/why.html?sender=",
        ),
    ),
    ("dnsbl", ("blacklisted by", "listed by domain", "rbl")),
    ("relay", ("relay access denied", "relaying denied")),
    (
        "unknown_recipient",
        (
            "user unknown",
            "recipient address lookup failed",
            "undeliverable address",
            "unverified address",
            "no such user",
            "mailbox unavailable",
            "unknown user",
            "recipient address rejected: domain ",
        ),
    ),
    (
        "size",
        ("message size exceeds", "message too big", "message file too big", "size limit"),
    ),
    (
        "tls",
        (
            "must issue a starttls",
            "session encryption is required",
            "encryption required",
            "tls not available",
            "client certificate",
        ),
    ),
    (
        "rate",
        (
            "too many connections",
            "rate limit",
            "too many messages",
            "too many recipients",
            "too much mail",
            "quota exceeded",
            "all server ports busy",
            "all screening ports busy",
        ),
    ),
    (
        "protocol",
        (
            "protocol error",
            "improper command pipelining",
            "syntax error",
            "bad command",
            "command rejected: need fully-qualified",
            "data command rejected",
            "must use",
            "bare <lf> received",
        ),
    ),
)


def rejection_kind(decision: SmtpDecision) -> str:
    """The kind (design.md 8) of a refusal by smtpd, postscreen, cleanup or a milter."""
    if decision.check not in {"", "milter"}:
        return "content"
    text = decision.reason.lower()
    if text.startswith("<"):  # what it is about: the client's own words
        text = text.partition(">: ")[2] or text
    is_about_sender = "sender address rejected" in text
    for kind, phrases in _PHRASES:
        if any(phrase in text for phrase in phrases) and not (
            is_about_sender and kind == "unknown_recipient"
        ):
            return kind
    if decision.check == "milter":
        return "content"
    if is_about_sender:
        return _sender_kind(text)
    if decision.program == "postscreen":
        # 450 4.3.2 after the tests that need a whole session: come back, as greylisting does.
        return "greylist" if decision.code == 450 else "protocol"
    if "rejected" in text or decision.code >= 500:
        return "policy"
    return "other"


def _sender_kind(text: str) -> str:
    domain = ("domain not found", "need fully-qualified", "malformed dns", "null mx", "nullmx")
    return "sender_domain" if any(phrase in text for phrase in domain) else "policy"

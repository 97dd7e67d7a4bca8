"""The Internet's mail servers: four big providers, many companies, and the broken ones."""

from __future__ import annotations

import random

from tracking.simulator import names
from tracking.simulator.clock import DAY
from tracking.simulator.providers import (
    Provider,
    Reply,
    exchange_sent,
    exim_sent,
    fixed,
    google,
    google_sent,
    microsoft_sent,
    outage,
    qmail_sent,
    queued_as,
)

_DNS_SOFT = fixed(
    "deferred",
    "4.4.3",
    "Host or domain name not found. Name service error for name={d} type=MX: Host not found, "
    "try again",
    "",
)
_RATES = {"unknown": 0.016, "full": 0.003, "overquota": 0.003, "policy": 0.003}


def big_providers(rng: random.Random, start: int, end: int) -> dict[str, Provider]:
    """Domain to Provider of the four that take most of the mail."""
    gmail, microsoft, yahoo, telco = _gmail(), _microsoft(), _yahoo(), _telco()
    telco.outages.append(outage(rng, start, end, (0.5, 1.5)))
    return {
        "gmail.example": gmail,
        "outlook.example": microsoft,
        "hotmail.example": microsoft,
        "yahoo.example": yahoo,
        "telconet.example": telco,
    }


def _gmail() -> Provider:
    help_at = "https://support.gmail.example/mail/?p="
    return Provider(
        key="gmail",
        mx="gmail-smtp-in.l.gmail.example",
        address="192.0.2.26",
        sent=google_sent,
        replies={
            "unknown": google(
                "bounced", 550, "5.1.1",
                ("The email account that you tried to reach does not exist. Please try",
                 "double-checking the recipient's email address for typos or",
                 "unnecessary spaces. For more information, go to", f"{help_at}NoSuchUser"),
                "RCPT TO"),
            "overquota": google(
                "bounced", 552, "5.2.2",
                ("The recipient's inbox is out of storage space and inactive.",
                 "Please direct the recipient to", f"{help_at}OverQuotaPerm"), "RCPT TO"),
            "full": google(
                "deferred", 452, "4.2.2",
                ("The recipient's inbox is out of storage space. Please direct the",
                 "recipient to", f"{help_at}OverQuotaTemp"), "RCPT TO"),
            "policy": google(
                "bounced", 550, "5.7.26",
                ("Your email has been blocked because the sender is unauthenticated.",
                 "Gmail requires all senders to authenticate with either SPF or DKIM.",
                 f"{help_at}UnauthenticatedSender"), "end of DATA"),
            "rate": google(
                "deferred", 421, "4.7.28",
                ("Gmail has detected an unusual rate of unsolicited mail originating from",
                 "your IP address. To protect our users from spam, mail sent from your IP",
                 "address has been temporarily rate limited. For more information, go to",
                 f"{help_at}UnsolicitedRateLimitError"), "end of DATA"),
        },
        rates={**_RATES, "rate": 0.024},
        connect=(0.25, 0.6),
        send=(0.4, 1.4),
    )  # fmt: skip


def _microsoft() -> Provider:
    return Provider(
        key="microsoft",
        mx="outlook-com.olc.protection.outlook.example",
        address="192.0.2.33",
        sent=microsoft_sent,
        replies={
            "unknown": fixed(
                "bounced", "5.5.0",
                "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). "
                "[SG2APC01FT0033.eop-APC01.prod.protection.outlook.example]"),
            "overquota": fixed(
                "bounced", "5.2.2",
                "552 5.2.2 <{r}>: mailbox full; STOREDRV.Deliver.Exception:QuotaExceeded"),
            "full": fixed("deferred", "4.2.2", "452 4.2.2 <{r}>: mailbox full, try again later"),
            "policy": fixed(
                "bounced", "5.7.1",
                "550 5.7.1 Unfortunately, messages from [{us}] weren't sent. Please contact your "
                "Internet service provider since part of their network is on our block list "
                "(S3150). [HK2APC01FT111.eop-APC01.prod.protection.outlook.example]", "MAIL FROM"),
            "rate": fixed(
                "deferred", "4.7.650",
                "451 4.7.650 The mail server [{us}] has been temporarily rate limited due to IP "
                "reputation. For e-mail delivery information, see "
                "https://postmaster.outlook.example (S775) "
                "[PSAAPC01FT027.eop-APC01.prod.protection.outlook.example]", "MAIL FROM"),
        },
        rates={**_RATES, "rate": 0.028},
        connect=(0.3, 0.8),
        send=(0.8, 2.8),
    )  # fmt: skip


def _yahoo() -> Provider:
    return Provider(
        key="yahoo",
        mx="mta5.am0.yahoodns.example",
        address="192.0.2.47",
        sent=fixed("sent", "2.0.0", "250 ok dirdel"),
        replies={
            "unknown": fixed(
                "bounced", "5.0.0",
                "554 delivery error: dd Not a valid recipient - "
                "atlas-production.v2-mail-prod1-sg3.omega.yahoo.example", "end of DATA"),
            "overquota": fixed(
                "bounced", "5.2.2",
                "552 5.2.2 This user <{r}> has exceeded the mailbox quota", "RCPT TO"),
            "full": fixed(
                "deferred", "4.2.2", "452 4.2.2 <{r}> requested action aborted: mailbox full"),
            "policy": fixed(
                "bounced", "5.7.9",
                "554 5.7.9 Message not accepted for policy reasons. "
                "See https://postmaster.yahoo.example/error-codes", "end of DATA"),
            "rate": fixed(
                "deferred", "4.7.0",
                "421 4.7.0 [TSS04] Messages from {us} temporarily deferred due to unexpected "
                "volume or user complaints - 4.16.55.1; see "
                "https://postmaster.yahoo.example/error-codes", "MAIL FROM"),
        },
        rates={**_RATES, "rate": 0.045},
        connect=(0.35, 0.9),
        send=(0.5, 1.6),
    )  # fmt: skip


def _telco() -> Provider:
    return Provider(
        key="telco",
        mx="mx1.telconet.example",
        address="198.19.3.10",
        sent=queued_as,
        replies={
            "unknown": fixed("bounced", "5.1.1", f"550 5.1.1 {_ADDRESS_REJECTED}: User unknown in "
                             "virtual mailbox table"),
            "overquota": fixed("bounced", "5.2.2", "552 5.2.2 <{r}>: Mailbox is over quota"),
            "full": fixed("deferred", "4.2.2", "452 4.2.2 <{r}>: Mailbox is full"),
            "policy": fixed("bounced", "5.7.1", "554 5.7.1 Message rejected as spam by Content "
                            "Filtering.", "end of DATA"),
            "rate": fixed("deferred", "4.7.0", "421 4.7.0 mx1.telconet.example Too many "
                          "connections from {us}, try again later", "MAIL FROM"),
            "greylist": fixed("deferred", "4.7.1", f"450 4.7.1 {_ADDRESS_REJECTED}: Greylisted, "
                              "see https://postmaster.telconet.example/greylist"),
        },
        rates={**_RATES, "unknown": 0.025, "greylist": 0.03, "rate": 0.02},
        connect=(0.02, 0.1),
        send=(0.1, 4.0),
        is_trusted=False,
    )  # fmt: skip


_ADDRESS_REJECTED = "<{r}>: Recipient address rejected"

_STYLES: tuple[tuple[Reply, str], ...] = (
    (queued_as, "550 5.1.1 <{r}>: Recipient address rejected: User unknown in relay recipient "
                "table"),
    (queued_as, "550 5.1.1 <{r}>: Recipient address rejected: User unknown in local recipient "
                "table"),
    (exim_sent, "550 No such user here"),
    (exchange_sent, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP "
                    "address lookup"),
    (qmail_sent, "550 sorry, no mailbox here by that name (#5.1.1)"),
)  # fmt: skip
_STYLE_DSN = ("5.1.1", "5.1.1", "5.0.0", "5.1.10", "5.0.0")


def company(rng: random.Random, name: str, address: str) -> Provider:
    """A company's own server; a third of them greylist, and one in ten has no TLS."""
    style = rng.randrange(len(_STYLES))
    sent, unknown = _STYLES[style]
    greylist = 0.25 if rng.random() < 0.33 else 0.0
    return Provider(
        key="company",
        mx=rng.choice(("mail", "mx", "mx1", "smtp")) + "." + name,
        address=address,
        sent=sent,
        replies=_company_replies(unknown, _STYLE_DSN[style]),
        rates={**_RATES, "unknown": 0.02, "greylist": greylist, "dns_soft": 0.004},
        connect=(0.02, 0.5),
        send=(0.1, 1.5),
        has_tls=rng.random() < 0.9,
        is_trusted=rng.random() < 0.6,
    )


def _company_replies(unknown: str, dsn: str) -> dict[str, Reply]:
    return {
        "unknown": fixed("bounced", dsn, unknown),
        "overquota": fixed("bounced", "5.2.2", "552 5.2.2 <{r}>: Mailbox is over quota"),
        "full": fixed("deferred", "4.2.2", "452 4.2.2 <{r}>: Mailbox full"),
        "policy": fixed("bounced", "5.7.1", "554 5.7.1 Rejected for policy reasons", "end of DATA"),
        "greylist": fixed(
            "deferred", "4.7.1", f"450 4.7.1 {_ADDRESS_REJECTED}: Greylisted, please try again in "
            "300 seconds"),
        "dns_soft": _DNS_SOFT,
    }  # fmt: skip


def companies(rng: random.Random, start: int, end: int) -> dict[str, Provider]:
    """Domain to Provider of 120 companies and some firms abroad.

    Three are down for a while, two for good.
    """
    found: dict[str, Provider] = {}
    for index in range(120):
        trade = names.TRADES[index % len(names.TRADES)]
        name = names.domain(f"{names.company_name(index + 90).split()[0]} {trade} {index // 10}")
        found[name] = company(rng, name, f"198.19.{10 + index // 50}.{2 * (index % 50) + 11}")
    servers = list(found.values())
    for index, name in enumerate(names.STRANGERS):
        domain = names.domain(name)
        found[domain] = company(rng, domain, f"198.51.100.{10 + index}")
    for server in servers[5:8]:
        server.outages.append(outage(rng, start, end, (2, 14)))
    for server in servers[17:19]:
        server.outages.append((start - 365 * DAY, end + 365 * DAY))
    return found


def nowhere(domain: str) -> Provider:
    """A domain that does not exist: mistyped, or a spammer's."""
    reply = fixed(
        "bounced",
        "5.4.4",
        "Host or domain name not found. Name service error for name={d} type=A: Host not found",
        "",
    )
    return Provider(
        key="nowhere",
        mx=domain,
        address="192.0.2.1",
        sent=reply,
        replies={},
        rates={},
        connect=(0.0, 0.05),
        send=(0.0, 0.0),
        has_tls=False,
    )

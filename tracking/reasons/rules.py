"""The table of replies: from what was said to a reason; the first rule that fits wins.

A rule is kept narrow: what fits none is UNKNOWN and is listed for the administrators, and that is
better than a wrong answer to a caller. The texts behind each rule are in tests/test_replies.py.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tracking.choices import Disposition
from tracking.reasons.reply import Said, Speaker

_BOUNCED = frozenset({Disposition.BOUNCED})
_DEFERRED = frozenset({Disposition.DEFERRED})
_EITHER = _BOUNCED | _DEFERRED
_OF_OTHERS = frozenset({Speaker.REMOTE, Speaker.STORE, Speaker.FILTER})


class Rule(NamedTuple):
    """All must hold; ``status`` fits the whole enhanced status code, ``words`` are found in it."""

    code: str
    endings: frozenset[Disposition]
    speakers: frozenset[Speaker]
    status: re.Pattern[str] | None
    words: re.Pattern[str] | None

    def fits(self, ending: Disposition, said: Said) -> bool:
        return (
            ending in self.endings
            and said.speaker in self.speakers
            and (self.status is None or self.status.fullmatch(said.status) is not None)
            and (self.words is None or self.words.search(said.words) is not None)
        )


def _rule(
    code: str,
    words: str = "",
    status: str = "",
    endings: frozenset[Disposition] = _EITHER,
    speakers: frozenset[Speaker] = _OF_OTHERS,
) -> Rule:
    return Rule(
        code,
        endings,
        speakers,
        re.compile(status) if status else None,
        re.compile(words) if words else None,
    )


_POSTFIX = frozenset({Speaker.POSTFIX})
_LOCAL = frozenset({Speaker.FILTER, Speaker.STORE})
_FILTER = frozenset({Speaker.FILTER})
_STORE = frozenset({Speaker.STORE})
_NO_POLICY = r"|.\.[^7]\..*"  # no enhanced status code, or one that does not speak of policy

# What Postfix says itself, of a server that it did not reach or does not want to use.
_OWN_RULES = (
    _rule("IN_FILTER", endings=_DEFERRED, speakers=_FILTER, words=r""),
    _rule("BNC_NO_DOMAIN", r"does not accept mail \(nullmx\)", speakers=_POSTFIX),
    _rule(
        "BNC_NO_DOMAIN",
        r"host or domain name not found|name service error|unable to look up host|"
        r"malformed dns server reply",
        endings=_BOUNCED,
        speakers=_POSTFIX,
    ),
    _rule(
        "DEF_DNS",
        r"name service error|host or domain name not found|unable to look up host|"
        r"malformed dns server reply",
        endings=_DEFERRED,
        speakers=_POSTFIX,
    ),
    _rule("DEF_LOCAL", r"our tls engine is unavailable", endings=_DEFERRED, speakers=_POSTFIX),
    _rule(
        "DEF_TLS",
        r"^tls is required|^cannot start tls|^server certificate not|tlsa lookup error|"
        r"^(?:failed|no usable) tlsa|non dnssec destination",
        endings=_DEFERRED,
        speakers=_POSTFIX,
    ),
    _rule(
        "DEF_TIMEOUT",
        r"^(?:connect to|conversation with|lost connection with|connection with) |"
        r"^(?:connection timed out|connection refused|no route to host|network is unreachable)",
        endings=_DEFERRED,
        speakers=_POSTFIX,
    ),
    _rule("BNC_SIZE", r"^message size \S+ exceeds size limit", speakers=_POSTFIX),
    # "SMTPUTF8" has a digit, so it is a hole of the template.
    _rule("BNC_SMTPUTF8", r"^\x1a is required, but was not offered", speakers=_POSTFIX),
    _rule("BNC_LOOP", r"loops back to myself|too many hops", speakers=_POSTFIX),
    _rule(
        "BNC_FULL",
        r"disk quota exceeded|mailbox (?:is )?full|over ?quota|quota exceeded",
        speakers=_POSTFIX | _STORE,
    ),
    _rule(
        "REJ_UNKNOWN_RCPT",
        r"user unknown|unknown user|user doesn't exist|no such user|mailbox does not exist",
        speakers=_POSTFIX | _STORE,
    ),
    _rule("REJ_UNKNOWN_RCPT", status=r"5\.1\.1", speakers=_STORE),
    _rule(
        "DEF_LOCAL",
        r"mail transport (?:unavailable|error)|unknown mail transport|address resolver failure|"
        r"alias database unavailable|command time limit exceeded|^temporary failure|"
        r"temporary lookup failure|server configuration error|unable to create lock|queue file",
        endings=_DEFERRED,
        speakers=_POSTFIX,
    ),
    _rule("DEF_LOCAL", endings=_DEFERRED, speakers=_STORE),
    _rule("BLOCKED_RULE", status=r"5\.[67]\..*", endings=_BOUNCED, speakers=_FILTER),
)

# A word alone: not a part of a name, a path or an address.
_ALONE = r"(?<![\w./=-])(?:%s)(?![\w/=-]|\.\w)"

# What NetEase, Comcast, T-Online, QQ and others write, whose words say less than their papers.
_PROVIDERS = (
    _rule("BNC_CONTENT", r"^dt:spm\b"),
    _rule("BNC_REPUTATION", r"^(?:hl:rep|hl:mep|wm:bli)\b"),
    _rule("DEF_REMOTE_BUSY", r"^(?:hl:i[cf]c|mi:dmc|rp:drc)\b", endings=_DEFERRED),
    _rule(
        "BNC_REPUTATION",
        r"block for spam|on one or more dnsbls|^(?:ip|connection) frequency limited|"
        r"a problem occurred\. \(ask your postmaster for help|^intrusion prevention active",
    ),
    _rule("BNC_CONTENT", r"mailfrom domain is listed|messages missing a valid "),
    _rule(
        "BNC_SENDER",
        r"^verification failed for \x1a the mail server could not deliver|"
        r"permissions? to send as this sender|rejected by (?:the )?recipients?\b|"
        r"manually blocked senders",
    ),
    _rule(
        "BNC_POLICY",
        r"does not allow external forwarding|has a policy that prohibited the mail",
    ),
)
# As servers of this country say it.
_INDONESIAN = (
    _rule(
        "BNC_NO_USER",
        r"(?:alamat|penerima|pengguna|akun|mailbox)(?: \S+){0,3} tidak "
        r"(?:ditemukan|dikenal|dikenali|terdaftar|valid)",
        endings=_BOUNCED,
    ),
    _rule(
        "BNC_FULL",
        r"(?:kotak (?:surat|masuk|pos)|mailbox|kuota)(?: \S+){0,3} penuh|"
        r"kuota (?:\S+ ){0,2}(?:habis|terlampaui)",
    ),
    _rule("BNC_REPUTATION", r"(?:masuk|dalam|di) daftar hitam"),
    _rule(
        "BNC_SIZE",
        r"ukuran (?:e-?mail|pesan|surat|lampiran) (?:\S+ ){0,2}(?:melebihi|terlalu besar)",
    ),
    _rule(
        "DEF_REMOTE_BUSY",
        r"terlalu banyak (?:koneksi|pesan)|sedang sibuk|coba (?:\S+ ){0,3}(?:lagi|nanti)",
        endings=_DEFERRED,
    ),
)
_RULES = (
    *_PROVIDERS,
    *_INDONESIAN,
    _rule(
        "BNC_POLICY",
        r"resolver\.rst\.|transport\.rules\.|organization policy|"
        r"only accepts? (?:mail|messages) from|delivery restriction|delivery not authorized|"
        r"not authorized to send to (?:the|this) recipient|members? of (?:the|this) (?:list|group)",
    ),
    _rule("BNC_RELAY", status=r"5\.7\.64"),
    _rule(
        "BNC_RELAY",
        r"relay(?:ing)? (?:access )?(?:is )?(?:denied|not permitted|prohibited|not allowed)|"
        r"relaying disallowed|unable to relay|"
        r"(?:do(?:es)? not|not permitted to|cannot|can't|won't) relay|"
        r"list of allowed rcpthosts|relaying to|we do not accept mail for (?:this|that) domain|"
        r"not (?:a|one of our) (?:local|hosted) domain",
    ),
    _rule(
        "BNC_REPUTATION",
        r"ptr (?:resource )?record|reverse dns|reverse(?: host)?name|reverse lookup|"
        r"cannot find your (?:reverse )?host",
    ),
    _rule("DEF_GREYLIST", r"gr[ea]y-?list", endings=_DEFERRED),
    _rule(
        "DEF_REMOTE_BUSY",
        r"too many (?:\S+ )?(?:connections|sessions|messages|recipients)|"
        r"receiving mail (?:at a rate|too quickly)",
        endings=_DEFERRED,
    ),
    _rule("BNC_AUTHN", status=r"[45]\.7\.(?:2[0-4]|26|27|30|31|32|40|509|515)"),
    _rule(
        "BNC_AUTHN",
        (_ALONE % "dmarc|spf|dkim|dkim-signature")
        + r"|unauthenticated (?:e-?mail|mail|sender)|anti-spoofing policy|"
        r"authentication (?:information|checks)|sender is unauthenticated",
    ),
    _rule(
        "BNC_CONTENT",
        r"(?:url|link|uri|domain)s? (?:\S+ ){0,6}(?:blacklist|blocklist|block list)|"
        r"domain present in|" + (_ALONE % "dbl|uribl|surbl") + r"|reputation of the sending domain|"
        r"likely (?:unsolicited|suspicious)|domain (?:has a )?(?:poor |low |bad )?reputation",
    ),
    _rule("BNC_REPUTATION", status=r"4\.7\.[56][0-9]{2}|5\.7\.6(?:0[6-9]|[1-4][0-9])"),
    _rule("BNC_REPUTATION", status=r"[45]\.7\.(?:28|511|708)"),
    _rule(
        "BNC_REPUTATION",
        r"reputation|block ?list|black ?list(?!\.)|" + (_ALONE % "dnsbl|rbl|rbls") + r"|"
        r"blocked using|blocked - see|listed (?:in|at|on|by) |is in a black|spamhaus|"
        r"(?:ip|ip address|host|server|network) (?:\S+ )?(?:has been |is |was )?"
        r"(?:blocked|banned|listed|blacklisted)|"
        r"weren't sent|user complaints|(?:be )?permanently deferred|traffic not accepted|"
        r"will not be accepted from|banned send(?:er|ing)|connections? from your (?:network|ip)|"
        r"unsolicited mail originating|too (?:much|many) spam|poor sender|your ip address|"
        r"your (?:network|ip|server|host) (?:is|has been) |"
        r"(?:mail|messages?|e-?mails?) from (?:your|this) (?:ip|server|network|host)",
    ),
    _rule(
        "BNC_SENDER",
        r"sender address rejected|sender verif|sender address (?:verification|does not)|"
        r"domain of sender|sender(?:'s)? domain|sender rejected|invalid sender|bad sender|"
        r"mail ?from (?:\S+ )?(?:rejected|refused)|envelope sender|"
        r"invalid dns mx or a/aaaa|sender address (?:is )?(?:blocked|refused)|invalid mail domain",
    ),
    _rule("BNC_SENDER", status=r"5\.1\.[78]"),
    _rule("UNKNOWN", r"(?:sending|daily|hourly|message) quota"),
    _rule("BNC_FULL", status=r"[45]\.2\.2"),
    _rule(
        "BNC_FULL",
        r"mailbox (?:\S+ )?(?:is )?full|over ?quota|over (?:the |its |their )?(?:disk )?quota|"
        r"mailbox (?:\S+ )?(?:has )?exceeded|(?:mailbox|user|recipient|account)(?:'s)? "
        r"(?:\S+ ){0,4}quota|quota (?:is )?exceeded \(?mailbox|out of storage|"
        r"disk quota exceeded|quotaexceeded|inbox is full|mailfolder is full|"
        r"not enough (?:storage )?space in (?:the |this )?mailbox",
    ),
    _rule("UNKNOWN", r"receiving mail (?:at a rate|too quickly)|unverified address"),
    _rule("BNC_LOOP", r"mail loop|too many hops|hop count exceeded|loops? back|message loop"),
    _rule(
        "BNC_DISABLED",
        r"mailbox|account|user|recipient|address|disabled|inactive",
        status=r"5\.2\.1",
    ),
    _rule(
        "BNC_DISABLED",
        r"(?:account|mailbox|user|recipient|address)(?:\S* \S+){0,6}? (?:is |has been |was )"
        r"(?:\S+ )?(?:disabled|inactive|deactivated|suspended|locked|closed)|"
        r"(?:account|mailbox|user|recipient) (?:disabled|inactive|deactivated|suspended)|"
        r"inactive (?:user|account|mailbox)",
        endings=_BOUNCED,
        status=_NO_POLICY,
    ),
    _rule(
        "BNC_NO_DOMAIN",
        r"null ?mx|host unknown|(?:recipient|rcpt|no such|unknown)(?: \S+)? domain|"
        r"domain (?:\S+ )?(?:does not exist|doesn't exist|not found|unknown)",
        endings=_BOUNCED,
        status=_NO_POLICY,
    ),
    _rule("BNC_NO_DOMAIN", status=r"5\.1\.2", endings=_BOUNCED),
    _rule("BNC_NO_USER", r"access denied", status=r"5\.4\.1", endings=_BOUNCED),
    _rule("BNC_NO_USER", status=r"5\.1\.(?:1|10|6)"),
    _rule("BNC_NO_USER", r"^address rejected", status=r"5\.1\.0", endings=_BOUNCED),
    _rule("UNKNOWN", r"mailbox unavailable or access denied"),
    _rule(
        "BNC_NO_USER",
        r"user unknown|unknown (?:user|recipient|address|mailbox|local.?part|account)|"
        r"(?:no such|invalid|bad|non-?existent) (?:\S+ )?(?:user|recipient|mailbox|address|account|"
        r"person)|"
        r"(?:user|account|mailbox|recipient|address|alias|e-?mail|id) (?:\S+ ){0,9}?"
        r"(?:does not|doesn't|do not|did not|not) (?:\S+ )?(?:exist|found|known|valid)|"
        r"(?:recipient|user|mailbox|address|account)(?: address)? (?:is )?"
        r"(?:unknown|not found|not valid)|"
        r"recipientnotfound|unroute?able (?:mail )?address|not a valid (?:recipient|mailbox|user)|"
        r"no mailbox (?:here )?by that name|mailbox (?:unavailable|not available|not found)|"
        r"not our customer|is not a valid mailbox|doesn't have an? \S+ account|address unknown|"
        r"unable to find (?:the )?recipient|no one by that name|does not like recipient: user",
        status=_NO_POLICY,
    ),
    _rule("BNC_NO_USER", r"user unknown|no such (?:user|recipient|mailbox)|recipient unknown"),
    _rule("BNC_SIZE", status=r"[45]\.3\.4|5\.2\.3"),
    _rule(
        "BNC_SIZE",
        r"(?:message|mail|e-?mail|size|body|content) (?:size )?(?:is )?too (?:big|large|long)|"
        r"message (?:size )?exceed|size limit|exceeds? (?:\S+ ){0,3}(?:message )?size|"
        r"maximum (?:message |allowed |e-?mail )?size|message length exceeds",
    ),
    _rule(
        "DEF_TLS",
        r"starttls|tls (?:is )?(?:required|not available)|requires? (?:tls|encryption)|"
        r"encryption (?:is )?(?:required|needed)|(?:not|without) (?:sent over |using )?(?:a )?tls|"
        r"certificate validation failure",
        endings=_DEFERRED,
    ),
    _rule(
        "BNC_TLS",
        r"must issue a? ?starttls|starttls (?:command )?(?:first|is required|required)|"
        r"tls (?:is )?required|requires? (?:tls|encryption)|encryption (?:is )?(?:required|needed)|"
        r"not sent over a tls connection",
        endings=_BOUNCED,
    ),
    _rule("BNC_SMTPUTF8", status=r"5\.6\.7"),
    _rule(
        "BNC_CONTENT",
        (_ALONE % "spam|spammy|virus|viruses|malware|phishing|infected|ube|uce|junk")
        + r"|unsolicited|suspicious|content (?:rejected|refused|denied|filter|not accepted)|"
        r"message content|bad content|offensive|scored too high|"
        r"attachment|potential security (?:issue|risk)|objectionable|prohibited content|"
        r"blocked because its content|content presents|undesirable",
    ),
    _rule(
        "BNC_POLICY",
        r"(?:local|organization|security|company|site|header based|content|internal|e-?mail) "
        r"polic|policy (?:reasons?|restrictions?|violation|rejection)|for policy|"
        r"violates? (?:\S+ )?polic|due to (?:\S+ )?policy",
        endings=_BOUNCED,
    ),
    _rule(
        "DEF_REMOTE_BUSY",
        r"try (?:again|back|it again)|retry|too many|busy|shutting down|overload|temporar|"
        r"throttl|rate.?limit|exceeded (?:\S+ ){0,3}(?:rate|connections)|being moved|"
        r"(?:service|server|system|resources?) (?:is |are |currently |not )*"
        r"(?:un)?available|insufficient|not accepting|lookup failure|later|connection limit",
        endings=_DEFERRED,
        status=r"|[45]\..*",
    ),
    _rule("DEF_REMOTE_BUSY", status=r"4\.3\.[012]|4\.4\.5|4\.5\.3", endings=_DEFERRED),
)

RULES = (*_OWN_RULES, *_RULES)
REPLY_CODES = frozenset(rule.code for rule in RULES) | {"UNKNOWN"}


def code_of(ending: Disposition, said: Said) -> str:
    """The code of the first rule that fits."""
    return next((rule.code for rule in RULES if rule.fits(ending, said)), "UNKNOWN")

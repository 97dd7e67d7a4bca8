"""postscreen: clients looked at before they reach smtpd.

    CONNECT from [IP]:PORT to [IP]:25
    PREGREET 18 after 0 from [IP]:PORT: EHLO bot.example\\r\\n
    NOQUEUE: reject: RCPT from [IP]:PORT: 550 5.7.1 Service unavailable; client [IP] blocked
        using dnsbl.example; from=<F>, to=<R>, proto=ESMTP, helo=<H>
    NOQUEUE: reject: CONNECT from [IP]:PORT: too many connections
    PASS OLD [IP]:PORT
    HANGUP after 1.2 from [IP]:PORT in tests before SMTP handshake

The keys are parted by commas, and the HELO name is logged as the client wrote it. Everything
before them is Postfix's own text, so the first place where all four stand is the true one.
"""

from __future__ import annotations

import re

from tracking.ingest.header import Origin
from tracking.ingest.parsers.decisions import STAGES
from tracking.ingest.parsers.notices import parse_chatter
from tracking.ingest.parsers.reading import (
    MAX_TRIES,
    find_path_end,
    new,
    split_client,
    split_reply,
)
from tracking.ingest.records import (
    ClientConnected,
    NoticeLine,
    Pregreeted,
    Record,
    SmtpDecision,
    UnsupportedLine,
)

_PREGREET = re.compile(r"PREGREET [0-9]+ after [0-9.]+ from (\S{1,80}): ")
_REJECT = re.compile(
    r"(?:NOQUEUE: )?reject: ([A-Z-]{1,20}|connect) from (\[\S{1,60}\]:[0-9]{1,5}): "
)
_PROTOCOL_AND_HELO = re.compile(r", proto=[A-Z0-9]{1,16}, helo=<")
_KNOWN = (
    "PASS ", "DISCONNECT ", "ALLOWLISTED ", "WHITELISTED ", "DENYLISTED ", "BLACKLISTED ",
    "ALLOWLIST VETO ", "WHITELIST VETO ", "DNSBL ", "HANGUP ", "COMMAND ", "NON-SMTP COMMAND ",
    "BARE NEWLINE ", "BDAT ", "close database ", "connection rate", "entering STRESS", "leaving ",
    "NOQUEUE: discarding ", "NON-SMTP ", "psc_", "addr ", "DATA ",
)  # fmt: skip


def parse(origin: Origin, text: str) -> Record:
    """A line of postscreen."""
    if text.startswith("CONNECT from "):
        client = text[13:].partition(" to ")[0]
        return new(ClientConnected, (*origin, "", split_client(client)[1]))
    if text.startswith(_KNOWN):
        return new(NoticeLine, origin)
    if match := _REJECT.match(text):
        return _parse_reject(origin, match, text)
    if match := _PREGREET.match(text):
        return Pregreeted(*origin, split_client(match[1])[1])
    return parse_chatter(origin, text)


def _parse_reject(origin: Origin, match: re.Match[str], text: str) -> Record:
    stage, ip = STAGES.get(match[1].upper(), ""), split_client(match[2])[1]
    reply, sender, recipient, helo = text[match.end() :], "", "", ""
    cut = _cut_envelope(text, match.end())
    if cut is not None:
        reply, sender, recipient, helo = cut
    elif stage != "connect":
        return UnsupportedLine(*origin, text)
    code, dsn, reason = split_reply(reply)
    return SmtpDecision(
        *origin, "", "reject", stage, "", "", ip, code, dsn, reason, sender, recipient, helo, ""
    )


def _cut_envelope(text: str, start: int) -> tuple[str, str, str, str] | None:
    """Reply, sender, recipient and HELO name of a reject, or None."""
    position = start
    for _ in range(MAX_TRIES):
        position = text.find("; from=<", position)
        if position < 0:
            return None
        sender_end = _find_end(text, position + 8, ">, to=<")
        if sender_end >= 0:
            recipient_end = _find_end(text, sender_end + 7, ">, proto=")
            helo = _PROTOCOL_AND_HELO.match(text, recipient_end + 1)
            if helo and text.endswith(">"):
                return (
                    text[start:position],
                    text[position + 8 : sender_end],
                    text[sender_end + 7 : recipient_end],
                    text[helo.end() : -1],
                )
        position += 1
    return None


def _find_end(text: str, start: int, closing: str) -> int:
    """Where the address ends that begins at ``start``: brackets in it are not ``closing``."""
    end = find_path_end(text, start)
    return end if text.startswith(closing, end) else text.find(closing, start)

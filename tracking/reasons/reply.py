"""A reply taken apart: who said it, with which codes, in which words. Pure.

``host mx.example[192.0.2.1] said: 550 5.1.1 <x>: User unknown (in reply to RCPT TO command)``
``connect to 127.0.0.1[127.0.0.1]:10024: Connection refused``

Replies come as templates (see ``split_reply``): what changes from mail to mail, such as addresses
and most host names, is a hole already. Host names that are left are cut out here, so that a word
in a name (``mx.spf.example``) is not taken for one of the reply.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple


class Speaker(Enum):
    """Whose words they are: Postfix's own, a server's of this host (a filter, a mail store), or
    the other side's."""

    POSTFIX = "postfix"
    FILTER = "filter"
    STORE = "store"
    REMOTE = "remote"


class Said(NamedTuple):
    """``code`` "550", ``status`` "5.1.1" ("" when there is none); ``words`` in lower case."""

    speaker: Speaker
    code: str
    status: str
    words: str


_PEER = re.compile(r"host (\S+) (?:said|refused to talk to me): ")
_ACCEPTANCE = re.compile(r"2[0-9]{2}(?:[ -]|$)|delivered |forwarded as ")
_IN_REPLY_TO = re.compile(r" \(in reply to [A-Za-z -]{1,40}\)$")
_STORE = re.compile(r"\[private/[^\]]{1,80}\]")
_LOOPBACK = re.compile(r"\[(?:127\.0\.0\.1|::1)\]")
# A filter passes on what the server behind it answered.
_PASSED_ON = re.compile(r"\bfrom MTA\(\S{1,80}: ")
_CODES = re.compile(r"([245][0-9]{2})(?:[ -]|$)(?:#?([245]\.[0-9]{1,3}\.[0-9]{1,3})\b)?[ :-]*")
_STATUS = re.compile(r"(?<![0-9.])([45]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")
_FURTHER_LINE = re.compile(
    r"(?<=\s)[245][0-9]{2}(?:-(?:[245]\.[0-9]{1,3}\.[0-9]{1,3})?| [245]\.[0-9]{1,3}\.[0-9]{1,3})\s"
)
_HOST_NAME = re.compile(
    r"(?<![\w./@:-])(?!resolver\.|storedrv\.|transport\.)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+"
    r"(?![\w/@-])"
)
_SPACES = re.compile(r"\s+")


def take_apart(template: str) -> Said:
    """Cheap and total: any text is good input."""
    text = template.removeprefix("delivery temporarily suspended: ")
    speaker = _speaker_of(text)
    peer = _PEER.match(text)
    text = _IN_REPLY_TO.sub("", text[peer.end() :] if peer else text)
    if passed_on := _PASSED_ON.search(text):
        speaker, text = Speaker.REMOTE, text[passed_on.end() :]
    elif peer is None and _CODES.match(text):
        speaker = Speaker.REMOTE
    codes = _CODES.match(text)
    code, status = (codes[1], codes[2] or "") if codes else ("", "")
    text = text[codes.end() :] if codes else text
    if not status and (found := _STATUS.search(text)):
        status = found[1]
    words = _HOST_NAME.sub("…", _SPACES.sub(" ", _FURTHER_LINE.sub(" ", text)).lower())
    return Said(speaker, code, status, words.replace("’", "'"))


def is_acceptance(template: str) -> bool:
    """Whether a delivered mail can have it: a server's 2xx, or what Postfix's own agents write."""
    return _ACCEPTANCE.match(template) is not None


def _speaker_of(text: str) -> Speaker:
    peer = _PEER.match(text)
    name = peer[1] if peer else text[:120]
    if _STORE.search(name):
        return Speaker.STORE
    if _LOOPBACK.search(name):
        return Speaker.FILTER
    return Speaker.REMOTE if peer else Speaker.POSTFIX

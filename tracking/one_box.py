"""What a person means by a text in the search box. Pure: asks no database."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What kind of thing the text names."""

    NOTHING = "nothing"
    ADDRESS = "address"
    PATTERN = "pattern"
    DOMAIN = "domain"
    QUEUE_ID = "queue_id"
    MESSAGE_ID = "message_id"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Understood:
    """``value`` in the form that is looked for: a Message-ID with ``<>``, a network as CIDR."""

    meaning: Meaning
    value: str = ""


_LABEL = r"[^\s@.<>*:/\\,;\"]+"
_DOMAIN = re.compile(rf"@?({_LABEL}(?:\.{_LABEL})+)\.?")
_ONLY_DOMAIN = re.compile(r"@[^\s@<>*]+")
_MESSAGE_ID_HEADER = re.compile(r"message-id\s*[:=]\s*", re.IGNORECASE)
_QUEUE_IDS = (
    re.compile(r"[0-9A-F]{6,15}"),  # Postfix, short
    re.compile(r"[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,20}"),  # Postfix, long
    re.compile(r"[0-9A-Fa-f]{14,40}"),  # Proxmox filter session, digests
    re.compile(r"[0-9]{3,7}-[0-9]{2,3}(?:-[0-9]{1,3})?"),  # amavis session
    re.compile(r"[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}"),  # Exim
    re.compile(r"[a-zA-Z0-9_-]{12}"),  # amavis mail id
)


def understand(text: str) -> Understood:
    """The first meaning that fits, from the most exact to the loosest.

    ``<a@b>`` may be an address or a Message-ID: it is called a Message-ID, as mail programs show
    addresses without the brackets; whoever searches looks for the other if there is none.
    """
    text = _MESSAGE_ID_HEADER.sub("", text.strip()).strip()
    if not text:
        return Understood(Meaning.NOTHING)
    if text == "<>":
        return Understood(Meaning.ADDRESS)
    if (network := as_network(text)) is not None:
        return Understood(Meaning.NETWORK, network)
    if "*" in text:
        return Understood(Meaning.PATTERN, text)
    if text.startswith("<") and text.endswith(">"):
        return Understood(Meaning.MESSAGE_ID, text)
    return _understand_word(text)


def _understand_word(text: str) -> Understood:
    if _ONLY_DOMAIN.fullmatch(text):
        return Understood(Meaning.DOMAIN, text[1:].lower())
    if "@" in text:
        return Understood(Meaning.ADDRESS, text)
    if any(form.fullmatch(text) for form in _QUEUE_IDS) and _is_like_an_id(text):
        return Understood(Meaning.QUEUE_ID, text)
    if domain := _DOMAIN.fullmatch(text):
        return Understood(Meaning.DOMAIN, domain[1].lower())
    return Understood(Meaning.PATTERN, f"*{text}*")


def _is_like_an_id(text: str) -> bool:
    """Words of people have no digits, or no capital letters inside."""
    has_digit = any(character.isdigit() for character in text)
    return (
        text.isupper()
        or (has_digit and not text.islower())
        or text.isdigit()
        or (has_digit and "-" in text)
        or (has_digit and len(text) >= 14)
    )


def as_network(text: str) -> str | None:
    """An IP address or network in CIDR form, host bits cut; None when it is neither."""
    text = text.strip().removeprefix("[").removesuffix("]")
    text = text.removeprefix("IPv6:").split("%", 1)[0]
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return None

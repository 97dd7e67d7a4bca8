"""What a person means by a text in the search box. Pure: asks no database.

Every meaning can be written out, so that a link or a person can insist on it:
``domain:far.example``, ``message-id:<a@b>``, ``customer:PT Satu``, or several ids as
``queue-id:3A1B2C4D5E recipient:a@b``. What was pasted is brought to that form by ``shorten``, so a
bounce of any length fits a link.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from enum import StrEnum

from tracking.bounces import MAX_EACH, Named, named_in


class Meaning(StrEnum):
    """What kind of thing the text names."""

    NOTHING = "nothing"
    ADDRESS = "address"
    PAIR = "pair"
    PATTERN = "pattern"
    DOMAIN = "domain"
    QUEUE_ID = "queue_id"
    MESSAGE_ID = "message_id"
    NETWORK = "network"
    CUSTOMER = "customer"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class Understood:
    """``value`` in the form that is looked for: a Message-ID with ``<>``, a network as CIDR.

    ``other`` is the second of two addresses; ``named`` the ids of a pasted text. ``is_certain``:
    the text says itself what it is, or has a form that nothing else has.
    """

    meaning: Meaning
    value: str = ""
    other: str = ""
    named: Named = field(default_factory=Named)
    is_certain: bool = True


MAX_LENGTH = 900  # of a text in short form: what fits a link in any script
_LABEL = r"[^\s@.<>*:/\\,;\"]+"
_DOMAIN = re.compile(rf"@?({_LABEL}(?:\.{_LABEL})+)\.?")
_ONLY_DOMAIN = re.compile(r"@[^\s@<>*]+")
_INSISTED = re.compile(
    r"(address|part|domain|queue[-_]id|message-?_?id|client|customer)\s*[:=]\s*(\S.*)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(queue-id|message-id|recipient|status):(\S+)")
_QUEUE_IDS = (
    re.compile(r"[0-9A-F]{6,15}"),  # Postfix, short
    re.compile(r"[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,20}"),  # Postfix, long
    re.compile(r"[0-9A-Fa-f]{14,40}"),  # Proxmox filter session, digests
    re.compile(r"[0-9]{3,7}-[0-9]{2,3}(?:-[0-9]{1,3})?"),  # amavis session
    re.compile(r"[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}"),  # Exim
    re.compile(r"[a-zA-Z0-9_-]{12}"),  # amavis mail id
)
_BETWEEN = re.compile(r"[\s,;|]+|[-=]+>|→|⇒|»")
_CONNECTORS = frozenset(("from", "to", "dari", "ke", "kepada", "untuk", "and", "dan"))
_ENDS = {Meaning.ADDRESS, Meaning.DOMAIN, Meaning.PATTERN}


def understand(text: str) -> Understood:
    """The first meaning that fits, from the most exact to the loosest.

    ``<a@b>`` may be an address or a Message-ID: it is called a Message-ID, as mail programs show
    addresses without the brackets; whoever searches looks for the other if there is none.
    """
    text = text.strip()
    if not text:
        return Understood(Meaning.NOTHING)
    if "\n" not in text and (insisted := _INSISTED.fullmatch(text)):
        found = _understand_insisted(insisted[1].lower(), insisted[2].strip())
        if found is not None:
            return found
    if found := _understand_written_out(text):
        return found
    return _understand_word(text) if len(text.split(None, 1)) == 1 else _understand_words(text)


def shorten(text: str) -> str:
    """The same search in a text that fits a link: a pasted bounce as the ids that it names.

    Of a long text that names nothing, MAX_LENGTH + 1 characters: enough to see that it is too long.
    """
    understood = understand(text)
    if understood.meaning is Meaning.SEVERAL:
        return write_out(understood.named)
    return " ".join(text.split()).replace("\0", "")[: MAX_LENGTH + 1]


def write_out(named: Named) -> str:
    """Ids as ``understand`` reads them, and as many as fit."""
    parts = [
        *(f"queue-id:{value}" for value in named.queue_ids),
        *(f"message-id:{value}" for value in named.message_ids),
        *(f"recipient:{value}" for value in named.recipients),
        *([f"status:{named.status}"] if named.status else []),
    ]
    while sum(len(part) + 1 for part in parts) > MAX_LENGTH:
        parts.pop()
    return " ".join(parts)


def _understand_insisted(word: str, value: str) -> Understood | None:
    """A text that begins with the name of its meaning; None when the value can't have it."""
    word = word.replace("_", "").replace("-", "")
    if word == "customer":
        return Understood(Meaning.CUSTOMER, value)
    if len(value.split()) > 1:
        return None
    bare = value.removeprefix("<").removesuffix(">")
    match word:
        case "messageid":
            return Understood(Meaning.MESSAGE_ID, f"<{bare}>")
        case "queueid":
            return Understood(Meaning.QUEUE_ID, value)
        case "part":
            return Understood(Meaning.PATTERN, value if "*" in value else f"*{value}*")
        case "domain":
            return Understood(Meaning.DOMAIN, value.removeprefix("@").rstrip(".").lower())
        case "client":
            network = as_network(value)
            return Understood(Meaning.NETWORK, network) if network else None
    return Understood(Meaning.ADDRESS, bare)


def _understand_word(text: str) -> Understood:
    """A text without blanks."""
    if text == "<>":
        return Understood(Meaning.ADDRESS)
    if (network := as_network(text)) is not None:
        return Understood(Meaning.NETWORK, network)
    if pair := _as_pair(text):
        return pair
    if "*" in text:
        return Understood(Meaning.PATTERN, text)
    if text.startswith("<") and text.endswith(">"):
        return Understood(Meaning.MESSAGE_ID, text, is_certain=False)
    if _ONLY_DOMAIN.fullmatch(text):
        return Understood(Meaning.DOMAIN, text[1:].lower())
    if "@" in text:
        return Understood(Meaning.ADDRESS, text)
    return _understand_plain_word(text)


def _understand_plain_word(text: str) -> Understood:
    if is_like_queue_id(text):
        return Understood(Meaning.QUEUE_ID, text, is_certain=False)
    if domain := _DOMAIN.fullmatch(text):
        return Understood(Meaning.DOMAIN, domain[1].lower())
    return Understood(Meaning.PATTERN, f"*{text}*", is_certain=False)


def _understand_written_out(text: str) -> Understood | None:
    """``queue-id:… recipient:…``, as ``write_out`` makes it."""
    parts = [_NAMED.fullmatch(word) for word in text.split()]
    pairs = [(part[1], part[2]) for part in parts if part is not None]
    if len(pairs) < len(parts):
        return None
    values = {
        name: tuple(dict.fromkeys(value for word, value in pairs if word == name))[:MAX_EACH]
        for name in ("queue-id", "message-id", "recipient")
    }
    status = [value for word, value in pairs if word == "status"]
    named = Named(
        values["queue-id"],
        values["message-id"],
        values["recipient"],
        status[0] if status else "",
    )
    return Understood(Meaning.SEVERAL, named=named) if named else None


def _understand_words(text: str) -> Understood:
    """Several words: two addresses, a list of ids, a bounce; else the name of a customer."""
    if found := _as_pair(text) or _as_list(text):
        return found
    named = named_in(text)
    if not named:
        return Understood(Meaning.CUSTOMER, " ".join(text.split())[:200], is_certain=False)
    if not (named.queue_ids or named.message_ids) and "\n" not in text and not named.status:
        if len(named.recipients) == 1:
            return Understood(Meaning.ADDRESS, named.recipients[0], is_certain=False)
        if len(named.recipients) == 2:
            return Understood(Meaning.PAIR, *named.recipients, is_certain=False)
    return Understood(Meaning.SEVERAL, named=named)


def _as_pair(text: str) -> Understood | None:
    """Sender and recipient with anything usual between them; each an address, domain or part."""
    if len(text) > 1200:
        return None
    words = [word.strip("<>\"'()") or word for word in _BETWEEN.split(text) if word]
    words = [word for word in words if word.lower().rstrip(":") not in _CONNECTORS]
    if len(words) != 2 or not any(sign in word for word in words for sign in "@*"):
        return None
    ends = [_understand_word(word) for word in words]
    if not all(end.meaning in _ENDS and end.is_certain for end in ends):
        return None
    first, second = (
        f"@{end.value}" if end.meaning is Meaning.DOMAIN else end.value for end in ends
    )
    return Understood(Meaning.PAIR, first or "<>", second or "<>")


def _as_list(text: str) -> Understood | None:
    """Nothing but queue ids, Message-IDs and addresses, at least one of them an id."""
    kinds: dict[Meaning, list[str]] = {
        Meaning.QUEUE_ID: [], Meaning.MESSAGE_ID: [], Meaning.ADDRESS: []
    }  # fmt: skip
    for word in text.replace(",", " ").replace(";", " ").split():
        understood = _understand_word(word)
        if understood.meaning not in kinds:
            return None
        kinds[understood.meaning].append(understood.value)
    queue_ids, message_ids, recipients = (
        tuple(dict.fromkeys(values))[:MAX_EACH] for values in kinds.values()
    )
    if not (queue_ids or message_ids):
        return None
    return Understood(Meaning.SEVERAL, named=Named(queue_ids, message_ids, recipients))


def is_like_queue_id(text: str) -> bool:
    """Has the form of one; words of people have no digits, or no capital letters inside."""
    if not any(form.fullmatch(text) for form in _QUEUE_IDS):
        return False
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

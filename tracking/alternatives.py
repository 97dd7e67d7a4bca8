"""What else a text in the box could mean: each as a change of the query string. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tracking.one_box import Meaning, Understood, is_like_queue_id


@dataclass(frozen=True, slots=True)
class Alternative:
    """``code`` says which (tracking.wording has the words); a change of None takes a filter out."""

    code: str
    text: str
    changes: dict[str, str | None]


def alternatives_to(understood: Understood) -> list[Alternative]:
    """From the most to the least likely; the first ones fill in the fields of the form."""
    value = understood.value
    match understood.meaning:
        case Meaning.ADDRESS if value:
            return [*_sides(value), _domain(value.rpartition("@")[2]), _message_id(value)]
        case Meaning.MESSAGE_ID:
            return [_box("as-address", "address", value.strip("<>"))]
        case Meaning.DOMAIN:
            return [*_sides(f"@{value}"), _box("as-part", "part", value)]
        case Meaning.PATTERN:
            return [*_sides(value), *_of_word(value)]
        case Meaning.QUEUE_ID:
            return [_box("as-part", "part", value), _box("as-customer", "customer", value)]
        case Meaning.CUSTOMER if " " not in value:
            return [_box("as-part", "part", value), _box("as-queue-id", "queue-id", value)]
        case Meaning.PAIR:
            return [_direction(value, understood.other), _direction(understood.other, value)]
        case Meaning.SEVERAL:
            return [
                Alternative("only-recipient", text, {"q": None, "recipient": text})
                for text in understood.named.recipients
            ]
    return []


def _sides(text: str) -> list[Alternative]:
    return [
        Alternative("only-sender", text, {"q": None, "envelope_sender": text}),
        Alternative("only-recipient", text, {"q": None, "recipient": text}),
    ]


def _direction(sender: str, recipient: str) -> Alternative:
    changes = {"q": None, "envelope_sender": sender, "recipient": recipient}
    return Alternative("one-way", f"{sender} → {recipient}", changes)


def _domain(name: str) -> Alternative:
    return _box("as-domain", "domain", name)


def _message_id(value: str) -> Alternative:
    return _box("as-message-id", "message-id", f"<{value}>")


def _of_word(pattern: str) -> list[Alternative]:
    word = pattern.strip("*")
    if "*" in word or "@" in word:
        return []
    found = [_box("as-customer", "customer", word)]
    return [*found, _box("as-queue-id", "queue-id", word)] if is_like_queue_id(word) else found


def _box(code: str, word: str, value: str) -> Alternative:
    return Alternative(code, value, {"q": f"{word}:{value}"})

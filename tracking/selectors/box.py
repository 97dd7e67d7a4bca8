"""The mail that a text in the search box means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tracking.bounces import Named
from tracking.choices import Direction
from tracking.one_box import Meaning, Understood
from tracking.selectors import lookups
from tracking.selectors.conditions import (
    all_of,
    of_addresses,
    of_client,
    of_message_id,
    of_messages,
)
from tracking.selectors.keyset import NEVER, Condition, Note, Search, either
from tracking.selectors.lookups import AddressIds
from tracking.selectors.origins import of_customer

_RECIPIENTS = ("d.recipient_id", "d.original_recipient_id")


def interpret(understood: Understood) -> Understood:
    """What the registry knows better: a word may be the number of a customer."""
    if understood.is_certain or understood.meaning not in {Meaning.QUEUE_ID, Meaning.PATTERN}:
        return understood
    word = understood.value.strip("*")
    if not lookups.is_customer_number(word):
        return understood
    return replace(understood, meaning=Meaning.CUSTOMER, value=word)


def find_text(search: Search, understood: Understood) -> Search:
    """The search narrowed to what was understood, with notes that say what that is."""
    value = understood.value
    match understood.meaning:
        case Meaning.NOTHING:
            return search
        case Meaning.NETWORK:
            return search.where(of_client("m.client_ip", value)).noting(Note("network", value))
        case Meaning.QUEUE_ID:
            return search.where(of_queue_id(search, value)).noting(Note("queue_id", value))
        case Meaning.CUSTOMER:
            return of_customer(search, value)
        case Meaning.PAIR:
            return _between(search, value, understood.other)
        case Meaning.SEVERAL:
            return _of_named(search, understood.named)
    return _of_address_text(search, understood)


def own_notes(understood: Understood, found: Iterable[tuple[int, str]]) -> list[Note]:
    """Whether the address or domain receives with us, by (direction, recipient) of found mail."""
    recipients = {
        address.casefold() for direction, address in found if direction == Direction.INBOUND
    }
    match understood.meaning:
        case Meaning.ADDRESS | Meaning.PAIR:
            texts = [understood.value, understood.other]
            return [Note("our-recipient", text) for text in texts if text.casefold() in recipients]
        case Meaning.DOMAIN:
            end = f"@{understood.value.casefold()}"
            if any(address.endswith(end) for address in recipients):
                return [Note("our-domain", understood.value)]
    return []


def of_queue_id(search: Search, value: str) -> Condition:
    """Mail with a queue id, ours, a filter's or a remote's."""
    return of_messages(lookups.find_messages_by_queue_id([value], search.since, search.until))


def notes_of(found: AddressIds, text: str) -> list[Note]:
    """What to say of addresses that were looked for."""
    if not found:
        return [Note("no-address", text)]
    return [Note("many-addresses", text, lookups.MAX_ADDRESSES)] if found.is_cut else []


def _of_address_text(search: Search, understood: Understood) -> Search:
    """Sender, recipient, alias or login; and a Message-ID, for an address may be one."""
    meaning, value = understood.meaning, understood.value
    text = f"@{value}" if meaning is Meaning.DOMAIN else value or "<>"
    found = lookups.find_addresses(text)
    search = search.noting(Note(meaning.value, value or "<>"))
    if found.domain_id is not None:
        # One scan, newest first: a big domain is in every hour of the log, on one side or other.
        columns = ("m.sender_id", "d.recipient_id")
        return search.where(either([of_addresses(column, found) for column in columns]))
    sent = [of_addresses(column, found) for column in ("m.sender_id", "m.sasl_user_id")]
    if meaning in {Meaning.ADDRESS, Meaning.MESSAGE_ID} and value:
        bare = value.removeprefix("<").removesuffix(">")
        sent.append(of_message_id(f"<{bare}>"))
    branches = [either(sent), either([of_addresses(column, found) for column in _RECIPIENTS])]
    if meaning is Meaning.PATTERN and not found:
        branches = [of_queue_id(search, value.strip("*"))]
    search = search.any_of([branch for branch in branches if branch != NEVER])
    return search.noting(*(notes_of(found, text) if meaning is not Meaning.MESSAGE_ID else []))


def _between(search: Search, first: str, second: str) -> Search:
    """Mail from one to the other, either way."""
    ends = [(text, lookups.find_addresses(text)) for text in (first, second)]
    (_, a), (_, b) = ends
    branches = [_from_to(a, b), _from_to(b, a)]
    search = search.any_of([branch for branch in branches if branch != NEVER])
    search = search.noting(Note("pair", first, other=second))
    return search.noting(*(note for text, found in ends for note in notes_of(found, text)))


def _from_to(sender: AddressIds, recipient: AddressIds) -> Condition:
    recipients = either([of_addresses(column, recipient) for column in _RECIPIENTS])
    return all_of([of_addresses("m.sender_id", sender), recipients])


def _of_named(search: Search, named: Named) -> Search:
    """Mail that a bounce or a list of ids is about.

    Ids first: of the mails that have one, those to the recipients named, if there are such. When
    the log knows none of the ids, everything to these recipients.
    """
    search = search.noting(*_named_notes(named))
    recipients = [row for text in named.recipients for row in lookups.find_addresses(text).ids]
    to = either(
        [of_addresses(column, AddressIds(recipients)) for column in _RECIPIENTS]
        if recipients
        else []
    )
    messages = lookups.find_messages_by_ids(
        named.queue_ids, named.message_ids, search.since, search.until
    )
    if not messages:
        if named.queue_ids or named.message_ids:
            search = search.noting(Note("no-such-ids"))
        return search.where(to)
    search = search.where(of_messages(messages))
    is_named = to != NEVER and lookups.has_recipient(messages, recipients)
    return search.where(to) if is_named else search


def _named_notes(named: Named) -> list[Note]:
    ids = ", ".join((*named.queue_ids, *named.message_ids))
    notes = [Note("several", ids)] if ids else []
    if named.recipients:
        notes.append(Note("named-recipients", ", ".join(named.recipients)))
    return [*notes, Note("named-status", named.status)] if named.status else notes

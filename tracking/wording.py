"""What was understood of a search, in words."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from tracking.selectors.keyset import Note

_NOTES: dict[str, Promise] = {
    "address": gettext_lazy("Mail from or to the address %(text)s, or with this Message-ID."),
    "message_id": gettext_lazy("Mail with the Message-ID %(text)s, or from or to this address."),
    "pattern": gettext_lazy("Mail from or to an address like %(text)s."),
    "domain": gettext_lazy("Mail from or to the domain %(text)s."),
    "queue_id": gettext_lazy("Mail with the queue id %(text)s, ours, a filter's or a remote's."),
    "network": gettext_lazy("Mail that came from %(text)s."),
    "no-address": gettext_lazy("No address like %(text)s is in the log."),
    "many-addresses": gettext_lazy(
        "More than %(number)s addresses are like %(text)s: only the newest of them are searched. "
        "Give more of the address."
    ),
    "no-customer": gettext_lazy("No customer has the number or name %(text)s."),
}


def describe(notes: Sequence[Note]) -> list[str]:
    """One sentence for each note."""
    return [
        str(_NOTES[note.code]) % {"text": note.text, "number": note.number}
        for note in notes
        if note.code in _NOTES
    ]

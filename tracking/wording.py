"""What was understood of a search, in words."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from tracking.alternatives import Alternative
from tracking.selectors.keyset import Note

_NOTES: dict[str, Promise] = {
    "address": gettext_lazy("Mail from or to the address %(text)s, or with this Message-ID."),
    "message_id": gettext_lazy("Mail with the Message-ID %(text)s, or from or to this address."),
    "pattern": gettext_lazy("Mail from or to an address like %(text)s."),
    "domain": gettext_lazy("Mail from or to the domain %(text)s."),
    "queue_id": gettext_lazy("Mail with the queue id %(text)s, ours, a filter's or a remote's."),
    "network": gettext_lazy("Mail that came from %(text)s."),
    "pair": gettext_lazy("Mail from %(text)s to %(other)s, or the other way."),
    "customer": gettext_lazy("Mail that the customer sent: %(text)s."),
    "customers": gettext_lazy("Mail that one of %(number)s customers sent: %(text)s, …"),
    "several": gettext_lazy("Mail with one of these ids: %(text)s."),
    "named-recipients": gettext_lazy("Recipients that the text names: %(text)s."),
    "named-status": gettext_lazy("Status code that the text gives: %(text)s."),
    "no-such-ids": gettext_lazy(
        "None of these ids is in the log of this time range: this is all mail to the recipients."
    ),
    "our-recipient": gettext_lazy("%(text)s is a recipient on our own MX."),
    "our-domain": gettext_lazy("%(text)s is a domain whose mail comes in on our own MX."),
    "once": gettext_lazy("Each mail stands here once, by what became of its first recipient."),
    "no-address": gettext_lazy("No address like %(text)s is in the log."),
    "many-addresses": gettext_lazy(
        "More than %(number)s addresses are like %(text)s: only the newest of them are searched. "
        "Give more of the address."
    ),
    "provider": gettext_lazy("Mail to %(text)s: taken by its servers, or else to its domains."),
    "no-provider": gettext_lazy("No mail provider is called %(text)s."),
    "no-customer": gettext_lazy("No customer has the number or name %(text)s."),
    "no-network": gettext_lazy("No customer has the network %(text)s."),
}
_ALTERNATIVES: dict[str, Promise] = {
    "only-sender": gettext_lazy("%(text)s as the sender only"),
    "only-recipient": gettext_lazy("%(text)s as the recipient only"),
    "one-way": gettext_lazy("%(text)s only"),
    "as-address": gettext_lazy("the address %(text)s"),
    "as-domain": gettext_lazy("the domain %(text)s"),
    "as-message-id": gettext_lazy("the Message-ID %(text)s"),
    "as-part": gettext_lazy("part of an address: %(text)s"),
    "as-customer": gettext_lazy("the customer %(text)s"),
    "as-queue-id": gettext_lazy("the queue id %(text)s"),
}


def describe(notes: Sequence[Note]) -> list[str]:
    """One sentence for each note."""
    return [
        str(_NOTES[note.code]) % {"text": note.text, "number": note.number, "other": note.other}
        for note in notes
        if note.code in _NOTES
    ]


def describe_alternative(alternative: Alternative) -> str:
    """What a link to another meaning says."""
    return str(_ALTERNATIVES[alternative.code]) % {"text": alternative.text}

"""What went wrong at a filter, in words for people; the words of programs stay beside them.

What is kept is ``WORD: detail`` (a Fault of backends/base.py, or Noticed), so that it can be said
in each reader's language.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from quarantine.backends.base import Fault
from quarantine.choices import Noticed

_FAULTS = {
    Fault.UNAVAILABLE: _("The filter did not do what it was asked for."),
    Fault.UNREACHABLE: _("The server does not answer."),
    Fault.CERTIFICATE: _("The server shows another certificate than the one that is configured."),
    Fault.LOGIN: _("The filter does not take our login."),
    Fault.SETTINGS: _(
        "The settings of this quarantine make no sense: an administrator mends them."
    ),
    Fault.DIRECTORY: _("The quarantine's directory can't be read."),
    Fault.NO_RELEASE_HOST: _(
        "This quarantine has no server to release to: an administrator sets “release to” of its "
        "source."
    ),
    Fault.GONE: _("The filter no longer has the mail."),
    Fault.UNREADABLE: _("The mail can't be read where it is held."),
    Fault.REFUSED: _("The next server refused it; nothing was sent."),
    Fault.TOO_LARGE: _("The mail is too large to be released."),
    Fault.BAD_ADDRESS: _("This can't be an address of a mail."),
    Fault.NO_RECIPIENT: _("The mail names no recipient: release it to an address."),
    Fault.NO_SMTPUTF8: _("The next server takes no addresses beyond ASCII."),
    Fault.OWN_RECIPIENTS: _("This filter releases to the mail's own recipients only."),
    Fault.UNCERTAIN: _("The answer never came: the mail may have been sent, or not."),
    Fault.INTERRUPTED: _("The release was interrupted after the mail may have been sent."),
    Fault.NOT_SUPPORTED: _("This kind of filter can't do that."),
}
_TEXTS = {fault.value: text for fault, text in _FAULTS.items()} | {
    item.value: item.label for item in Noticed
}


@dataclass(frozen=True, slots=True)
class Explained:
    """``text`` in the reader's language ("" when the fault is none of ours); ``detail`` as kept."""

    text: str
    detail: str

    def __str__(self) -> str:
        if not self.text or not self.detail:
            return self.text or self.detail
        return f"{self.text} ({self.detail})"


def explain(kept: str) -> Explained:
    """What a kept text says; one that names no fault is its own detail."""
    word, colon, detail = kept.partition(":")
    if not colon or word not in _TEXTS:
        return Explained("", kept)
    return Explained(str(_TEXTS[word]), detail.strip())


def fault_of(kept: str) -> str:
    """The Fault of a kept text; "" when it names none."""
    word, colon, _detail = kept.partition(":")
    return word if colon and word in _FAULTS else ""


def explained(kept: str) -> str:
    """The same as one line."""
    return str(explain(kept))

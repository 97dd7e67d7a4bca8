"""Forms of actions. Whether an action is allowed, the services say; forms hold what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from quarantine.backends.base import Ability
from quarantine.connect import common_abilities
from quarantine.selectors import FoundHeld
from quarantine.services.release import VIRUS_CONFIRMATION, Wish
from quarantine.services.results import MAX_REASON, Actor
from tracking.choices import QuarantineKind


def _reason() -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        max_length=MAX_REASON,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Kept in the audit trail, for example who asked for it."),
    )


class ReasonForm(forms.Form):
    """Why: for every action. ``items`` are the mails it is about; of a bulk, examples of them."""

    reason = _reason()

    def __init__(
        self,
        *args: Any,
        items: Sequence[FoundHeld] = (),
        actor: Actor,
        is_bulk: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        self.actor = actor
        self.is_one = len(items) == 1 and not is_bulk

    def options(self) -> dict[str, Any]:
        """What was typed, for an action on many mails."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    def offer(self, name: str, ability: Ability) -> None:
        """A box that is there only if the filters of all the mails can do it."""
        if ability not in common_abilities([item.source for item in self.items]):
            self.drop(name)

    def drop(self, *names: str) -> None:
        """Fields that make no sense here."""
        for name in names:
            del self.fields[name]

    def offer_recipients(self) -> None:
        """Of one mail that waits for several; for more mails, all who wait for each."""
        waiting = waiting_recipients(self.items[0]) if self.is_one else []
        if len(waiting) < 2:
            self.drop("recipients")
            return
        field: Any = self.fields["recipients"]
        field.choices = [(name, name) for name in waiting]
        field.initial = waiting

    def chosen_recipients(self) -> list[str] | None:
        return self.cleaned_data.get("recipients") or None


class ReleaseForm(ReasonForm):
    """To all, to some, or to another address; of a virus only with the words typed."""

    recipients = forms.MultipleChoiceField(
        label=_("To"), widget=forms.CheckboxSelectMultiple, required=False
    )
    elsewhere = forms.CharField(
        label=_("To another address instead"),
        required=False,
        max_length=320,
        help_text=_("The mail stays held for its own recipients."),
    )
    confirmation = forms.CharField(
        label=format_lazy(_("Type “{words}”"), words=VIRUS_CONFIRMATION),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    is_sender_allowed = forms.BooleanField(
        label=_("Let further mail of this sender pass"), required=False
    )
    field_order = ("recipients", "elsewhere", "reason", "is_sender_allowed", "confirmation")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_recipients()
        self.offer("is_sender_allowed", Ability.ALLOW_SENDER)
        if self.is_one and self.actor.may("release_elsewhere"):
            self.offer("elsewhere", Ability.OTHER_RECIPIENT)
        else:
            self.drop("elsewhere")
        if not any(is_dangerous(item) for item in self.items):
            self.drop("confirmation")

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        is_none = "recipients" in self.fields and not given.get("recipients")
        if is_none and not given.get("elsewhere"):
            self.add_error("recipients", _("Choose at least one recipient."))
        return given

    def wish(self) -> Wish:
        given = self.cleaned_data
        return Wish(
            reason=given["reason"],
            recipients=self.chosen_recipients(),
            elsewhere=given.get("elsewhere", "").strip(),
            confirmation=given.get("confirmation", ""),
            is_sender_allowed=given.get("is_sender_allowed", False),
        )


class DeleteForm(ReasonForm):
    """Delete, and refuse the sender from now on where the filter can."""

    is_sender_blocked = forms.BooleanField(
        label=_("Block further mail of this sender"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("is_sender_blocked", Ability.BLOCK_SENDER)


class ResolveForm(ReasonForm):
    """What became of a release that died half-way."""

    was_sent = forms.ChoiceField(
        label=_("Did the mail arrive?"),
        choices=[("yes", _("Yes, it was sent")), ("no", _("No, hold it again"))],
        widget=forms.RadioSelect,
    )
    field_order = ("was_sent", "reason")


class RequestForm(ReasonForm):
    """Ask a senior to release."""

    recipients = ReleaseForm.base_fields["recipients"]
    field_order = ("recipients", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_recipients()


class DecisionForm(ReasonForm):
    """The answer to a request; a virus needs its words, too."""

    confirmation = ReleaseForm.base_fields["confirmation"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Answer")
        self.fields["confirmation"].required = False
        if not any(is_dangerous(item) for item in self.items):
            self.drop("confirmation")


def waiting_recipients(item: FoundHeld) -> list[str]:
    """Who has not got it yet."""
    served = {*item.released_recipients, *item.removed_recipients}
    return [name for name in item.recipients if name not in served]


def is_dangerous(item: FoundHeld) -> bool:
    """A virus: an administrator and typed words release it."""
    return item.kind == QuarantineKind.VIRUS or bool(item.virus)

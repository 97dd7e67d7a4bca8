"""Shapes of the quarantine's API: explicit fields, words of the closed lists."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from quarantine import wording
from quarantine.choices import HeldState, Outcome, RequestState, Verb
from quarantine.faults import explained, fault_of
from quarantine.models import QuarantineAction, ReleaseRequest
from quarantine.preview.model import Attachment, CutNote, Header, HtmlPart, Preview, TextPart
from quarantine.selectors import FoundHeld
from quarantine.services.results import MAX_BULK, MAX_REASON, ItemOutcome, RecipientOutcome
from tracking.choices import QuarantineKind
from tracking.serializers import MomentField, WordField

# For the schema's names of closed lists that share a field's name.
HELD_STATES = HeldState.values
REQUEST_STATES = RequestState.values
OUTCOMES = Outcome.values
VERBS = Verb.values
KINDS = [kind.name.lower() for kind in QuarantineKind]
MAX_ID = 2**63 - 1


class HeldSerializer(serializers.Serializer[FoundHeld]):
    """A held mail without its body."""

    id = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    kind = WordField(QuarantineKind)
    state = serializers.ChoiceField(HELD_STATES)
    state_changed_at = MomentField()
    delete_after = MomentField(allow_null=True)
    received_at = MomentField()
    envelope_sender = serializers.CharField()
    header_from = serializers.CharField()
    recipients = serializers.ListField(child=serializers.CharField())
    released_recipients = serializers.ListField(child=serializers.CharField())
    removed_recipients = serializers.ListField(
        child=serializers.CharField(), help_text="For whom the filter's own pages deleted it."
    )
    is_at_source = serializers.BooleanField(help_text="Its filter still has it.")
    subject = serializers.CharField()
    message_id = serializers.CharField(help_text="Of the header.")
    size_bytes = serializers.IntegerField()
    score = serializers.FloatField(allow_null=True)
    virus = serializers.CharField()
    rules = serializers.ListField(child=serializers.CharField())
    quarantine_id = serializers.CharField()
    client_ip = serializers.CharField(allow_null=True)
    message = serializers.IntegerField(
        source="message_ref", allow_null=True, help_text="Id of the Message in tracking."
    )
    customer = serializers.CharField()
    network = serializers.CharField()
    has_open_request = serializers.BooleanField()


class AuditSerializer(serializers.ModelSerializer[QuarantineAction]):
    """A row of the audit trail, with its seal."""

    at = MomentField()
    verb = serializers.ChoiceField(VERBS)
    outcome = serializers.ChoiceField(OUTCOMES)
    kind = WordField(QuarantineKind)

    class Meta:
        model = QuarantineAction
        fields = (
            "number", "at", "actor", "token", "client_ip", "verb", "outcome", "reason", "held_id",
            "source", "key", "kind", "quarantine_id", "message_id", "envelope_sender", "recipient",
            "detail", "batch", "previous_hash", "hash",
        )  # fmt: skip


class RequestSerializer(serializers.ModelSerializer[ReleaseRequest]):
    """Somebody's wish for a release, and the answer."""

    held = serializers.IntegerField(source="held_id")
    requested_by = serializers.CharField(source="requested_by.username")
    requested_at = MomentField()
    state = serializers.ChoiceField(REQUEST_STATES)
    decided_by = serializers.CharField(source="decided_by.username", default=None, allow_null=True)
    decided_at = MomentField(allow_null=True)

    class Meta:
        model = ReleaseRequest
        fields = (
            "id", "held", "recipients", "requested_by", "requested_at", "reason", "state",
            "decided_by", "decided_at", "decision", "failure",
        )  # fmt: skip


class HeldDetailSerializer(serializers.Serializer[Any]):
    """One mail with what was done with it, newest first."""

    held = HeldSerializer()
    actions = AuditSerializer(many=True)
    requests = RequestSerializer(many=True)


@extend_schema_serializer(many=False)
class HeldPageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = HeldSerializer(many=True)


@extend_schema_serializer(many=False)
class AuditPageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = AuditSerializer(many=True)


@extend_schema_serializer(many=False)
class RequestPageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = RequestSerializer(many=True)


class MailHeaderSerializer(serializers.Serializer[Header]):
    name = serializers.CharField()
    value = serializers.CharField()
    warnings = serializers.ListField(child=serializers.CharField())


class MailTextSerializer(serializers.Serializer[TextPart]):
    path = serializers.CharField()
    text = serializers.CharField()
    charset = serializers.CharField()


class MailPageSerializer(serializers.Serializer[HtmlPart]):
    """Sanitised: no script, style, link or address that is fetched. Frame it all the same."""

    path = serializers.CharField()
    html = serializers.CharField(source="body")
    text = serializers.CharField()
    remote_pictures = serializers.IntegerField(source="remote")
    inline_pictures = serializers.IntegerField(source="inline")


class AttachmentSerializer(serializers.Serializer[Attachment]):
    path = serializers.CharField()
    name = serializers.CharField()
    declared_type = serializers.CharField()
    real_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    warnings = serializers.ListField(child=serializers.CharField())


class CutSerializer(serializers.Serializer[CutNote]):
    code = serializers.CharField(source="kind")
    limit = serializers.IntegerField()
    text = serializers.SerializerMethodField()

    @extend_schema_field(str)
    def get_text(self, note: CutNote) -> str:
        return wording.cut_text(note)


class ContentSerializer(serializers.Serializer[Preview]):
    """What may be seen of a mail; hidden characters are shown as ``⟨U+202E⟩``."""

    size_bytes = serializers.IntegerField()
    headers = MailHeaderSerializer(many=True)
    texts = MailTextSerializer(many=True)
    pages = MailPageSerializer(many=True)
    attachments = AttachmentSerializer(many=True)
    cuts = CutSerializer(many=True)


class WhyField(serializers.CharField):
    """Why, in the language that was asked for, with the words of programs."""

    def to_representation(self, value: str) -> str:
        return explained(value)


class FaultField(serializers.CharField):
    """What went wrong at a filter, as a word; "" for nothing, or for a server's own answer."""

    def to_representation(self, value: str) -> str:
        return fault_of(value)


class RecipientOutcomeSerializer(serializers.Serializer[RecipientOutcome]):
    recipient = serializers.CharField()
    outcome = serializers.ChoiceField(OUTCOMES)
    text = WhyField()
    fault = FaultField(source="text")
    queue_id = serializers.CharField()


class ItemOutcomeSerializer(serializers.Serializer[ItemOutcome]):
    """How it ended for one mail; ``text`` says why where there is something to say."""

    id = serializers.IntegerField(source="held_id")
    outcome = serializers.ChoiceField(OUTCOMES)
    text = WhyField()
    fault = FaultField(source="text")
    recipients = RecipientOutcomeSerializer(many=True)


class OutcomesSerializer(serializers.Serializer[Any]):
    """One result for each mail, in the order of the ids."""

    counts = serializers.DictField(child=serializers.IntegerField())
    results = ItemOutcomeSerializer(many=True)


class TextField(serializers.CharField):
    """A JSON string; nothing else is made one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Not a string.")
        return str(super().to_internal_value(data))


class NumberField(serializers.IntegerField):
    """A whole JSON number."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            raise serializers.ValidationError("Not a whole number.")
        return data


class SwitchField(serializers.BooleanField):
    """``true`` or ``false``."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("Not true or false.")
        return data


def flat_errors(errors: Any) -> dict[str, list[str]]:
    """Problems by field; those of a list's items name their place."""
    flat = {}
    for name, found in errors.items():
        lines = found
        if isinstance(found, dict):
            lines = [f"{place}: {text}" for place, texts in found.items() for text in texts]
        flat[name] = [str(line) for line in lines]
    return flat


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know: a misspelt one must not change what happens."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        if unknown:
            names = sorted(str(name)[:100] for name in unknown)
            raise serializers.ValidationError({name: ["There is no such field."] for name in names})
        return super().to_internal_value(data)


class IdsSerializer(StrictSerializer):
    """Which mails, and why."""

    ids = serializers.ListField(
        child=NumberField(min_value=0, max_value=MAX_ID),
        min_length=1,
        max_length=MAX_BULK,
    )
    reason = TextField(max_length=MAX_REASON)


class ReleaseInSerializer(IdsSerializer):
    recipients = serializers.ListField(
        child=TextField(max_length=500),
        required=False,
        min_length=1,
        max_length=MAX_BULK,
        help_text="Only these; otherwise all who wait for it.",
    )
    elsewhere = TextField(required=False, max_length=320, help_text="To this address instead.")
    confirmation = TextField(
        required=False, max_length=100, help_text="`release virus` for mail with a virus."
    )
    is_sender_allowed = SwitchField(required=False)


class DeleteInSerializer(IdsSerializer):
    is_sender_blocked = SwitchField(required=False)


class RequestInSerializer(IdsSerializer):
    recipients = serializers.ListField(
        child=TextField(max_length=500), required=False, min_length=1,
        max_length=MAX_BULK,
    )  # fmt: skip


class AnswerInSerializer(StrictSerializer):
    """The decision's reason; the requester reads it."""

    answer = TextField(max_length=MAX_REASON)
    confirmation = TextField(required=False, max_length=100)

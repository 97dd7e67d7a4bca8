"""Shapes of the API: explicit fields, the words of the design."""

from __future__ import annotations

from datetime import UTC
from enum import IntEnum
from typing import Any

from django.db.models import IntegerChoices
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tracking import choices
from tracking.reasons import REASONS, Actor, Reason
from tracking.selectors.rejections import FoundRejection
from tracking.selectors.search import FoundDelivery
from tracking.selectors.story import StoryDelivery, StoryHop


class MomentField(serializers.DateTimeField):
    """A moment in UTC: a page, a file and every reader's zone give the same text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, read_only=True, **kwargs)


class WordField(serializers.ChoiceField):
    """A number of a closed list, as its word: 1 → ``delivered``."""

    def __init__(self, members: type[IntegerChoices], **kwargs: Any) -> None:
        self.members: type[IntEnum] = members
        super().__init__([member.name.lower() for member in members], read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return self.members(value).name.lower()


class QuarantineKindField(WordField):
    """Null where nothing was quarantined."""

    def __init__(self) -> None:
        super().__init__(choices.QuarantineKind, allow_null=True)

    def get_attribute(self, instance: Any) -> Any:
        return super().get_attribute(instance) or None


# For the schema's names of closed lists that share a field's name.
MESSAGE_KINDS = [member.name.lower() for member in choices.MessageKind]
REASON_CODES = list(REASONS)
REJECTION_KINDS = [member.name.lower() for member in choices.RejectionKind]


class NextTryField(MomentField):
    """Null where no further try is to be expected."""

    def __init__(self) -> None:
        super().__init__(
            source="outlook.next_try_at",
            allow_null=True,
            help_text="Of deferred mail: about when Postfix tries again; it may have passed.",
        )


class GivesUpField(MomentField):
    """Null where no further try is to be expected."""

    def __init__(self) -> None:
        super().__init__(
            source="outlook.gives_up_at",
            allow_null=True,
            help_text="Of deferred mail: when it is returned if it cannot be delivered by then.",
        )


class ReasonSerializer(serializers.Serializer[Reason]):
    """Why a mail ended, or waits; the words in the language of ``Accept-Language``."""

    code = serializers.ChoiceField(REASON_CODES, help_text="Stable.")
    actor = serializers.ChoiceField(Actor.values, help_text="Who must act.")
    text = serializers.CharField(help_text="One line for colleagues.")
    paragraph = serializers.CharField(help_text="Plain words for the caller.")
    todo = serializers.CharField(help_text="What to do.")


class DeliverySerializer(serializers.Serializer[FoundDelivery]):
    """What became of one recipient of one Message."""

    id = serializers.IntegerField()
    message = serializers.IntegerField(help_text="The Message's id under messages/.")
    message_id = serializers.CharField()
    envelope_sender = serializers.CharField(allow_null=True, help_text='"" is the null sender.')
    recipient = serializers.CharField(help_text='"": the log never named the recipient.')
    original_recipient = serializers.CharField(allow_null=True)
    client_ip = serializers.CharField(allow_null=True)
    sasl_username = serializers.CharField(allow_null=True)
    size_bytes = serializers.IntegerField()
    subject = serializers.CharField(allow_null=True)
    first_seen = MomentField()
    last_seen = MomentField()
    kind = WordField(choices.MessageKind)
    direction = WordField(choices.Direction)
    disposition = WordField(choices.Disposition)
    quarantine_kind = QuarantineKindField()
    dsn = serializers.CharField()
    smtp_reply = serializers.CharField()
    reason_code = serializers.ChoiceField(REASON_CODES, source="reason.code")
    reason_text = serializers.CharField(source="reason.text")
    relay = serializers.CharField()
    attempts = serializers.IntegerField()
    customer = serializers.CharField(allow_null=True, help_text="The number.")
    customer_name = serializers.CharField(allow_null=True)
    service_class = serializers.ChoiceField(choices.ServiceClass.choices, allow_null=True)
    client_network = serializers.CharField(allow_null=True)
    hops = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2),
        help_text="[host, queue id] from the first acceptance to the last delivery.",
    )
    next_try_at = NextTryField()
    gives_up_at = GivesUpField()


class MessageSerializer(serializers.Serializer[Any]):
    """A Message as its first Hop knows it."""

    id = serializers.IntegerField()
    received_at = MomentField()
    message_id = serializers.CharField()
    envelope_sender = serializers.CharField(allow_null=True)
    client_ip = serializers.CharField(allow_null=True)
    client_hostname = serializers.CharField(allow_null=True)
    helo_name = serializers.CharField(allow_null=True)
    sasl_username = serializers.CharField(allow_null=True)
    size_bytes = serializers.IntegerField()
    recipient_count = serializers.IntegerField()
    subject = serializers.CharField(allow_null=True)
    kind = WordField(choices.MessageKind)
    direction = WordField(choices.Direction)
    host = serializers.CharField(help_text="The first relay.")
    customer = serializers.CharField(allow_null=True)
    client_network = serializers.CharField(allow_null=True)
    related_message = serializers.IntegerField(
        allow_null=True, help_text="The Message that this notification is about."
    )


class HopDeliverySerializer(serializers.Serializer[StoryDelivery]):
    """What became of a recipient at one Hop."""

    id = serializers.IntegerField()
    hop = serializers.IntegerField()
    recipient = serializers.CharField()
    original_recipient = serializers.CharField(allow_null=True)
    disposition = WordField(choices.Disposition)
    quarantine_kind = QuarantineKindField()
    is_final = serializers.BooleanField(help_text="Speaks for the recipient in the whole Message.")
    is_tls = serializers.BooleanField(allow_null=True)
    attempts = serializers.IntegerField()
    first_attempt_at = MomentField(allow_null=True)
    last_attempt_at = MomentField(allow_null=True)
    dsn = serializers.CharField()
    smtp_reply = serializers.CharField()
    reason = ReasonSerializer()
    relay = serializers.CharField()
    next_queue_id = serializers.CharField()
    before_queue_seconds = serializers.FloatField(allow_null=True)
    in_queue_seconds = serializers.FloatField(allow_null=True)
    connect_seconds = serializers.FloatField(allow_null=True)
    transmit_seconds = serializers.FloatField(allow_null=True)
    next_try_at = NextTryField()
    gives_up_at = GivesUpField()


class VerdictSerializer(serializers.Serializer[Any]):
    """What a content filter decided; ``recipient`` "" stands for all."""

    id = serializers.IntegerField()
    hop = serializers.IntegerField()
    recipient = serializers.CharField()
    at = MomentField()
    action = WordField(choices.VerdictAction)
    quarantine_kind = QuarantineKindField()
    filter_id = serializers.CharField()
    quarantine_id = serializers.CharField()
    score = serializers.FloatField(allow_null=True)
    required = serializers.FloatField(allow_null=True)  # type: ignore[assignment]  # a column's name
    virus = serializers.CharField(allow_null=True)
    rule = serializers.CharField(allow_null=True)


class HopSerializer(serializers.Serializer[Any]):
    """One queue id on one host."""

    id = serializers.IntegerField()
    parent = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]  # a column's name
    host = serializers.CharField()
    role = serializers.ChoiceField(choices.RelayRole.choices)
    queue_id = serializers.CharField()
    opened_at = MomentField()
    ended_at = MomentField(allow_null=True)
    seconds = serializers.SerializerMethodField(help_text="From opened_at to ended_at.")
    is_tls = serializers.BooleanField(allow_null=True)

    def get_seconds(self, hop: StoryHop) -> float | None:
        return (hop.ended_at - hop.opened_at).total_seconds() if hop.ended_at else None


class StorySerializer(MessageSerializer):
    """A Message with all that is known of it but its lines."""

    customer_name = serializers.CharField(allow_null=True)
    service_class = serializers.ChoiceField(choices.ServiceClass.choices, allow_null=True)
    hops = HopSerializer(many=True)
    recipients = HopDeliverySerializer(
        many=True, help_text="The deliveries that speak for their recipients."
    )
    deliveries = HopDeliverySerializer(many=True, help_text="One for each recipient and hop.")
    verdicts = VerdictSerializer(many=True)
    notifications = serializers.ListField(
        child=serializers.IntegerField(), help_text="Messages about this one."
    )
    is_cut = serializers.BooleanField(help_text="There are more deliveries than are shown.")


class LineSerializer(serializers.Serializer[Any]):
    """A raw line, as it was stored."""

    at = MomentField()
    text = serializers.CharField(trim_whitespace=False, help_text="As it stands in the log.")
    source = serializers.CharField(help_text="The log source.")  # type: ignore[assignment]
    segment = serializers.IntegerField(help_text="The number of its segment in the source.")
    offset = serializers.IntegerField(help_text="Where it begins in the source, in bytes.")


class HopLinesSerializer(serializers.Serializer[Any]):
    """The lines about one Hop, in the order of the log."""

    hop = serializers.IntegerField()
    host = serializers.CharField()
    queue_id = serializers.CharField()
    lines = LineSerializer(many=True)
    is_cut = serializers.BooleanField(help_text="There are more lines than are shown.")
    missing_segments = serializers.IntegerField(help_text="Segments that are kept no more.")


class MessageLinesSerializer(serializers.Serializer[Any]):
    """Raw lines of a Message, Hop by Hop."""

    id = serializers.IntegerField()
    hops = HopLinesSerializer(many=True)
    left_out = serializers.ListField(
        child=serializers.IntegerField(), help_text="Hops beyond the bound: ask with ?hop=."
    )


class AttemptSerializer(serializers.Serializer[Any]):
    """One try to deliver to one recipient."""

    at = MomentField()
    recipient = serializers.CharField()
    status = serializers.CharField(help_text="Postfix's word: sent, deferred, bounced, expired.")
    relay = serializers.CharField()
    dsn = serializers.CharField()
    smtp_reply = serializers.CharField()
    seconds = serializers.FloatField()
    tls = serializers.CharField(help_text="Version, cipher and trust, where the log tells them.")


class RuleHitSerializer(serializers.Serializer[Any]):
    """A rule of a spam filter, and what it added to the score."""

    name = serializers.CharField()
    score = serializers.FloatField()


class HopAttemptsSerializer(serializers.Serializer[Any]):
    """What the lines of one Hop tell beyond its deliveries."""

    hop = serializers.IntegerField()
    host = serializers.CharField()
    queue_id = serializers.CharField()
    attempts = AttemptSerializer(many=True, help_text="Oldest first.")
    rules = RuleHitSerializer(many=True, help_text="The heaviest first.")
    received_tls = serializers.CharField(help_text="How it was received, as in an attempt.")
    is_cut = serializers.BooleanField(help_text="There are more lines than were read.")
    missing_segments = serializers.IntegerField(help_text="Segments that are kept no more.")


class MessageAttemptsSerializer(serializers.Serializer[Any]):
    """Attempts at a Message, Hop by Hop."""

    id = serializers.IntegerField()
    hops = HopAttemptsSerializer(many=True)
    left_out = serializers.ListField(
        child=serializers.IntegerField(), help_text="Hops beyond the bound: ask with ?hop=."
    )


class RejectionSerializer(serializers.Serializer[FoundRejection]):
    """Refused at an SMTP stage."""

    id = serializers.IntegerField()
    time = MomentField()
    host = serializers.CharField()
    stage = WordField(choices.Stage)
    kind = WordField(choices.RejectionKind)
    code = serializers.IntegerField(help_text="0: the client left before an answer.")
    dsn = serializers.CharField()
    client_ip = serializers.CharField(allow_null=True)
    client_hostname = serializers.CharField(allow_null=True)
    helo_name = serializers.CharField(allow_null=True)
    envelope_sender = serializers.CharField(allow_null=True)
    recipient = serializers.CharField(allow_null=True)
    sasl_username = serializers.CharField(allow_null=True)
    customer = serializers.CharField(allow_null=True)
    client_network = serializers.CharField(allow_null=True)
    reason = serializers.CharField(help_text="What our server answered.")
    reason_code = serializers.SerializerMethodField()
    reason_text = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(REASON_CODES))
    def get_reason_code(self, rejection: FoundRejection) -> str:
        return rejection.why.code

    def get_reason_text(self, rejection: FoundRejection) -> str:
        return str(rejection.why.text)


class SegmentReceiptSerializer(serializers.Serializer[Any]):
    """What was stored."""

    segment = serializers.IntegerField(
        allow_null=True, help_text="Its number in the source; null: there was nothing to store."
    )
    lines = serializers.IntegerField()


class ProblemSerializer(serializers.Serializer[Any]):
    """What was wrong."""

    detail = serializers.CharField()

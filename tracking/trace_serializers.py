"""Shapes of the one box: what was understood, what was found, and why there is nothing."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tracking import choices
from tracking.serializers import (
    DeliverySerializer,
    MomentField,
    RejectionSerializer,
    WordField,
)

ANSWERS = ("empty", "never_seen", "rejected", "other_times", "before_kept", "late")


class UnderstoodSerializer(serializers.Serializer[Any]):
    """One thing that was understood of the text, or found out about it."""

    code = serializers.CharField()
    text = serializers.CharField(help_text="What it is about.")
    words = serializers.CharField(help_text="A sentence, in the language of Accept-Language.")


class DispositionCountSerializer(serializers.Serializer[Any]):
    """How many recipients ended so."""

    disposition = WordField(choices.Disposition)
    count = serializers.IntegerField()
    is_capped = serializers.BooleanField(help_text="There are at least so many.")


class LateSourceSerializer(serializers.Serializer[Any]):
    """A log that is behind: what is looked for may be in it."""

    name = serializers.CharField(source="source.name")
    relays = serializers.ListField(child=serializers.CharField(), source="source.hosts")
    last_line_at = MomentField(source="source.last_line_at", allow_null=True)
    waiting_segments = serializers.IntegerField(source="waiting")


class AbsenceSerializer(serializers.Serializer[Any]):
    """Why there is no such mail in the range; ``answers`` in the order of their weight."""

    answers = serializers.ListField(
        child=serializers.ChoiceField(ANSWERS), help_text="All that are true."
    )
    outside = serializers.IntegerField(allow_null=True, help_text="So many at other times.")
    is_outside_capped = serializers.BooleanField(help_text="There are at least so many.")
    rejections = RejectionSerializer(many=True, help_text="The newest refusals that may be it.")
    kept_since = MomentField(
        allow_null=True, help_text="Set when the range begins before the oldest mail that is kept."
    )
    late_sources = LateSourceSerializer(many=True)
    client = serializers.CharField(help_text="The client that was asked for, as a network.")
    client_counts = DispositionCountSerializer(
        many=True, help_text="What else came from that client in the range."
    )


class TraceSerializer(serializers.Serializer[Any]):
    """The answer to "where is my mail?"."""

    since = MomentField()
    until = MomentField()
    understood = UnderstoodSerializer(many=True)
    counts = DispositionCountSerializer(
        many=True, help_text="Of the whole result, as if no disposition were asked for."
    )
    absence = AbsenceSerializer(allow_null=True, help_text="Null where something was found.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = DeliverySerializer(many=True)


class TextSerializer(serializers.Serializer[Any]):
    """What was pasted."""

    q = serializers.CharField(help_text="A text of any length, such as a whole bounce.")

"""Shapes of the API of alerts."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from stats.alerts.choices import (
    AlertState,
    Channel,
    NoticeState,
    RuleKind,
    Severity,
    SubjectKind,
    Transition,
)
from stats.alerts.forms import MAX_COMMENT
from stats.alerts.models import Alert, AlertNotice
from stats.alerts.wording import UNITS, title
from tracking.serializers import MomentField

# For the schema's names of closed lists that share a field's name.
KINDS, SEVERITIES = RuleKind.values, Severity.values
STATES = [AlertState.OPEN.value, AlertState.CLEARED.value]
UNIT_NAMES = sorted(set(UNITS.values()))
SUBJECT_KINDS, NOTICE_STATES = SubjectKind.values, NoticeState.values
TRANSITIONS, CHANNELS = Transition.values, Channel.values


class AlertSerializer(serializers.ModelSerializer[Alert]):
    """An alert. ``value`` raised it; ``evidence`` is the path of a page that shows it."""

    rule = serializers.CharField(source="rule_name")
    kind = serializers.ChoiceField(KINDS)
    severity = serializers.ChoiceField(SEVERITIES)
    state = serializers.ChoiceField(STATES)
    title = serializers.SerializerMethodField()
    subject_kind = serializers.ChoiceField(SUBJECT_KINDS)
    subject = serializers.CharField(source="subject_label")
    unit = serializers.SerializerMethodField()
    raised_at = MomentField()
    cleared_at = MomentField(allow_null=True)
    since = MomentField()
    until = MomentField()
    without_sources = serializers.ListField(child=serializers.CharField(), source="without")
    acknowledged_at = MomentField(allow_null=True)
    acknowledged_by = serializers.CharField(
        source="acknowledged_by.username", default=None, allow_null=True
    )

    class Meta:
        model = Alert
        fields = (
            "id", "rule", "kind", "severity", "state", "title", "subject_kind", "subject", "value",
            "newest_value", "peak", "threshold", "unit", "usual", "count", "raised_at",
            "cleared_at", "since", "until", "evidence", "without_sources", "acknowledged_at",
            "acknowledged_by", "comment",
        )  # fmt: skip

    def get_title(self, alert: Alert) -> str:
        return title(alert)

    @extend_schema_field(serializers.ChoiceField(UNIT_NAMES))
    def get_unit(self, alert: Alert) -> str:
        return UNITS[alert.kind]


class NoticeSerializer(serializers.ModelSerializer[AlertNotice]):
    """Who was told of what, and how it went."""

    transition = serializers.ChoiceField(TRANSITIONS)
    channel = serializers.ChoiceField(CHANNELS)
    state = serializers.ChoiceField(NOTICE_STATES)
    ended_at = MomentField(allow_null=True)

    class Meta:
        model = AlertNotice
        fields = (
            "transition", "channel", "target", "state", "attempts", "ended_at", "answer",
        )  # fmt: skip


class AlertDetailSerializer(AlertSerializer):
    """The same with who was told."""

    notices = NoticeSerializer(many=True)

    class Meta(AlertSerializer.Meta):
        fields = (*AlertSerializer.Meta.fields, "notices")  # type: ignore[assignment]


@extend_schema_serializer(many=False)
class AlertPageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = AlertSerializer(many=True)


class AcknowledgeSerializer(serializers.Serializer[Any]):
    comment = serializers.CharField(max_length=MAX_COMMENT, allow_blank=True, default="")


class AcknowledgedSerializer(serializers.Serializer[Any]):
    """``is_new``: false when it was acknowledged before; then nothing changed."""

    is_new = serializers.BooleanField()
    alert = AlertSerializer()

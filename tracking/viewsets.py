"""The API of tracking: mail and rejections to read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from mailgw.lib.parameters import check_parameters
from tracking.api_lists import SearchViewSet, list_schema
from tracking.filters import (
    ALL_DELIVERIES,
    ALL_REJECTIONS,
    DeliveryFilterSet,
    RejectionFilterSet,
)
from tracking.models import Delivery, Message, Rejection
from tracking.scopes import LINES
from tracking.selectors.attempts import hop_details
from tracking.selectors.evidence import Evidence, hop_evidence
from tracking.selectors.rejections import find_rejections, iterate_rejections
from tracking.selectors.search import (
    find_deliveries,
    find_messages,
    iterate_deliveries,
    iterate_messages,
)
from tracking.selectors.story import Story, StoryHop, message_of_hop, message_story
from tracking.serializers import (
    AttemptSerializer,
    DeliverySerializer,
    LineSerializer,
    MessageAttemptsSerializer,
    MessageLinesSerializer,
    MessageSerializer,
    RejectionSerializer,
    RuleHitSerializer,
    StorySerializer,
)

_MAX_ID = 2**63 - 1
_MAX_HOPS = 10  # with lines in one answer
Teller = Callable[[Evidence], dict[str, Any]]
_NUMBER = {"type": "integer", "format": "int64", "minimum": 0}
_ID = OpenApiParameter("id", _NUMBER, OpenApiParameter.PATH)
_HOP = OpenApiParameter("hop", _NUMBER, description="Of this hop only.")


@list_schema("What became of mail, newest first.", DeliverySerializer)
class DeliveryViewSet(SearchViewSet):
    """One object for each Message and recipient."""

    queryset = Delivery.objects.none()
    search = ALL_DELIVERIES
    filterset_class = DeliveryFilterSet
    serializer_class = DeliverySerializer
    file_name = "deliveries"
    find = staticmethod(find_deliveries)
    iterate = staticmethod(iterate_deliveries)


@list_schema("Messages with such a recipient, newest first.", MessageSerializer)
class MessageViewSet(SearchViewSet):
    """Messages; one with its hops, deliveries and verdicts, and its raw lines."""

    queryset = Message.objects.none()
    search = ALL_DELIVERIES
    filterset_class = DeliveryFilterSet
    serializer_class = MessageSerializer
    file_name = "messages"
    find = staticmethod(find_messages)
    iterate = staticmethod(iterate_messages)
    lookup_value_regex = "[0-9]{1,19}"

    @extend_schema(parameters=[_ID], responses=StorySerializer, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        """The story of one Message; of one that joined another, that one's."""
        check_parameters(request.query_params, {"format": False})
        return Response(StorySerializer(_flat(_story(pk))).data)

    @extend_schema(parameters=[_ID, _HOP], responses=MessageLinesSerializer, filters=False)
    @action(detail=True, required_scope=LINES, pagination_class=None)
    def lines(self, request: Request, pk: str) -> Response:
        """Raw log lines by hop, at most 500 lines or 256 KiB for each of 10 hops."""
        return _by_hop(request, pk, _lines)

    @extend_schema(parameters=[_ID, _HOP], responses=MessageAttemptsSerializer, filters=False)
    @action(detail=True, pagination_class=None)
    def attempts(self, request: Request, pk: str) -> Response:
        """Every attempt and the rules behind a score, read from the raw lines of 10 hops."""
        return _by_hop(request, pk, _attempts)

    def get_renderers(self) -> Any:
        return super().get_renderers() if self.action == "list" else [JSONRenderer()]


@list_schema("What was refused at the door, newest first.", RejectionSerializer)
class RejectionViewSet(SearchViewSet):
    """One object for each refusal."""

    required_permissions = ("tracking.view_rejection",)
    queryset = Rejection.objects.none()
    search = ALL_REJECTIONS
    filterset_class = RejectionFilterSet
    serializer_class = RejectionSerializer
    file_name = "rejections"
    find = staticmethod(find_rejections)
    iterate = staticmethod(iterate_rejections)


def _story(text: str) -> Story:
    """A Message's id is that of its first Hop; a Hop that joined another leads to its Message."""
    number = int(text)
    story = message_story(number) if number <= _MAX_ID else None
    if story is None and number <= _MAX_ID:
        joined = message_of_hop(number)
        story = message_story(joined) if joined is not None else None
    if story is None:
        raise Http404
    return story


def _flat(story: Story) -> dict[str, Any]:
    message = story.message
    return {
        **{name: getattr(message, name) for name in message.__slots__},
        "customer_name": story.customer_name,
        "service_class": story.service_class,
        "hops": story.hops,
        "recipients": story.recipients,
        "deliveries": story.deliveries,
        "verdicts": story.verdicts,
        "notifications": [notification.id for notification in story.notifications],
        "is_cut": story.is_cut,
    }


def _chosen(story: Story, text: str) -> list[StoryHop]:
    if not text:
        return story.hops
    found = [hop for hop in story.hops if str(hop.id) == text]
    if not found:
        raise ValidationError({"hop": ["This Message has no such hop."]})
    return found


def _by_hop(request: Request, pk: str, tell: Teller) -> Response:
    """What the raw lines of a Message tell, for so many hops as are worth the reading."""
    check_parameters(request.query_params, {"format": False, "hop": False})
    story = _story(pk)
    hops = _chosen(story, request.query_params.get("hop", ""))
    return Response(
        {
            "id": story.message.id,
            "hops": [_hop(hop, hop_evidence(story, hop), tell) for hop in hops[:_MAX_HOPS]],
            "left_out": [hop.id for hop in hops[_MAX_HOPS:]],
        }
    )


def _hop(hop: StoryHop, evidence: Evidence, tell: Teller) -> dict[str, Any]:
    return {
        "hop": hop.id,
        "host": hop.host,
        "queue_id": hop.queue_id,
        **tell(evidence),
        "is_cut": evidence.is_cut,
        "missing_segments": evidence.missing,
    }


def _lines(evidence: Evidence) -> dict[str, Any]:
    return {"lines": LineSerializer(evidence.lines, many=True).data}


def _attempts(evidence: Evidence) -> dict[str, Any]:
    details = hop_details(evidence)
    return {
        "attempts": AttemptSerializer(details.attempts, many=True).data,
        "rules": RuleHitSerializer(details.rules, many=True).data,
        "received_tls": details.received_tls,
    }

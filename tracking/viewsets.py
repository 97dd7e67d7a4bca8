"""The API of tracking: mail and rejections to read."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from tracking.filters import (
    ALL_DELIVERIES,
    ALL_REJECTIONS,
    DeliveryFilterSet,
    RejectionFilterSet,
)
from tracking.models import Delivery, Message, Rejection
from tracking.pagination import SearchPagination
from tracking.scopes import READ
from tracking.selectors.keyset import Search
from tracking.selectors.rejections import find_rejections
from tracking.selectors.search import find_deliveries, find_messages
from tracking.selectors.story import Story, message_story
from tracking.serializers import (
    DeliverySerializer,
    MessageSerializer,
    RejectionSerializer,
    StorySerializer,
)

_MAX_ID = 2**63 - 1


class SearchViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """A list over a Search, with the filters of the page."""

    required_scope = READ
    pagination_class = SearchPagination
    search: ClassVar[Search]

    def get_queryset(self) -> Any:
        return self.search


_RANGE = " Without since, until or period: 24 hours that end now, or with the newest mail."


@extend_schema_view(list=extend_schema(description="What became of mail, newest first." + _RANGE))
class DeliveryViewSet(SearchViewSet):
    """One object for each Message and recipient."""

    queryset = Delivery.objects.none()
    search = ALL_DELIVERIES
    filterset_class = DeliveryFilterSet
    serializer_class = DeliverySerializer
    find = staticmethod(find_deliveries)


@extend_schema_view(
    list=extend_schema(description="Messages with such a recipient, newest first." + _RANGE)
)
class MessageViewSet(SearchViewSet):
    """Messages; one with its hops, deliveries and verdicts."""

    queryset = Message.objects.none()
    search = ALL_DELIVERIES
    filterset_class = DeliveryFilterSet
    serializer_class = MessageSerializer
    find = staticmethod(find_messages)
    lookup_value_regex = "[0-9]{1,19}"

    @extend_schema(
        parameters=[OpenApiParameter("id", OpenApiTypes.INT64, OpenApiParameter.PATH)],
        responses=StorySerializer,
        filters=False,
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """The story of one Message."""
        story = message_story(int(pk)) if int(pk) <= _MAX_ID else None
        if story is None:
            raise Http404
        return Response(StorySerializer(_flat(story)).data)


def _flat(story: Story) -> dict[str, Any]:
    message = story.message
    return {
        **{name: getattr(message, name) for name in message.__slots__},
        "hops": story.hops,
        "deliveries": story.deliveries,
        "verdicts": story.verdicts,
        "notifications": [notification.id for notification in story.notifications],
    }


@extend_schema_view(
    list=extend_schema(description="What was refused at the door, newest first." + _RANGE)
)
class RejectionViewSet(SearchViewSet):
    """One object for each refusal."""

    required_permissions = ("tracking.view_rejection",)
    queryset = Rejection.objects.none()
    search = ALL_REJECTIONS
    filterset_class = RejectionFilterSet
    serializer_class = RejectionSerializer
    find = staticmethod(find_rejections)

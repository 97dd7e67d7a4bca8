"""The API of alerts: to list, to read, to acknowledge."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from mailgw.lib.key_pages import MAX_KEY, NAMES, PARAMETERS, page_answer, page_key, page_size
from mailgw.lib.parameters import check_parameters
from mailgw.lib.parsers import BoundedJsonParser
from mailgw.lib.renderers import JsonErrors
from quarantine.trail import page_by_key
from stats.alerts.forms import AlertFilterForm
from stats.alerts.models import Alert
from stats.alerts.pages import filtered
from stats.alerts.rules import acknowledge
from stats.alerts.selectors import alert_with_notices
from stats.alerts.serializers import (
    KINDS,
    SEVERITIES,
    AcknowledgedSerializer,
    AcknowledgeSerializer,
    AlertDetailSerializer,
    AlertPageSerializer,
    AlertSerializer,
)
from stats.scopes import ACKNOWLEDGE, ALERTS

_ID = OpenApiParameter(
    "id", {"type": "integer", "format": "int64", "minimum": 0}, OpenApiParameter.PATH
)
_STATES = ["open", "cleared", "all"]
_FILTERS = ("state", "kind", "severity", "subject")


class AlertViewSet(JsonErrors, viewsets.GenericViewSet[Alert]):
    """Alerts, newest first, and who was told of each."""

    required_scope = ALERTS
    queryset = Alert.objects.none()
    serializer_class = AlertSerializer
    filter_backends = ()
    pagination_class = None
    parser_classes = (BoundedJsonParser,)
    lookup_value_regex = "[0-9]{1,19}"

    @extend_schema(
        parameters=[
            *PARAMETERS,
            OpenApiParameter("state", str, enum=_STATES, description="Without: open."),
            OpenApiParameter("kind", str, enum=KINDS),
            OpenApiParameter("severity", str, enum=SEVERITIES),
            OpenApiParameter("subject", str, description="A part of the subject."),
        ],
        responses=AlertPageSerializer,
    )
    def list(self, request: Request) -> Response:
        """Open alerts, or those of the history."""
        found = filtered(**_filters(request))
        before, after = page_key(request, "before"), page_key(request, "after")
        page = page_by_key(found, "pk", page_size(request), before=before, after=after)
        rows = list(AlertSerializer(page.rows, many=True).data)
        return page_answer(request, rows, older=page.older, newer=page.newer)

    @extend_schema(parameters=[_ID], responses=AlertDetailSerializer, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        """One alert, with who was told of it."""
        check_parameters(request.query_params, {"format": False})
        return Response(AlertDetailSerializer(_found(pk)).data)

    @extend_schema(
        parameters=[_ID],
        request=AcknowledgeSerializer,
        responses={200: AcknowledgedSerializer},
        filters=False,
    )
    @action(detail=True, methods=["post"], required_scope=ACKNOWLEDGE)
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Take care of an alert; the first one counts."""
        check_parameters(request.query_params, {"format": False})
        bound = AcknowledgeSerializer(data=request.data)
        bound.is_valid(raise_exception=True)
        number, user = _found(pk).pk, request.user
        is_new = acknowledge(number, user.pk or 0, bound.validated_data["comment"])
        answer = {"is_new": is_new, "alert": _found(pk)}
        return Response(AcknowledgedSerializer(answer).data)


def _filters(request: Request) -> dict[str, Any]:
    """What to list. Raises ValidationError by parameter."""
    check_parameters(request.query_params, dict.fromkeys((*NAMES, *_FILTERS), False))
    given = {name: request.query_params.get(name, "") for name in _FILTERS}
    form = AlertFilterForm({**given, "state": "" if given["state"] == "open" else given["state"]})
    if not form.is_valid():
        raise ValidationError({name: [str(error) for error in errors]
                               for name, errors in form.errors.items()})  # fmt: skip
    return dict(form.cleaned_data)


def _found(pk: str) -> Alert:
    found = alert_with_notices(int(pk)) if int(pk) <= MAX_KEY else None
    if found is None:
        raise Http404
    return found

"""``/api/v1/trace/``: the one box for scripts."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from mailgw.lib.parsers import BoundedJsonParser, PlainTextParser
from tracking.api_lists import FilteredView
from tracking.filters import ALL_DELIVERIES, DeliveryFilterSet
from tracking.intake_api import LengthRequired
from tracking.models import Delivery
from tracking.pages import absence_of
from tracking.selectors.absence import Absence
from tracking.selectors.box import own_notes
from tracking.selectors.keyset import Note, Search
from tracking.selectors.search import count_dispositions, find_deliveries
from tracking.serializers import DeliverySerializer
from tracking.trace_serializers import (
    AbsenceSerializer,
    DispositionCountSerializer,
    TextSerializer,
    TraceSerializer,
    UnderstoodSerializer,
)
from tracking.wording import describe


class TraceView(FilteredView):
    """What became of the mail that a text means."""

    queryset = Delivery.objects.none()
    search = ALL_DELIVERIES
    filterset_class = DeliveryFilterSet
    serializer_class = DeliverySerializer
    parser_classes = (BoundedJsonParser, PlainTextParser)
    find = staticmethod(find_deliveries)

    @extend_schema(
        parameters=[OpenApiParameter("q", str, required=True, description="As in the box.")],
        responses=TraceSerializer,
        operation_id="trace",
    )
    def retrieve(self, request: Request) -> Response:
        """The answer to a text, with any filter of deliveries beside it; `q` is needed."""
        if not request.query_params.get("q", "").strip():
            raise ValidationError({"q": ["Nothing to look for."]})
        return self._answer(request, self.bind_filters())

    @extend_schema(
        request={"application/json": TextSerializer, "text/plain": OpenApiTypes.STR},
        responses={200: TraceSerializer},
        operation_id="trace_text",
    )
    def create(self, request: Request) -> Response:
        """The same for a text too long for a URL; `next` and `previous` take the same body."""
        if "Transfer-Encoding" in request.headers:
            raise LengthRequired
        if "q" in request.query_params:
            raise ValidationError({"q": ["The text is in the body, or in the query string."]})
        return self._answer(request, self.bind_filters(q=_text(request.data)))

    def _answer(self, request: Request, found: Search) -> Response:
        rows: Any = self.paginate_queryset(found)  # type: ignore[arg-type]  # a Search
        is_first = not {"before", "after"} & set(request.query_params)
        absence = absence_of(self.filters) if is_first and not rows else None
        counts = count_dispositions(self.filters.without("disposition"))
        ends = [(row.direction, row.recipient) for row in rows]
        own = own_notes(self.filters.understood, ends)
        paginator: Any = self.paginator
        answer: Response = paginator.get_paginated_response(
            self.get_serializer(rows, many=True).data,
            understood=UnderstoodSerializer(_understood([*found.notes, *own]), many=True).data,
            counts=DispositionCountSerializer(counts, many=True).data,
            absence=None if absence is None else _absence(absence),
        )
        return answer


def _text(body: Any) -> str:
    """The text of a body; what no database can hold is a mistake of the sender."""
    text = body.get("q") if isinstance(body, dict) else body
    if not isinstance(text, str) or not text.strip():
        raise ValidationError({"q": ["The body holds no text."]})
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValidationError({"q": ["There is half a surrogate pair."]}) from error
    return text


def _understood(notes: list[Note]) -> list[dict[str, str]]:
    return [
        {"code": note.code, "text": note.text, "words": " ".join(describe([note]))}
        for note in notes
    ]


def _absence(absence: Absence) -> Any:
    return AbsenceSerializer(
        {
            "answers": list(_answers(absence)),
            "outside": absence.outside,
            "is_outside_capped": absence.is_outside_capped,
            "rejections": absence.rejections,
            "kept_since": absence.kept_since,
            "late_sources": absence.late,
            "client": absence.client,
            "client_counts": absence.client_mail,
        }
    ).data


def _answers(absence: Absence) -> list[str]:
    facts = {
        "empty": absence.is_empty,
        "never_seen": absence.is_never_seen,
        "rejected": bool(absence.rejections),
        "other_times": bool(absence.outside),
        "before_kept": absence.kept_since is not None,
        "late": bool(absence.late),
    }
    return [name for name, is_true in facts.items() if is_true]

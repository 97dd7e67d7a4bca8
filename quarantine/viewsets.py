"""The API of the quarantine: list, content, release, delete, request, approve, audit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.http import Http404
from django_filters.utils import translate_validation
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from mailgw.lib.key_pages import MAX_KEY, NAMES, PARAMETERS, page_answer, page_size
from mailgw.lib.parameters import check_parameters
from mailgw.lib.parsers import BoundedJsonParser
from quarantine.audit_views import AuditFilterSet
from quarantine.backends.base import BackendError
from quarantine.choices import RequestState
from quarantine.faults import explained
from quarantine.filters import HeldFilterSet
from quarantine.models import QuarantineAction, QuarantinedMessage, ReleaseRequest
from quarantine.pages import actor_of
from quarantine.preview.isolation import make_preview
from quarantine.scopes import APPROVE, AUDIT, CONTENT, DELETE, READ, RELEASE, REQUEST
from quarantine.selectors import held_detail
from quarantine.serializers import (
    AnswerInSerializer,
    AuditPageSerializer,
    AuditSerializer,
    ContentSerializer,
    DeleteInSerializer,
    HeldDetailSerializer,
    HeldPageSerializer,
    HeldSerializer,
    IdsSerializer,
    ItemOutcomeSerializer,
    OutcomesSerializer,
    ReleaseInSerializer,
    RequestInSerializer,
    RequestPageSerializer,
    RequestSerializer,
    flat_errors,
)
from quarantine.services.deletion import delete_messages, restore_messages
from quarantine.services.release import Wish, release_messages
from quarantine.services.requests import approve_request, refuse_request, request_release
from quarantine.services.results import Actor, BadInput, ItemOutcome, counts
from quarantine.services.viewing import view_body
from quarantine.sorting import cursor_parser, list_page
from quarantine.trail import page_by_key, parse_key, requests_of

_NUMBER = {"type": "integer", "format": "int64", "minimum": 0}
ID_PARAMETER = OpenApiParameter("id", _NUMBER, OpenApiParameter.PATH)


class Unreadable(APIException):
    """The filter that holds the mail does not give it."""

    status_code = status.HTTP_502_BAD_GATEWAY
    default_detail = "The mail could not be read from its filter."


class QuarantineViewSet(viewsets.GenericViewSet[Any]):
    """What the views below have in common."""

    required_permissions: tuple[str, ...] = ("quarantine.view_quarantinedmessage",)
    pagination_class = None
    parser_classes = (BoundedJsonParser,)
    lookup_value_regex = "[0-9]{1,19}"

    def filtered(self) -> Any:
        """The queryset with the page's filters; raises ValidationError by parameter."""
        names = [*self.filterset_class.base_filters, *NAMES]  # type: ignore[attr-defined]
        check_parameters(self.request.query_params, dict.fromkeys(names, False))
        filters = self.filterset_class(  # type: ignore[attr-defined]
            self.request.query_params, queryset=self.get_queryset(), request=self.request
        )
        if not filters.is_valid():
            raise translate_validation(filters.errors)
        return filters.qs

    def given(self, serializer: type[Any]) -> dict[str, Any]:
        """The body of a POST; raises ValidationError by field."""
        check_parameters(self.request.query_params, {"format": False})
        bound = serializer(data=self.request.data)
        if not bound.is_valid():
            raise ValidationError(flat_errors(bound.errors))
        return dict(bound.validated_data)


class HeldViewSet(QuarantineViewSet):
    """Held mail: to list, to look into, and to act on, a result for each mail."""

    required_scope = READ
    queryset = QuarantinedMessage.objects.all()
    filterset_class = HeldFilterSet
    serializer_class = HeldSerializer

    @extend_schema(
        parameters=PARAMETERS,
        responses=HeldPageSerializer,
        description="Newest first. Without `state`: mail that is held now.",
    )
    def list(self, request: Request) -> Response:
        found, sort = self.filtered(), request.query_params.get("sort", "")
        parse = cursor_parser(sort)
        before, after = (cursor_given(request, name, parse) for name in ("before", "after"))
        page = list_page(found, sort, page_size(request), before=before, after=after)
        return _page(request, HeldSerializer, page)

    @extend_schema(parameters=[ID_PARAMETER], responses=HeldDetailSerializer, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        """One mail without its body, and who did what with it."""
        check_parameters(request.query_params, {"format": False})
        found = held_detail(int(pk)) if int(pk) <= MAX_KEY else None
        if found is None:
            raise Http404
        return Response(HeldDetailSerializer(found).data)

    @extend_schema(
        parameters=[
            ID_PARAMETER,
            OpenApiParameter("images", {"type": "string", "enum": ["1"]},
                             description="With the pictures that the mail brings along."),
        ],
        responses={200: ContentSerializer, 502: {"type": "object"}},
        filters=False,
    )  # fmt: skip
    @action(detail=True, required_scope=CONTENT)
    def content(self, request: Request, pk: str) -> Response:
        """The mail made safe to look at. Every call is a row of the audit trail."""
        check_parameters(request.query_params, {"format": False, "images": False})
        images = request.query_params.get("images", "")
        if images not in ("", "1"):
            raise ValidationError({"images": ["Only 1, or left out."]})
        held = self.get_queryset().select_related("source").filter(pk=min(int(pk), MAX_KEY)).first()
        if held is None:
            raise Http404
        try:
            mail = view_body(held, acting(request))
        except BackendError as error:
            raise Unreadable(explained(str(error))) from error
        preview = make_preview(mail.raw, with_images=bool(images))
        return Response(ContentSerializer(preview).data, headers={"Cache-Control": "no-store"})

    @extend_schema(request=ReleaseInSerializer, responses={200: OutcomesSerializer})
    @action(detail=False, methods=["post"], required_scope=RELEASE)
    def release(self, request: Request) -> Response:
        """Send mails on to their recipients; the same mail is never sent twice."""
        given = self.given(ReleaseInSerializer)
        ids = given.pop("ids")
        return _outcomes(lambda: release_messages(ids, acting(request), Wish(**given)))

    @extend_schema(request=DeleteInSerializer, responses={200: OutcomesSerializer})
    @action(detail=False, methods=["post"], required_scope=DELETE, url_path="delete")
    def remove(self, request: Request) -> Response:
        """Delete mails; for a while they can be restored."""
        given = self.given(DeleteInSerializer)
        is_blocked = given.get("is_sender_blocked", False)
        return _outcomes(
            lambda: delete_messages(
                given["ids"], acting(request), given["reason"], is_sender_blocked=is_blocked
            )
        )

    @extend_schema(request=IdsSerializer, responses={200: OutcomesSerializer})
    @action(detail=False, methods=["post"], required_scope=DELETE)
    def restore(self, request: Request) -> Response:
        """Take deletions back that are not final yet."""
        given = self.given(IdsSerializer)
        return _outcomes(lambda: restore_messages(given["ids"], acting(request), given["reason"]))

    @extend_schema(request=RequestInSerializer, responses={200: OutcomesSerializer})
    @action(detail=False, methods=["post"], required_scope=REQUEST, url_path="request")
    def ask(self, request: Request) -> Response:
        """Ask for releases; somebody else decides."""
        given = self.given(RequestInSerializer)
        names = given.get("recipients")
        return _outcomes(
            lambda: request_release(given["ids"], acting(request), given["reason"], names)
        )


class RequestViewSet(QuarantineViewSet):
    """Requests for a release: to list and to decide on."""

    required_scope = APPROVE
    queryset = ReleaseRequest.objects.none()
    serializer_class = RequestSerializer
    filter_backends = ()

    @extend_schema(
        parameters=[*PARAMETERS, OpenApiParameter("state", str, enum=RequestState.values)],
        responses=RequestPageSerializer,
    )
    def list(self, request: Request) -> Response:
        """Newest first; without `state`, all."""
        check_parameters(request.query_params, dict.fromkeys((*NAMES, "state"), False))
        state = request.query_params.get("state", "")
        if state and state not in RequestState.values:
            raise ValidationError({"state": ["There is no such state."]})
        before, after = (cursor_given(request, name, parse_key) for name in ("before", "after"))
        found = requests_of(state, None)
        page = page_by_key(found, "pk", page_size(request), before=before, after=after)
        return _page(request, RequestSerializer, page)

    @extend_schema(
        parameters=[ID_PARAMETER],
        request=AnswerInSerializer,
        responses={200: ItemOutcomeSerializer},
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Release what was asked for."""
        given = self.given(AnswerInSerializer)
        words = given.get("confirmation", "")
        return _outcome(
            lambda: approve_request(_known(pk), acting(request), given["answer"], words)
        )

    @extend_schema(
        parameters=[ID_PARAMETER],
        request=AnswerInSerializer,
        responses={200: ItemOutcomeSerializer},
    )
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Say no, and why."""
        given = self.given(AnswerInSerializer)
        return _outcome(lambda: refuse_request(_known(pk), acting(request), given["answer"]))


class AuditViewSet(QuarantineViewSet):
    """The audit trail: sealed rows, newest first."""

    required_scope = AUDIT
    required_permissions = ()
    queryset = QuarantineAction.objects.all()
    filterset_class = AuditFilterSet
    serializer_class = AuditSerializer

    @extend_schema(parameters=PARAMETERS, responses=AuditPageSerializer)
    def list(self, request: Request) -> Response:
        """Each row has the hash of the one before: who takes them all can check the chain."""
        found = self.filtered()
        before, after = (cursor_given(request, name, parse_key) for name in ("before", "after"))
        page = page_by_key(found, "number", page_size(request), before=before, after=after)
        return _page(request, AuditSerializer, page)


def acting(request: Request) -> Actor:
    """With the token, so that the trail tells which of a user's scripts it was."""
    given: Any = request.auth
    token = "" if given is None else f"{given.name} (#{given.pk})"
    return replace(actor_of(request), token=token)


def _known(pk: str) -> int:
    """The id of a request that there is; raises Http404."""
    number = min(int(pk), MAX_KEY)
    if not ReleaseRequest.objects.filter(pk=number).exists():
        raise Http404
    return number


def _outcomes(act: Callable[[], list[ItemOutcome]]) -> Response:
    try:
        outcomes: Sequence[ItemOutcome] = act()
    except BadInput as error:
        raise ValidationError({error.field: [str(error)]}) from error
    words = {outcome.value: count for outcome, count in counts(outcomes).items()}
    return Response(OutcomesSerializer({"counts": words, "results": outcomes}).data)


def _outcome(act: Callable[[], ItemOutcome]) -> Response:
    try:
        return Response(ItemOutcomeSerializer(act()).data)
    except BadInput as error:
        raise ValidationError({"answer": [str(error)]}) from error


def cursor_given(request: Request, name: str, parse: Callable[[str], Any]) -> Any:
    text = request.query_params.get(name, "")
    cursor = parse(text) if text else None
    if text and cursor is None:
        raise ValidationError({name: ["Not a cursor out of a link."]})
    return cursor


def _page(request: Request, serializer: type[Any], page: Any) -> Response:
    rows = serializer(page.rows, many=True).data
    return page_answer(request, rows, older=page.older, newer=page.newer)

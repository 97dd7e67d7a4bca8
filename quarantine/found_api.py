"""The API's actions on all that a search finds: confirmed by number, done by a worker."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from mailgw.lib.key_pages import MAX_KEY, NAMES, PARAMETERS, link_to, page_size
from mailgw.lib.parameters import check_parameters
from quarantine.bulk_pages import counts_of
from quarantine.choices import HeldState, Verb
from quarantine.filters import HeldFilterSet
from quarantine.models import BulkAction, BulkItem, QuarantinedMessage
from quarantine.scopes import DELETE, READ, RELEASE, REQUEST
from quarantine.serializers import (
    OUTCOMES,
    VERBS,
    FaultField,
    NumberField,
    StrictSerializer,
    SwitchField,
    TextField,
    WhyField,
)
from quarantine.services.found import MAX_FOUND, confirm, find_all
from quarantine.services.results import MAX_REASON, BadInput
from quarantine.tasks import start_bulk_action
from quarantine.trail import page_by_key, parse_key
from quarantine.viewsets import (
    ID_PARAMETER,
    QuarantineViewSet,
    acting,
    cursor_given,
)
from tracking.serializers import MomentField


class FoundInSerializer(StrictSerializer):
    """Which search, how many mails it may have found at most, and why."""

    search = serializers.DictField(
        child=TextField(max_length=500, allow_blank=True),
        help_text="Filters of the list, by name.",
    )
    expected = NumberField(
        min_value=1, max_value=MAX_FOUND, help_text="Nothing is done if more are found."
    )
    reason = TextField(max_length=MAX_REASON)


class FoundReleaseSerializer(FoundInSerializer):
    confirmation = TextField(
        required=False, max_length=100, help_text="`release virus` for mail with a virus."
    )
    is_sender_allowed = SwitchField(required=False)


class FoundDeleteSerializer(FoundInSerializer):
    is_sender_blocked = SwitchField(required=False)


class BulkItemSerializer(serializers.ModelSerializer[BulkItem]):
    """How it ended for one mail."""

    id = serializers.IntegerField(source="held_id")
    outcome = serializers.ChoiceField(OUTCOMES)
    text = WhyField()
    fault = FaultField(source="text")

    class Meta:
        model = BulkItem
        fields = ("id", "outcome", "text", "fault")


class BulkSerializer(serializers.Serializer[Any]):
    """An action on many mails: how far it is, and a page of results."""

    id = serializers.IntegerField()
    url = serializers.URLField()
    verb = serializers.ChoiceField(VERBS)
    created_at = MomentField()
    ended_at = MomentField(allow_null=True)
    total = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField())
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = BulkItemSerializer(many=True)


class FoundViewSet(QuarantineViewSet):
    """Actions on all that a search finds; a GET of their address tells how far they are."""

    required_scope = READ
    queryset = BulkAction.objects.all()
    serializer_class = BulkSerializer
    filter_backends = ()

    @extend_schema(parameters=[ID_PARAMETER, *PARAMETERS], responses=BulkSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Of one's own action: how it ended for each mail so far, newest result first."""
        check_parameters(request.query_params, dict.fromkeys(NAMES, False))
        bulk = BulkAction.objects.filter(pk=min(int(pk), MAX_KEY), user=request.user.pk).first()
        if bulk is None:
            raise Http404
        return Response(_told(request, bulk))

    @extend_schema(request=FoundReleaseSerializer, responses={202: BulkSerializer})
    @action(detail=False, methods=["post"], required_scope=RELEASE)
    def release(self, request: Request) -> Response:
        """Send all that is found on to its recipients."""
        return self._confirm(Verb.RELEASE, FoundReleaseSerializer, HeldState.HELD)

    @extend_schema(request=FoundDeleteSerializer, responses={202: BulkSerializer})
    @action(detail=False, methods=["post"], required_scope=DELETE, url_path="delete")
    def remove(self, request: Request) -> Response:
        """Delete all that is found; for a while it can be restored."""
        return self._confirm(Verb.DELETE, FoundDeleteSerializer, HeldState.HELD)

    @extend_schema(request=FoundInSerializer, responses={202: BulkSerializer})
    @action(detail=False, methods=["post"], required_scope=DELETE)
    def restore(self, request: Request) -> Response:
        """Take deletions back; the search needs `"state": "deleted"`."""
        return self._confirm(Verb.RESTORE, FoundInSerializer, HeldState.DELETED)

    @extend_schema(request=FoundInSerializer, responses={202: BulkSerializer})
    @action(detail=False, methods=["post"], required_scope=REQUEST, url_path="request")
    def ask(self, request: Request) -> Response:
        """Ask for the release of all that is found."""
        return self._confirm(Verb.REQUEST, FoundInSerializer, HeldState.HELD)

    def _confirm(self, verb: Verb, serializer: type[Any], state: HeldState) -> Response:
        given = self.given(serializer)
        search, expected = given.pop("search"), given.pop("expected")
        try:
            ids = _ids(search, state)
            if len(ids) > expected:
                raise ValidationError({"expected": [f"{len(ids)} mails are found."]})
            bulk = confirm(verb, ids, acting(self.request), given)
        except BadInput as error:
            raise ValidationError({error.field: [str(error)]}) from error
        start_bulk_action(bulk.pk)
        return Response(_told(self.request, bulk), status=status.HTTP_202_ACCEPTED)


def _ids(search: dict[str, str], state: HeldState) -> list[int]:
    unknown = set(search) - set(HeldFilterSet.base_filters)
    if unknown:
        raise ValidationError({"search": [f"There is no filter {min(unknown)[:100]!r}."]})
    filters = HeldFilterSet(search, queryset=QuarantinedMessage.objects.all())
    if not filters.is_valid():
        lines = [f"{name}: {text}" for name, texts in filters.errors.items() for text in texts]
        raise ValidationError({"search": lines})
    if filters.held_state != state:
        raise ValidationError({"search": [f"This acts on mail in the state {state.value!r}."]})
    return find_all(filters.qs)


def _told(request: Request, bulk: BulkAction) -> dict[str, Any]:
    before, after = (cursor_given(request, name, parse_key) for name in ("before", "after"))
    items = BulkItem.objects.filter(bulk=bulk)
    page = page_by_key(items, "pk", page_size(request), before=before, after=after)
    url = request.build_absolute_uri(reverse("api:quarantine-found-detail", args=[bulk.pk]))
    return {
        "id": bulk.pk,
        "url": url,
        "verb": bulk.verb,
        "created_at": MomentField().to_representation(bulk.created_at),
        "ended_at": bulk.ended_at and MomentField().to_representation(bulk.ended_at),
        "total": len(bulk.ids),
        "counts": counts_of(bulk),
        "next": link_to(url, "before", page.older),
        "previous": link_to(url, "after", page.newer),
        "results": BulkItemSerializer(page.rows, many=True).data,
    }

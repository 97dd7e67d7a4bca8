"""Health for machines, error pages for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import kombu
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Q
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError as BrokerError

from tracking.selectors.status import ingest_lag

BROKER_TIMEOUT_SECONDS = 3
_GIVES_GROUPS = "change_user"
_MOST_ADMINISTRATORS = 5


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; asks no other server."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """503 when the database or the broker doesn't answer; names which, not why.

    ``ingest`` says what waits to be processed; a backlog does not make the console unready, for
    its pages say themselves how complete they are.
    """
    probes: dict[str, Callable[[], bool]] = {"database": has_database, "broker": has_broker}
    parts: dict[str, Any] = {
        name: "ok" if probe() else "unreachable" for name, probe in probes.items()
    }
    is_ready = set(parts.values()) == {"ok"}
    if parts["database"] == "ok":
        lag = ingest_lag()
        parts["ingest"] = {"waiting_segments": lag.segments, "waiting_seconds": round(lag.seconds)}
    return JsonResponse(parts, status=200 if is_ready else 503)


def has_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return False
    return True


def has_broker() -> bool:
    url = settings.CELERY_BROKER_URL
    try:
        with kombu.Connection(url, connect_timeout=BROKER_TIMEOUT_SECONDS) as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_SECONDS)
    except (BrokerError, OSError):
        return False
    return True


@login_not_required
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Who may do nothing at all is told what is missing, and whom to ask."""
    if is_for_scripts(request):
        return problem("You may not do this.", 403)
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and not user.get_all_permissions():
        context = {"administrators": administrators()}
        return render(request, "403_no_group.html", context, status=403)
    return render(request, "403.html", status=403)


def administrators() -> list[User]:
    """A few people who may put a user into a group."""
    may = Q(is_superuser=True) | Q(user_permissions__codename=_GIVES_GROUPS)
    may |= Q(groups__permissions__codename=_GIVES_GROUPS)
    active = User.objects.filter(is_active=True).filter(may)
    return list(active.distinct().order_by("username")[:_MOST_ADMINISTRATORS])


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_scripts(request):
        return problem("There is nothing at this address.", 404)
    return render(request, "404.html", status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    if is_for_scripts(request):
        return problem("The server failed; its log says why.", 500)
    return render(request, "500.html", status=500)


def is_for_scripts(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def problem(detail: str, status: int) -> JsonResponse:
    """An error in the shape of the API's."""
    return JsonResponse({"detail": detail}, status=status)

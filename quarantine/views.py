"""Pages of held mail: the list, one mail, its content, its source, its bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from mailgw.lib.redirects import see_other
from quarantine.backends.base import BackendError
from quarantine.filters import HeldFilterSet
from quarantine.models import QuarantinedMessage
from quarantine.pages import actor_of, content_context, detail_context, list_context
from quarantine.preview.download import PASSWORD, locked_zip, safe_file_name, safe_name
from quarantine.preview.extract import is_place
from quarantine.preview.frame import STYLE_HASH
from quarantine.preview.isolation import extract_part
from quarantine.preview.source import source_page
from quarantine.selectors import HeldDetail, find_by_quarantine_id, held_detail
from quarantine.services.results import NotAllowed
from quarantine.services.viewing import download as read_whole
from quarantine.services.viewing import download_part, view_body
from tracking.choices import QuarantineKind

UNPROCESSABLE, BAD_GATEWAY = 422, 502
MAX_ID = 2**63 - 1
VIEW = "quarantine.view_quarantinedmessage"
# What a page with hostile mail in it may do; its frame inherits this and narrows it.
_POLICY: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF, STYLE_HASH],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "frame-src": [NONE],
}

View = Callable[..., HttpResponse]


def shows_mail(view: View) -> View:
    """A page that holds a mail's bytes: kept by nobody, named to nobody, walled in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except NotAllowed as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return csp_replace(_POLICY)(guarded)  # type: ignore[return-value]  # untyped enough


@require_safe
@permission_required(VIEW, raise_exception=True)
def held_list(request: HttpRequest) -> HttpResponse:
    """What is held, newest first."""
    filters = HeldFilterSet(request.GET, queryset=QuarantinedMessage.objects.all(), request=request)
    if not filters.is_valid():
        context = {"filter": filters}
        return render(request, "quarantine/list.html", context, status=UNPROCESSABLE)
    return render(request, "quarantine/list.html", list_context(request, filters))


@require_safe
@permission_required(VIEW, raise_exception=True)
def by_quarantine_id(request: HttpRequest, quarantine_id: str) -> HttpResponse:
    """The mail that a log line names."""
    found = find_by_quarantine_id(quarantine_id.replace("\0", ""))
    if found is None:
        raise Http404
    return redirect("quarantine:detail", held=found)


@require_safe
@permission_required(VIEW, raise_exception=True)
def detail(request: HttpRequest, held: int) -> HttpResponse:
    """One mail without its body."""
    context = detail_context(request, found_or_404(held))
    return render(request, "quarantine/detail.html", context)


@require_GET
@permission_required(VIEW, raise_exception=True)
@shows_mail
def content(request: HttpRequest, held: int) -> HttpResponse:
    """One mail with its preview. Every call is a row of the audit trail."""
    context = detail_context(request, found_or_404(held))
    try:
        context |= content_context(request, row_or_404(held))
    except BackendError as error:
        context["failure"] = str(error)
        return render(request, "quarantine/detail.html", context, status=BAD_GATEWAY)
    context["detail"] = found_or_404(held)
    return render(request, "quarantine/detail.html", context)


@require_GET
@permission_required(VIEW, raise_exception=True)
@shows_mail
def source(request: HttpRequest, held: int) -> HttpResponse:
    """The bytes as they came, a page at a time. Every call is a row of the audit trail."""
    found = found_or_404(held)
    try:
        mail = view_body(row_or_404(held), actor_of(request))
    except BackendError as error:
        context = {"held": found.held, "failure": str(error)}
        return render(request, "quarantine/source.html", context, status=BAD_GATEWAY)
    number = request.GET.get("page", "1")
    page = source_page(mail.raw, int(number)) if number.isdecimal() and len(number) < 6 else None
    if page is None:
        raise Http404
    context = {"held": found.held, "source": page, "is_cut": mail.is_cut}
    return render(request, "quarantine/source.html", context)


@require_POST
@permission_required(VIEW, raise_exception=True)
@shows_mail
def download(request: HttpRequest, held: int) -> HttpResponse:
    """The mail to save; a virus in a locked zip. Every call is a row of the audit trail."""
    row = row_or_404(held)
    try:
        mail = read_whole(row, actor_of(request))
    except BackendError as error:
        context = detail_context(request, found_or_404(held)) | {"failure": str(error)}
        return render(request, "quarantine/detail.html", context, status=BAD_GATEWAY)
    name = safe_name(row.quarantine_id or row.key, ".eml")
    if row.kind == QuarantineKind.VIRUS or row.virus:
        return _file(locked_zip(mail.raw, name), f"{name}.{PASSWORD}.zip")
    return _file(mail.raw, name)


@require_POST
@permission_required(VIEW, raise_exception=True)
@shows_mail
def attachment(request: HttpRequest, held: int) -> HttpResponse:
    """One attachment to save; what is dangerous in a locked zip. Every call is audited."""
    row, place = row_or_404(held), request.POST.get("part", "")
    if not is_place(place):
        raise Http404
    try:
        mail = download_part(row, actor_of(request), place)
    except BackendError as error:
        context = detail_context(request, found_or_404(held)) | {"failure": str(error)}
        return render(request, "quarantine/detail.html", context, status=BAD_GATEWAY)
    found = None if mail.is_cut else extract_part(mail.raw, place)
    if found is None:
        text = _("This part can't be taken out of the mail: download the whole mail.")
        messages.error(request, text)
        return see_other("quarantine:detail", held=held)
    name = safe_file_name(found.attachment.name)
    if row.kind == QuarantineKind.VIRUS or row.virus or found.attachment.is_dangerous:
        return _file(locked_zip(found.data, name), f"{name}.{PASSWORD}.zip")
    return _file(found.data, name)


def _file(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def found_or_404(pk: int) -> HeldDetail:
    found = held_detail(pk) if pk <= MAX_ID else None
    if found is None:
        raise Http404
    return found


def row_or_404(pk: int) -> QuarantinedMessage:
    rows = QuarantinedMessage.objects.select_related("source").filter(pk=min(pk, MAX_ID))
    row = rows.first()
    if row is None:
        raise Http404
    return row

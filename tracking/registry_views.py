"""Pages of the registry: export, import with a preview, one network."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mailgw.lib.csv_export import download
from mailgw.lib.redirects import see_other
from tracking.models import RegistryImport
from tracking.registry.exporting import MARK, registry_lines
from tracking.registry.planning import Mode
from tracking.registry.rows import BadRegistry
from tracking.registry.services import RegistryChanged, confirm_import, keep_import
from tracking.registry_forms import RegisterForm, UploadForm
from tracking.registry_pages import import_context, registry_context

UNPROCESSABLE = 422
_ALLOWED = permission_required("tracking.import_registry", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@_ALLOWED
def registry(request: HttpRequest) -> HttpResponse:
    """What there is, and a form for a file; a POST keeps the file and leads to its preview."""
    if request.method != "POST":
        return render(request, "tracking/registry.html", registry_context(UploadForm()))
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        return _keep(request, file.read(), form.cleaned_data["mode"], file.name, form)
    context = registry_context(form)
    return render(request, "tracking/registry.html", context, status=UNPROCESSABLE)


@require_http_methods(["GET", "HEAD", "POST"])
@_ALLOWED
def register(request: HttpRequest) -> HttpResponse:
    """One network; a POST leads to the preview, as a file does. The query fills the form."""
    given = request.POST if request.method == "POST" else None
    form = RegisterForm(given, initial=request.GET.dict())
    if form.is_valid():
        return _keep(request, form.as_csv(), Mode.MERGE, "", form)
    status = UNPROCESSABLE if given is not None else 200
    return render(request, "tracking/register.html", {"form": form}, status=status)


def _keep(request: HttpRequest, raw: bytes, mode: str, name: str, form: Any) -> HttpResponse:
    user: Any = request.user
    try:
        kept = keep_import(user, raw, Mode(mode), name)
    except BadRegistry as error:
        page = "registry" if isinstance(form, UploadForm) else "register"
        context = registry_context(form, error)
        return render(request, f"tracking/{page}.html", context, status=UNPROCESSABLE)
    return see_other("tracking:registry-import", kept.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@_ALLOWED
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What an import would do, or did; a POST does it if that is still the same."""
    kept = get_object_or_404(RegistryImport, pk=pk)
    if request.method != "POST":
        return render(request, "tracking/registry_import.html", import_context(request, kept))
    try:
        confirm_import(kept, request.POST.get("digest", ""))
    except (RegistryChanged, BadRegistry):
        text = _("The registry has changed meanwhile. Nothing was done; look again.")
        messages.warning(request, text)
    return see_other("tracking:registry-import", kept.pk)


@require_POST
@_ALLOWED
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a file that waits to be confirmed."""
    RegistryImport.objects.filter(pk=pk, done_at=None).delete()
    return see_other("tracking:registry")


@require_safe
@_ALLOWED
def export(request: HttpRequest) -> HttpResponseBase:
    """The whole registry; imported again, it changes nothing."""

    def lines() -> Any:
        yield MARK
        yield from registry_lines()

    return download(lines(), "text/csv", f"registry-{timezone.localtime():%Y%m%d-%H%M%S}.csv")

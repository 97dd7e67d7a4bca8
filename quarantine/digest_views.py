"""Where the links of a recipient's digest lead: a page that shows, and a POST that acts."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from mailgw.lib.networks import client_text
from quarantine.digest import act_on_link, read_link
from quarantine.services.results import BadInput

GONE = 410


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def digest_link(request: HttpRequest, token: str) -> HttpResponse:
    """No login: the link is the key to one action on one mail. The token goes to nobody else."""
    try:
        context: dict[str, object] = {"link": read_link(token)}
        if request.method == "POST":
            context["outcome"] = act_on_link(token, client_text(request) or None)
        response = render(request, "quarantine/digest_link.html", context)
    except BadInput as error:
        context = {"failure": str(error)}
        response = render(request, "quarantine/digest_link.html", context, status=GONE)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response

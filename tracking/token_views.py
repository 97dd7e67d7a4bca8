"""The page where a user makes and revokes his own API tokens."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from mailgw.lib.redirects import see_other
from tracking.models import ApiToken
from tracking.token_forms import TokenForm
from tracking.tokens import issue_token, revoke_token, tokens_of

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """A user's tokens; for every user, as a token never has more than its user's permissions.

    The answer to the form is the page that shows the secret, not a redirect: a redirect would
    have to keep the secret somewhere. Sent again, the form finds its name in use.
    """
    user: Any = request.user
    form = TokenForm(user, request.POST or None)
    if request.method != "POST":
        return _page(request, user, form)
    secret = _issue(user, form) if form.is_valid() else ""
    if not secret:
        return _page(request, user, form, status=UNPROCESSABLE)
    made = form.cleaned_data["name"]
    return _page(request, user, TokenForm(user), status=201, secret=secret, made=made)


@require_POST
def revoke(request: HttpRequest, token: int) -> HttpResponse:
    """End one of one's own tokens; of somebody else's there is none here."""
    found = get_object_or_404(ApiToken, pk=token, user=request.user)
    revoke_token(found)
    messages.success(request, _("The token %(name)s is revoked.") % {"name": found.name})
    return see_other("tracking:tokens")


def _issue(user: User, form: TokenForm) -> str:
    """The secret; "" with the problem on the form."""
    given = form.cleaned_data
    try:
        _token, secret = issue_token(
            user, given["name"], given["scopes"], given["days"], given["networks"]
        )
    except ValidationError as error:
        form.add_error(None, error)
        return ""
    return secret


def _page(
    request: HttpRequest, user: User, form: TokenForm, *, status: int = 200, **shown: str
) -> HttpResponse:
    context = {"form": form, "tokens": tokens_of(user), **shown}
    return render(request, "tracking/tokens.html", context, status=status)

"""After a change, the browser is sent to a page that changes nothing when it is loaded again."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url


class SeeOther(HttpResponseRedirect):
    status_code = 303


def see_other(to: Any, *args: Any, **kwargs: Any) -> SeeOther:
    """303 to a URL, a URL name or an object with a page of its own."""
    return SeeOther(resolve_url(to, *args, **kwargs))

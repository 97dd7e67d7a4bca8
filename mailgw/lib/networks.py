"""The address of a client, behind as many proxies as the settings say."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address


def client_address(request: HttpRequest) -> Address | None:
    """The peer's address, or the one that the outermost trusted proxy has seen; None without one.

    Each proxy appends whom it was asked by to ``X-Forwarded-For``; what stands before that, the
    client may have written.
    """
    proxies: int = settings.TRUSTED_PROXY_COUNT
    if not proxies:
        return _parse(request.META.get("REMOTE_ADDR", ""))
    seen = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return _parse(seen[-proxies].strip()) if len(seen) >= proxies else None


def client_text(request: HttpRequest) -> str:
    """The same as text, "" for none."""
    return str(client_address(request) or "")


def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address

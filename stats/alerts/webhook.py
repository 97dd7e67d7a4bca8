"""Signed JSON to a webhook, without letting its URL reach what the console's machine can reach.

The name is resolved once, every address it has is checked, and the connection goes to a checked
address: what DNS says a moment later does not matter. Redirects are not followed, the answer is
read up to a bound, and never shown beyond its first line.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from stats.alerts.models import AlertNotice, AlertRule
from stats.alerts.wording import UNITS, address_of_page, title

TIMEOUT_SECONDS = 10
MAX_ANSWER_BYTES = 64 * 1024
_PORTS = {"https": 443, "http": 80}
_SALT = "stats.alerts.webhook"
# Ways to IPv4 within IPv6: NAT64, Teredo, 6to4.
_TRANSLATED = tuple(map(IPv6Network, ("64:ff9b::/32", "2001::/32", "2002::/16")))
Address = IPv4Address | IPv6Address


class WebhookFailed(Exception):
    """The receiver did not take it; the text is shown to administrators."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook's URL leads."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"


def parse_url(url: str) -> Target:
    """Raises WebhookFailed, which says what is wrong with the URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WebhookFailed(_("This is no URL.")) from error
    host = parts.hostname or ""
    if parts.scheme not in settings.WEBHOOK_SCHEMES:
        wanted = ", ".join(settings.WEBHOOK_SCHEMES)
        raise WebhookFailed(_("Only these schemes may be used: %(wanted)s.") % {"wanted": wanted})
    if not host or not host.isascii() or not url.isascii() or not url.isprintable() or " " in url:
        raise WebhookFailed(_("This is no URL."))
    if parts.username is not None or parts.fragment:
        raise WebhookFailed(_("A URL with a user name or a fragment may not be used."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], path)


def check_url(url: str) -> None:
    """What can be said without asking DNS. Raises WebhookFailed."""
    target = parse_url(url)
    try:
        literal = ip_address(target.host)
    except ValueError:
        return
    _check_address(literal)


def secret_of(rule: AlertRule) -> str:
    """The rule's secret, 64 hex digits: never stored, another one with another key of the rule."""
    return salted_hmac(_SALT, str(rule.webhook_key), algorithm="sha256").hexdigest()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """``sha256=`` and the HMAC-SHA256 of ``timestamp.body``, keyed with the secret's text."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def post(url: str, payload: dict[str, Any], secret: str, delivery: str) -> str:
    """Deliver; returns the status line. Raises WebhookFailed."""
    target = parse_url(url)
    body = json.dumps(payload, ensure_ascii=False).encode()
    timestamp = str(int(timezone.now().timestamp()))
    headers = {
        "Host": target.host_header,
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"mailgw/{settings.VERSION}",
        "X-Mailgw-Delivery": delivery,
        "X-Mailgw-Timestamp": timestamp,
        "X-Mailgw-Signature": signature(secret, timestamp, body),
        "Connection": "close",
    }
    connection = _Connection(target, resolve(target))
    try:
        connection.request("POST", target.path, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read(MAX_ANSWER_BYTES)
    except (OSError, http.client.HTTPException, ValueError) as error:
        text = _("%(host)s does not answer: %(error)s")
        raise WebhookFailed(text % {"host": target.host, "error": error}) from error
    finally:
        connection.close()
    line = f"{answer.status} {answer.reason}"[:200]
    if not 200 <= answer.status < 300:
        raise WebhookFailed(_("%(host)s answered: %(line)s") % {"host": target.host, "line": line})
    return line


def resolve(target: Target) -> list[Address]:
    """The addresses of the host, all of them allowed. Raises WebhookFailed."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        text = _("There is no address of %(host)s.") % {"host": target.host}
        raise WebhookFailed(text) from error
    addresses = [ip_address(str(item[4][0]).partition("%")[0]) for item in found]
    for address in addresses:
        _check_address(address)
    return addresses


def _check_address(address: Address) -> None:
    """Only the public Internet, and the networks that the site's operator named."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    real = mapped or address
    if any(real in ip_network(text) for text in settings.WEBHOOK_NETWORKS):
        return
    if not real.is_global or real.is_multicast or any(real in net for net in _TRANSLATED):
        text = _("%(address)s is not on the public Internet; WEBHOOK_NETWORKS can allow it.")
        raise WebhookFailed(text % {"address": real})


class _Connection(http.client.HTTPConnection):
    """To a checked address; TLS is told, and checks, the name."""

    def __init__(self, target: Target, addresses: list[Address]) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT_SECONDS)
        self._target, self._addresses = target, addresses

    def connect(self) -> None:
        self.sock = self._reach()
        if self._target.scheme == "https":
            context = ssl.create_default_context(cafile=settings.WEBHOOK_CA_FILE or None)
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)

    def _reach(self) -> socket.socket:
        problem: OSError = OSError("no address")
        for address in self._addresses:
            try:
                return socket.create_connection((str(address), self.port), TIMEOUT_SECONDS)
            except OSError as error:
                problem = error
        raise problem


def payload_of(notice: AlertNotice) -> dict[str, Any]:
    """The body; fields are only ever added."""
    alert = notice.alert
    return {
        "event": f"alert.{notice.transition}",
        "delivery": str(notice.key),
        "alert": alert.pk,
        "rule": alert.rule_name,
        "kind": alert.kind,
        "severity": alert.severity,
        "title": title(alert),
        "subject": {"kind": alert.subject_kind, "label": alert.subject_label},
        "value": round(alert.value, 2),
        "newest_value": round(alert.newest_value, 2),
        "threshold": alert.threshold,
        "unit": UNITS[alert.kind],
        "usual": None if alert.usual is None else round(alert.usual, 2),
        "count": alert.count,
        "raised_at": _iso(alert.raised_at),
        "cleared_at": _iso(alert.cleared_at),
        "since": _iso(alert.since),
        "until": _iso(alert.until),
        "without_sources": alert.without,
        "url": address_of_page(alert),
        "evidence_url": address_of_page(alert, alert.evidence),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

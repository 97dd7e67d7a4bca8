"""Small HTTPS client: a pinned certificate or a CA, bounded answers, no redirects."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ssl
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from quarantine.backends.base import BackendUnavailable, Fault

CONNECT_SECONDS = 15
_FINGERPRINT = 64


class RequestNotSent(BackendUnavailable):
    """The server was not reached at all: certainly nothing happened there."""


class AnswerLost(BackendUnavailable):
    """The request may have reached the server; its answer did not come."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; ``reason`` is the status line's text."""

    status: int
    reason: str
    body: bytes
    is_cut: bool


@dataclass(frozen=True)
class Server:
    """Where requests go, and whom we believe to be there.

    ``fingerprint``: SHA-256 of the certificate in hex, with or without colons; instead of a CA.
    """

    host: str
    port: int
    fingerprint: str = ""
    ca_file: str = ""

    @classmethod
    def from_url(cls, url: str, fingerprint: str = "", ca_file: str = "") -> Server:
        """``https://host[:port]``, port 8006 when there is none. Raises BackendUnavailable."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or 8006
        except ValueError as error:
            raise BackendUnavailable(f"{url!r} is no https://HOST:PORT", Fault.SETTINGS) from error
        if parts.scheme != "https" or not host or parts.path not in {"", "/"} or parts.query:
            raise BackendUnavailable(f"{url!r} is no https://HOST:PORT", Fault.SETTINGS)
        bare = fingerprint.replace(":", "").strip().lower()
        if bare and (len(bare) != _FINGERPRINT or not set(bare) <= set("0123456789abcdef")):
            raise BackendUnavailable("the fingerprint is not SHA-256 in hex", Fault.SETTINGS)
        return cls(host, port, bare, ca_file)

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None,
        headers: dict[str, str],
        timeout: float,
        limit: int,
    ) -> Answer:
        """One request on a connection of its own. Raises RequestNotSent and AnswerLost."""
        connection = self._connect(timeout)
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            raw = response.read(limit + 1)
        except (OSError, http.client.HTTPException) as error:
            message = f"{self.host}:{self.port} broke off: {error or type(error).__name__}"
            raise AnswerLost(message) from error
        finally:
            connection.close()
        return Answer(response.status, response.reason, raw[:limit], len(raw) > limit)

    def _connect(self, timeout: float) -> http.client.HTTPSConnection:
        try:
            connection = http.client.HTTPSConnection(
                self.host, self.port, timeout=CONNECT_SECONDS, context=self._context
            )
            connection.connect()
        except (OSError, ssl.SSLError, ValueError) as error:
            message = f"{self.host}:{self.port} does not answer: {error}"
            raise RequestNotSent(message) from error
        self._check_fingerprint(connection)
        connection.sock.settimeout(timeout)
        return connection

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Reading all CAs of the system takes as long as ten requests."""
        if not self.fingerprint:
            return ssl.create_default_context(cafile=self.ca_file or None)
        # The certificate itself is compared, which says more than any CA.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def _check_fingerprint(self, connection: http.client.HTTPSConnection) -> None:
        if not self.fingerprint:
            return
        found = hashlib.sha256(connection.sock.getpeercert(binary_form=True) or b"").hexdigest()
        if not hmac.compare_digest(found, self.fingerprint):
            connection.close()
            message = (
                f"{self.host}:{self.port} shows another certificate than the one configured "
                f"(its SHA-256 is {found})"
            )
            raise RequestNotSent(message, Fault.CERTIFICATE)

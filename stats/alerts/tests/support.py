"""Figures, sources and rules of the tests of alerts, and a receiver of webhooks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.db.models import F

from stats.alerts.choices import RuleKind
from stats.alerts.models import AlertRule
from stats.days import Day
from stats.models import (
    DayState,
    ProviderHour,
    RelayHour,
    SiteHour,
    TrafficHour,
    VerdictHour,
    VerdictSubject,
)
from tracking.choices import Direction, Disposition, MessageKind, QuarantineKind, SourceKind
from tracking.models import ClientNetwork, Customer, LogSource, Name, Relay

# A Tuesday.
NOW = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def make_rule(kind: RuleKind = RuleKind.BOUNCE_SHARE, **values: Any) -> AlertRule:
    """A rule without patience or rest, unless they are given."""
    defaults: dict[str, Any] = {
        "name": f"rule {AlertRule.objects.count()}",
        "raise_at": 20,
        "clear_at": 10,
        "minimum": 10,
        "cooldown_minutes": 0,
    }
    return AlertRule.objects.create(kind=kind, **(defaults | values))


def make_network(text: str = "198.18.0.0/24", number: str = "C1") -> ClientNetwork:
    customer, _ = Customer.objects.get_or_create(
        number=number, defaults={"name": f"PT {number}", "service_class": "premium"}
    )
    return ClientNetwork.objects.get_or_create(network=text, defaults={"customer": customer})[0]


def traffic(
    at: datetime,
    mails: int,
    ending: Disposition = Disposition.DELIVERED,
    network: ClientNetwork | None = None,
) -> None:
    """More outbound mails of an hour, one recipient each."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    relay, _ = Relay.objects.get_or_create(name="out1", defaults={"role": "ext"})
    row, _ = TrafficHour.objects.get_or_create(
        hour=hour,
        relay=relay,
        network=network,
        direction=Direction.OUTBOUND,
        kind=MessageKind.MAIL,
        service_class="",
        disposition=ending,
        quarantine_kind=QuarantineKind.NONE,
        defaults={"messages": 0, "recipients": 0, "bytes": 0},
    )
    site, _ = RelayHour.objects.get_or_create(
        hour=hour,
        relay=None,
        direction=Direction.OUTBOUND,
        kind=MessageKind.MAIL,
        service_class="",
        disposition=ending,
        quarantine_kind=QuarantineKind.NONE,
        defaults={"messages": 0, "recipients": 0, "bytes": 0},
    )
    more = {"messages": F("messages") + mails, "recipients": F("recipients") + mails}
    TrafficHour.objects.filter(pk=row.pk).update(**more)
    RelayHour.objects.filter(pk=site.pk).update(**more)
    known_hour(hour)


def known_hour(hour: datetime) -> None:
    """An hour of which there are figures, on a day whose sums are to be made."""
    DayState.objects.get_or_create(day=Day.at(hour).on, defaults={"changed_at": hour})
    site = {"inbound": 0, "outbound": 1, "internal": 0, "rejected": 0}
    SiteHour.objects.get_or_create(hour=hour, defaults=site)


def provider_traffic(
    at: datetime, mails: int, ending: Disposition, provider: str = "Gmail"
) -> None:
    """Outbound recipients at a provider in an hour."""
    ProviderHour.objects.create(
        hour=at.replace(minute=0),
        direction=Direction.OUTBOUND,
        provider=provider,
        disposition=ending,
        recipients=mails,
        bytes=0,
        retried=0,
        tls=0,
        delay_ms=0,
        timed=0,
        delays=[],
    )


def virus_traffic(at: datetime, recipients: int, name: str = "Eicar-Signature") -> None:
    """Recipients of mail with a virus in an hour."""
    VerdictHour.objects.create(
        hour=at.replace(minute=0),
        direction=Direction.INBOUND,
        subject=VerdictSubject.VIRUS,
        name=Name.objects.get_or_create(name=name)[0],
        messages=recipients,
        recipients=recipients,
    )


def make_source(
    name: str, last_line_at: datetime, *, is_live: bool = True, host: str = ""
) -> LogSource:
    kind = SourceKind.PUSH if is_live else SourceKind.FILE
    values = {"kind": kind, "last_line_at": last_line_at, "hosts": [host] if host else []}
    return LogSource.objects.update_or_create(name=name, defaults=values)[0]


@dataclass
class Call:
    """A request as the receiver got it."""

    headers: dict[str, str]
    body: bytes
    path: str


@dataclass
class Receiver:
    """Answers ``status``; remembers what came in."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    calls: list[Call] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=mailgw"


@contextmanager
def webhook_receiver() -> Iterator[Receiver]:
    """A real HTTP server on a free port of the loopback address."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.calls.append(Call(dict(self.headers), body, self.path))
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(receiver.body)

        def log_message(self, format: str, *args: object) -> None:
            """The tests' output is not its log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()

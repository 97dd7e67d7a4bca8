"""A real SMTP server that does as it is told, and remembers what it took."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

QUEUED = "250 2.0.0 Ok: queued as 4jYgJL1tdfzDWd9"


@dataclass
class Taken:
    """A mail that the server took."""

    sender: str
    recipients: list[str]
    raw: bytes


@dataclass
class Handler:
    """``refused`` answers RCPT by recipient; ``reply`` answers the end of the data."""

    reply: str = QUEUED
    refused: dict[str, str] = field(default_factory=dict)
    is_dropping: bool = False
    taken: list[Taken] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[Any],
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        if self.reply.startswith("250"):
            self.taken.append(
                Taken((envelope.mail_from or "").strip("<>"), list(envelope.rcpt_tos), raw)
            )
        if self.is_dropping and server.transport is not None:
            server.transport.close()
            await asyncio.sleep(0)
        return self.reply


@contextmanager
def smtp_server(**settings: Any) -> Iterator[Handler]:
    """On a free port of the loopback address, in a thread of its own."""
    handler = Handler(**settings)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def serve() -> asyncio.Server:
        return await loop.create_server(
            lambda: SMTP(handler, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0
        )

    server = asyncio.run_coroutine_threadsafe(serve(), loop).result(10)
    handler.port = server.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(_end_sessions(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end_sessions() -> None:
    sessions = asyncio.all_tasks() - {asyncio.current_task()}
    for session in sessions:
        session.cancel()
    await asyncio.gather(*sessions, return_exceptions=True)

"""A real SMTP server for the mail that the console sends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session


class Inbox:
    """What came in; ``is_refusing``: nothing is taken."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.is_refusing = False
        self.port = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.is_refusing:
            return "451 4.3.0 Not now"
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        mail = message_from_bytes(raw, _class=EmailMessage, policy=default)
        self.mails.append(mail)
        return "250 2.0.0 Ok"


@contextmanager
def smtp_inbox() -> Iterator[Inbox]:
    """On a free port of the loopback address, in a thread of its own."""
    inbox = Inbox()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def serve() -> asyncio.Server:
        return await loop.create_server(lambda: SMTP(inbox, loop=loop), "127.0.0.1", 0)

    server = asyncio.run_coroutine_threadsafe(serve(), loop).result(10)
    inbox.port = server.sockets[0].getsockname()[1]
    try:
        yield inbox
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()

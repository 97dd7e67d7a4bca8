"""An amavisd as far as AM.PDP goes: what a real one answered to releases, line by line."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.+-]*")


@dataclass
class Amavisd:
    """``replies`` answer recipients in order; ``is_dropping`` releases and hangs up."""

    quarantine: Path
    address: str = ""
    replies: list[str] = field(default_factory=list)
    requests: list[list[tuple[str, str]]] = field(default_factory=list)
    released: list[tuple[str, str]] = field(default_factory=list)
    is_dropping: bool = False

    def answer(self, request: list[tuple[str, str]]) -> list[str]:
        self.requests.append(request)
        fields = dict(request)
        recipients = [value for name, value in request if name == "recipient"]
        file = fields.get("mail_file", "")
        if not _SAFE.fullmatch(file) or ".." in file:
            return _failure(f"Unsafe filename '{file}'")
        if not (self.quarantine / file).is_file():
            return _failure(f"File {self.quarantine / file} does not exist")
        if not recipients:
            return [_reply("250 2.5.0 No recipients, nothing to do")]
        default = "250 2.0.0 from MTA(smtp:[127.0.1.4]:10025): 250 2.0.0 Ok: queued as 4jYgJL1td"
        answers = [*self.replies, *([default] * len(recipients))][: len(recipients)]
        for recipient, reply in zip(recipients, answers, strict=True):
            if reply.startswith("250"):
                self.released.append((file, recipient))
        return [_reply(reply) for reply in answers]


def _reply(text: str) -> str:
    code, enhanced, words = text.split(" ", 2)
    encoded = re.sub(r"[^\x21-\x24\x26-\x7e]", lambda match: f"%{ord(match[0]):02x}", words)
    return f"setreply={code} {enhanced} {encoded}"


def _failure(text: str) -> list[str]:
    return [_reply(f"450 4.5.0 Failure: {text}"), "return_value=tempfail", "exit_code=75"]


class _Handler(socketserver.StreamRequestHandler):
    amavisd: Amavisd

    def handle(self) -> None:
        request: list[tuple[str, str]] = []
        for raw in self.rfile:
            line = raw.decode().rstrip("\r\n")
            if line:
                name, _, value = line.partition("=")
                request.append((name, value.replace("%25", "%")))
                continue
            answer = self.amavisd.answer(request)
            if self.amavisd.is_dropping:
                return
            self.wfile.write("".join(f"{text}\r\n" for text in [*answer, ""]).encode())
            request = []


@contextmanager
def amavisd(
    quarantine: Path, socket_path: Path | None = None, **settings: Any
) -> Iterator[Amavisd]:
    """On a unix socket, or a free port of the loopback address."""
    server_of = Amavisd(quarantine, **settings)
    handler = type("Handler", (_Handler,), {"amavisd": server_of})
    server: socketserver.BaseServer
    if socket_path is not None:
        server = socketserver.ThreadingUnixStreamServer(str(socket_path), handler)
        server_of.address = f"unix:{socket_path}"
    else:
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
        server_of.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server_of
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)

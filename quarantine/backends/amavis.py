"""amavis: its quarantine directory, and release by its own protocol (AM.PDP) on a socket.

Files are ``X/spam-MAILID.gz``, ``X/virus-MAILID``, ``X/banned-MAILID`` (X: the mail id's first
letter; there may be no such level). amavis releases whatever file it is asked for to whomever, as
often as it is asked: what may be released is checked here and by the services. A TCP port must not
ask for secret ids (``auth_required_release => 0``): a directory does not store them.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator, Sequence

from quarantine.backends import headers
from quarantine.backends.base import (
    Ability,
    BackendUnavailable,
    Content,
    Fault,
    FoundItem,
    HeldItem,
    ItemGone,
    NotSupported,
    ReleaseRefused,
    ReleaseUncertain,
    Sent,
    Shelf,
)
from quarantine.backends.files import (
    Found,
    SpoolDirectory,
    absolute_directory,
    changed_at,
    refuse_unfinished,
)
from quarantine.backends.smtp import BAD_ADDRESS, host_and_port, queued_as
from tracking.choices import QuarantineKind

_NAME = re.compile(r"(?:([a-z]{1,20})-)?([A-Za-z0-9][A-Za-z0-9_+-]{5,29})(\.gz)?")
_LEVEL = re.compile(r"[A-Za-z0-9]")
_ROOT = "."
_KINDS = {
    "spam": QuarantineKind.SPAM,
    "virus": QuarantineKind.VIRUS,
    "banned": QuarantineKind.BANNED,
}
_ADDED = frozenset(
    {
        b"return-path",
        b"delivered-to",
        b"x-envelope-from",
        b"x-envelope-to",
        b"x-envelope-to-blocked",
        b"x-quarantine-id",
        b"x-amavis-alert",
        b"x-spam-flag",
        b"x-spam-score",
        b"x-spam-level",
        b"x-spam-status",
    }
)
_VIRUS = re.compile(r"INFECTED, message contains virus:\s*(.*)", re.DOTALL)
_BANNED = re.compile(r"BANNED, message contains\s*(.*)", re.DOTALL)
_REPLY = re.compile(r"([2-5][0-9]{2}) [245]\.[0-9]{1,3}\.[0-9]{1,3} ?(.*)", re.DOTALL)
# 250 answers of amavis that nothing was sent for.
_NOT_SENT = ("No recipients", "nothing to do", "discarded", "BOUNCE")
_PERCENT = re.compile(rb"%([0-9a-fA-F]{2})")
TIMEOUT_SECONDS = 600
_CONNECT_SECONDS = 10
_MAX_ANSWER = 1024 * 1024


class Amavis:
    """A quarantine directory that is readable here, and the socket of its amavisd."""

    abilities = frozenset({Ability.OTHER_RECIPIENT})

    def __init__(self, location: str, release_to: str) -> None:
        self.files = SpoolDirectory(absolute_directory(location))
        self.release_to = release_to

    def shelves(self) -> Iterator[Shelf]:
        yield Shelf(_ROOT, self.files.stamp(""))
        for name in self.files.folders():
            if _LEVEL.fullmatch(name):
                try:
                    yield Shelf(name, self.files.stamp(name))
                except ItemGone:
                    continue

    def keys(self, shelf: str) -> list[str]:
        folder = "" if shelf == _ROOT else shelf
        prefix = f"{folder}/" if folder else ""
        return [f"{prefix}{name}" for name in self.files.names(folder) if _NAME.fullmatch(name)]

    def describe(self, key: str) -> FoundItem:
        found, raw = self.files.look(key, headers.MAX_HEADER_BYTES)
        return describe(key, found, raw)

    def read(self, item: HeldItem, limit: int) -> Content:
        return headers.without_added(self.files.read(item.key, limit), _ADDED)

    def release(
        self, item: HeldItem, recipients: Sequence[str], on_sending: Callable[[], None]
    ) -> list[Sent]:
        # That it is there, and a plain file of the quarantine: amavis follows what it is told.
        self.files.look(item.key, 1)
        request = _request(item, recipients)
        with _connect(self.release_to) as connection:
            on_sending()
            answer = _exchange(connection, request)
        return _answers(recipients, answer)

    def delete(self, item: HeldItem) -> None:
        self.files.delete(item.key)

    def allow_sender(self, item: HeldItem, recipient: str) -> str:
        raise NotSupported("amavis has no list of senders that can be changed from here")

    def block_sender(self, item: HeldItem, recipient: str) -> str:
        raise NotSupported("amavis has no list of senders that can be changed from here")


def describe(key: str, found: Found, raw: bytes) -> FoundItem:
    """A file of the quarantine by its header; any bytes make an item."""
    header = headers.Header(raw)
    refuse_unfinished(found, is_whole=header.is_whole)
    kind, mail_id, _ = _parts(key)
    alert = header.raw_text("x-amavis-alert")
    virus, banned = _VIRUS.search(alert), _BANNED.search(alert)
    blocked = headers.addresses(header.raw_text("x-envelope-to-blocked"))
    return FoundItem(
        key=key,
        kind=_KINDS.get(kind, QuarantineKind.OTHER),
        received_at=changed_at(found),
        envelope_sender=_bare(header.raw_text("x-envelope-from")),
        recipients=blocked or headers.addresses(header.raw_text("x-envelope-to")),
        size_bytes=found.size_bytes,
        header_from=header.text("from"),
        subject=header.text("subject"),
        message_id=header.message_id(),
        score=headers.number(header.raw_text("x-spam-score")),
        virus=virus[1].strip()[:200] if virus else "",
        rules=(banned[1].strip()[:200],)
        if banned
        else headers.amavis_rules(header.raw_text("x-spam-status")),
        quarantine_id=mail_id,
        client_ip=header.client_ip(),
    )


def _parts(key: str) -> tuple[str, str, bool]:
    """Kind, mail id, and whether it is packed. Raises ItemGone for any other name."""
    match = _NAME.fullmatch(key.rpartition("/")[2])
    if match is None:
        raise ItemGone(f"{key[:200]!r} is no name of a mail held by amavis")
    return match[1] or "", match[2], bool(match[3])


def _bare(address: str) -> str:
    return address.strip().removeprefix("<").removesuffix(">")[: headers.MAX_TEXT]


def _request(item: HeldItem, recipients: Sequence[str]) -> bytes:
    """All recipients are named, so that each reply belongs to one."""
    if not recipients:
        raise ReleaseRefused("the envelope is empty", Fault.NO_RECIPIENT)
    for address in recipients:
        if BAD_ADDRESS.search(address):
            raise ReleaseRefused(f"{address!r}", Fault.BAD_ADDRESS)
    _, mail_id, is_packed = _parts(item.key)
    lines = [
        ("request", "release"),
        ("mail_id", mail_id),
        ("quar_type", "Z" if is_packed else "F"),
        ("mail_file", item.key),
        *(("recipient", f"<{address}>") for address in recipients),
    ]
    return b"".join(f"{name}={_encode(value)}\r\n".encode() for name, value in lines) + b"\r\n"


def _encode(value: str) -> str:
    """amavis decodes percent signs in what it is told."""
    return value.replace("%", "%25")


def _connect(address: str) -> socket.socket:
    if not address:
        raise BackendUnavailable("", Fault.NO_RELEASE_HOST)
    try:
        if address.startswith("unix:"):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(_CONNECT_SECONDS)
            connection.connect(address.removeprefix("unix:"))
            return connection
        return socket.create_connection(host_and_port(address), _CONNECT_SECONDS)
    except OSError as error:
        message = f"{address} does not answer: {error.strerror or error}"
        raise BackendUnavailable(message, Fault.UNREACHABLE) from error


def _exchange(connection: socket.socket, request: bytes) -> list[tuple[str, str]]:
    """The answer's lines; anything that breaks from here on leaves it open what was done."""
    connection.settimeout(TIMEOUT_SECONDS)
    answer = b""
    try:
        connection.sendall(request)
        while not answer.endswith(b"\n\r\n") and not answer.endswith(b"\n\n"):
            chunk = connection.recv(65536)
            if not chunk or len(answer) > _MAX_ANSWER:
                raise ReleaseUncertain("amavisd ended the session before its answer was whole")
            answer += chunk
    except OSError as error:
        message = f"The connection to amavisd was lost before its answer came: {error}"
        raise ReleaseUncertain(message) from error
    lines = [line.partition(b"=") for line in answer.splitlines() if line]
    return [(_decode(name), _decode(value)) for name, _, value in lines]


def _decode(value: bytes) -> str:
    raw = _PERCENT.sub(lambda match: bytes([int(match[1], 16)]), value)
    return headers.clean(raw.decode("utf-8", "replace"))


def _answers(recipients: Sequence[str], lines: list[tuple[str, str]]) -> list[Sent]:
    replies = [value for name, value in lines if name == "setreply"]
    failure = next((text for text in replies if " Failure: " in text), None)
    if failure is not None:
        raise ReleaseRefused(f"amavisd refused: {failure}")
    if any(" ERROR: " in text for text in replies):
        raise ReleaseUncertain(f"amavisd broke off while it was sending: {replies[0]}")
    if len(replies) != len(recipients):
        text = "; ".join(replies) or "nothing"
        message = f"amavisd answered for {len(replies)} of {len(recipients)} recipients: {text}"
        raise ReleaseUncertain(message)
    return [_answer(*pair) for pair in zip(recipients, replies, strict=True)]


def _answer(recipient: str, reply: str) -> Sent:
    match = _REPLY.fullmatch(reply)
    is_accepted = match is not None and match[1] == "250" and not _is_nothing(match[2])
    return Sent(recipient, is_accepted, reply, queued_as(reply) if is_accepted else "")


def _is_nothing(text: str) -> bool:
    return any(word in text for word in _NOT_SENT)

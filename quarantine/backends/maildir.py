"""A plain Maildir that something delivers held mail into: ``new/`` and ``cur/``.

A file keeps its name up to the colon when it is read and so moves from ``new`` to ``cur``; that is
the key. The envelope is what the header tells: ``Return-Path``, and ``X-Original-To``,
``Delivered-To`` or ``X-Envelope-To``.
"""

from __future__ import annotations

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
    Sent,
    Shelf,
)
from quarantine.backends.files import (
    SpoolDirectory,
    absolute_directory,
    changed_at,
    is_safe_name,
    refuse_unfinished,
)
from quarantine.backends.smtp import MAX_MAIL_BYTES, Reinjection, configured
from tracking.choices import QuarantineKind

_FOLDERS = ("new", "cur")
_SHELF = "maildir"
_RECIPIENT_FIELDS = ("x-original-to", "delivered-to", "x-envelope-to")
_ADDED = frozenset({b"return-path", b"delivered-to", b"x-original-to", b"x-envelope-to"})


class Maildir:
    """One shelf: both folders together, so that moving between them is no change."""

    abilities = frozenset({Ability.OTHER_RECIPIENT})

    def __init__(self, location: str, reinjection: Reinjection | None) -> None:
        self.files = SpoolDirectory(absolute_directory(location))
        self.reinjection = reinjection

    def shelves(self) -> Iterator[Shelf]:
        present = self.files.folders()
        if not set(_FOLDERS) <= set(present):
            raise BackendUnavailable(f"{self.files.root} has no new and cur", Fault.DIRECTORY)
        stamps = [self.files.stamp(folder) for folder in _FOLDERS]
        yield Shelf(_SHELF, " ".join(stamps) if all(stamps) else "")

    def keys(self, shelf: str) -> list[str]:
        found = {_unique(name) for folder in _FOLDERS for name in self.files.names(folder)}
        return sorted(name for name in found if name)

    def describe(self, key: str) -> FoundItem:
        found, raw = self.files.look(self._path(key), headers.MAX_HEADER_BYTES)
        header = headers.Header(raw)
        refuse_unfinished(found, is_whole=header.is_whole)
        status = header.raw_text("x-spam-status")
        virus = header.text("x-virus-name")
        return FoundItem(
            key=key,
            kind=_kind(header, virus),
            received_at=changed_at(found),
            envelope_sender=_bare(header.raw_text("return-path")),
            recipients=_recipients(header),
            size_bytes=found.size_bytes,
            header_from=header.text("from"),
            subject=header.text("subject"),
            message_id=header.message_id(),
            score=headers.number(header.raw_text("x-spam-score")),
            virus=virus,
            rules=headers.amavis_rules(status),
            client_ip=header.client_ip(),
        )

    def read(self, item: HeldItem, limit: int) -> Content:
        return headers.without_added(self.files.read(self._path(item.key), limit), _ADDED)

    def release(
        self, item: HeldItem, recipients: Sequence[str], on_sending: Callable[[], None]
    ) -> list[Sent]:
        if not recipients:
            raise ReleaseRefused("the header names nobody", Fault.NO_RECIPIENT)
        content = self.read(item, MAX_MAIL_BYTES)
        return configured(self.reinjection).send(
            item.envelope_sender, recipients, content, on_sending
        )

    def delete(self, item: HeldItem) -> None:
        try:
            self.files.delete(self._path(item.key))
        except ItemGone:
            return

    def allow_sender(self, item: HeldItem, recipient: str) -> str:
        raise NotSupported("A Maildir has no list of senders")

    def block_sender(self, item: HeldItem, recipient: str) -> str:
        raise NotSupported("A Maildir has no list of senders")

    def _path(self, key: str) -> str:
        """Where the mail lies now."""
        if not is_safe_name(key) or ":" in key:
            raise ItemGone(f"{key[:200]!r} is no name of a held mail")
        for folder in _FOLDERS:
            for name in self.files.names(folder):
                if _unique(name) == key:
                    return f"{folder}/{name}"
        raise ItemGone(f"{key} is not there any more")


def _unique(name: str) -> str:
    return name.partition(":")[0]


def _bare(address: str) -> str:
    return address.strip().removeprefix("<").removesuffix(">")[: headers.MAX_TEXT]


def _recipients(header: headers.Header) -> tuple[str, ...]:
    for name in _RECIPIENT_FIELDS:
        if found := headers.addresses(header.raw_text(name)):
            return found
    return ()


def _kind(header: headers.Header, virus: str) -> QuarantineKind:
    if virus or header.text("x-virus-status").lower().startswith(("yes", "infected")):
        return QuarantineKind.VIRUS
    is_spam = header.text("x-spam-flag").lower() == "yes"
    return QuarantineKind.SPAM if is_spam else QuarantineKind.OTHER

"""Proxmox Mail Gateway's spool on disk: ``{spam,virus,attachment}/HH/NAME``.

``cluster/CID/{spam,virus,attachment}/HH/NAME`` on a cluster. A file begins with ``Delivered-To:
R1,R2`` and ``Return-Path: SENDER``; NAME is the quarantine id of the log. PMG's database does not
learn of what is done here, so a mail released here is still listed in PMG's own pages.
"""

from __future__ import annotations

import re
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
from quarantine.backends.smtp import MAX_MAIL_BYTES, Reinjection, configured
from tracking.choices import QuarantineKind

KINDS = {
    "spam": QuarantineKind.SPAM,
    "virus": QuarantineKind.VIRUS,
    "attachment": QuarantineKind.ATTACHMENT,
}
_ADDED = frozenset({b"delivered-to", b"return-path"})
_HASH = re.compile(r"[0-9A-Fa-f]{2}")


class PmgSpool:
    """A spool that is readable here: PMG's own machine, or a copy or mount of it."""

    abilities = frozenset({Ability.OTHER_RECIPIENT})

    def __init__(self, location: str, reinjection: Reinjection | None) -> None:
        self.files = SpoolDirectory(absolute_directory(location))
        self.reinjection = reinjection

    def shelves(self) -> Iterator[Shelf]:
        """A shelf for each directory HH."""
        kinds = [(kind, kind) for kind in self.files.folders() if kind in KINDS]
        for node in self.files.folders("cluster"):
            base = f"cluster/{node}"
            kinds += [(f"{base}/{kind}", kind) for kind in self.files.folders(base)]
        kinds = [(path, kind) for path, kind in kinds if kind in KINDS]
        if not kinds:
            message = f"{self.files.root} has no spam, virus, attachment or cluster directory"
            raise BackendUnavailable(message, Fault.DIRECTORY)
        for path, _kind in kinds:
            for name in self.files.folders(path):
                if _HASH.fullmatch(name):
                    yield from self._shelf(f"{path}/{name}")

    def _shelf(self, path: str) -> Iterator[Shelf]:
        try:
            yield Shelf(path, self.files.stamp(path))
        except ItemGone:
            return

    def keys(self, shelf: str) -> list[str]:
        return [f"{shelf}/{name}" for name in self.files.names(shelf)]

    def describe(self, key: str) -> FoundItem:
        found, raw = self.files.look(key, headers.MAX_HEADER_BYTES)
        return describe(key, found, raw)

    def read(self, item: HeldItem, limit: int) -> Content:
        return headers.without_added(self.files.read(item.key, limit), _ADDED)

    def release(
        self, item: HeldItem, recipients: Sequence[str], on_sending: Callable[[], None]
    ) -> list[Sent]:
        content = self.read(item, MAX_MAIL_BYTES)
        return configured(self.reinjection).send(
            item.envelope_sender, recipients, content, on_sending
        )

    def delete(self, item: HeldItem) -> None:
        self.files.delete(item.key)

    def allow_sender(self, item: HeldItem, recipient: str) -> str:
        raise NotSupported("A spool directory has no list of senders: use PMG's API")

    def block_sender(self, item: HeldItem, recipient: str) -> str:
        raise NotSupported("A spool directory has no list of senders: use PMG's API")


def describe(key: str, found: Found, raw: bytes) -> FoundItem:
    """A file of the spool by its header; any bytes make an item."""
    header = headers.Header(raw)
    score, rules = headers.pmg_spam(header.first("x-spam-level"))
    refuse_unfinished(found, is_whole=header.is_whole)
    return FoundItem(
        key=key,
        kind=KINDS[key.split("/")[-3]],
        received_at=changed_at(found),
        envelope_sender=header.raw_text("return-path").strip()[: headers.MAX_TEXT],
        recipients=headers.addresses(header.raw_text("delivered-to")),
        size_bytes=found.size_bytes,
        header_from=header.text("from"),
        subject=header.text("subject"),
        message_id=header.message_id(),
        score=score,
        virus=header.text("x-proxmox-vinfo").removesuffix(" (clamav)"),
        rules=rules,
        quarantine_id=found.name,
        client_ip=header.client_ip(),
    )

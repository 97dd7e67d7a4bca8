"""What every place where mail is held can do, and how it fails. Knows no Django model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any, Protocol

from tracking.choices import QuarantineKind


class Fault(StrEnum):
    """What went wrong, as a word that is kept; quarantine/faults.py says it to people."""

    UNAVAILABLE = "unavailable"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    LOGIN = "login"
    SETTINGS = "settings"
    DIRECTORY = "directory"
    NO_RELEASE_HOST = "no_release_host"
    GONE = "gone"
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    TOO_LARGE = "too_large"
    BAD_ADDRESS = "bad_address"
    NO_RECIPIENT = "no_recipient"
    NO_SMTPUTF8 = "no_smtputf8"
    OWN_RECIPIENTS = "own_recipients"
    UNCERTAIN = "uncertain"
    INTERRUPTED = "interrupted"
    NOT_SUPPORTED = "not_supported"


class BackendError(Exception):
    """Something of a backend went wrong. Nothing was changed.

    As text it is ``FAULT: detail``, which is what is kept; the detail is English, for experts.
    """

    fault = Fault.UNAVAILABLE

    def __init__(self, detail: str, fault: Fault | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fault = fault or self.fault

    def __str__(self) -> str:
        return f"{self.fault}: {self.detail}"


class BackendUnavailable(BackendError):
    """The whole source does not answer, or is not what it should be; later it may."""


class ItemGone(BackendError):
    """This mail is no longer held there."""

    fault = Fault.GONE


class ItemUnreadable(BackendError):
    """There is something, but it is no mail we read (a link, a pipe, no permission)."""

    fault = Fault.UNREADABLE


class ReleaseRefused(BackendError):
    """The next hop said no; certainly nothing was sent."""

    fault = Fault.REFUSED


class ReleaseUncertain(BackendError):
    """The mail may have been sent, or not: the answer never came.

    ``answers`` are those that came before, for recipients that were sent to one by one.
    """

    fault = Fault.UNCERTAIN

    def __init__(self, message: str, answers: Sequence[Sent] = ()) -> None:
        super().__init__(message)
        self.answers = tuple(answers)


class NotSupported(BackendError):
    """This kind of source can't do that."""

    fault = Fault.NOT_SUPPORTED


class Ability(Enum):
    """What only some backends can do."""

    ALLOW_SENDER = "allow_sender"
    BLOCK_SENDER = "block_sender"
    OTHER_RECIPIENT = "other_recipient"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A part that is listed at once. Same ``stamp`` as before: nothing new ("": never known)."""

    name: str
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class FoundItem:
    """A held mail as its source describes it. Texts are decoded and clean."""

    key: str
    kind: QuarantineKind
    received_at: datetime
    envelope_sender: str
    recipients: tuple[str, ...]
    size_bytes: int
    header_from: str = ""
    subject: str = ""
    message_id: str = ""
    score: float | None = None
    virus: str = ""
    rules: tuple[str, ...] = ()
    quarantine_id: str = ""
    client_ip: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeldItem:
    """What names a held mail to its backend, and its envelope."""

    key: str
    envelope_sender: str
    recipients: tuple[str, ...]
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """The mail as it came, without what the filter added before it; cut at the limit asked for."""

    raw: bytes
    size_bytes: int
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """What the next hop said about one recipient; ``queue_id`` when its reply named one."""

    recipient: str
    is_accepted: bool
    reply: str
    queue_id: str = ""


class Backend(Protocol):
    """One source. All methods raise BackendUnavailable; those with an item raise ItemGone."""

    abilities: frozenset[Ability]

    def shelves(self) -> Iterator[Shelf]:
        """All shelves there are; mail on a shelf that is missing is gone."""
        ...

    def keys(self, shelf: str) -> list[str]:
        """The keys of all mail held on a shelf. Raises ItemUnreadable: they are not known."""
        ...

    def describe(self, key: str) -> FoundItem:
        """Reads at most the header. Raises ItemUnreadable."""
        ...

    def read(self, item: HeldItem, limit: int) -> Content:
        """At most ``limit`` bytes of the mail. Raises ItemUnreadable."""
        ...

    def release(
        self,
        item: HeldItem,
        recipients: Sequence[str],
        on_sending: Callable[[], None],
    ) -> list[Sent]:
        """Send the mail on, an answer for each recipient.

        ``on_sending`` is called right before the step after which the mail may have left; what is
        raised before is certain to have sent nothing. Raises ReleaseRefused, ReleaseUncertain.
        """
        ...

    def delete(self, item: HeldItem) -> None:
        """For ever; a mail that is gone already is no error."""
        ...

    def allow_sender(self, item: HeldItem, recipient: str) -> str:
        """Let the sender's mail to this recipient pass; what was done. Raises NotSupported."""
        ...

    def block_sender(self, item: HeldItem, recipient: str) -> str:
        """Hold or refuse the sender's mail to this recipient. Raises NotSupported."""
        ...

"""The audit trail: adding rows, and proving that none was changed, dropped or slipped in.

A row is sealed by SHA-256 over its fields as canonical JSON, the hash of the row before included,
and ``token`` where it is not empty: rows that are older than this column are sealed without it.
The head row is the chain's lock, held until the caller's transaction commits: keep those short.
Who can write to the database as its owner can forge a whole new chain; whoever notes
``verify_audit``'s head elsewhere can prove that, too.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from quarantine.choices import Outcome, Verb
from quarantine.models import AuditHead, QuarantineAction, QuarantinedMessage
from tracking.choices import QuarantineKind

GENESIS = "0" * 64
_HEAD = 1
_SEALED = (
    "number", "at", "actor", "client_ip", "verb", "outcome", "reason", "held_id", "source", "key",
    "kind", "quarantine_id", "message_id", "envelope_sender", "recipient", "detail", "batch",
    "previous_hash",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Who:
    """Who acts, from which address (None: not over the network), by which API token ("": none)."""

    name: str
    client_ip: str | None = None
    token: str = ""


SYSTEM = Who("system")


@dataclass(frozen=True, slots=True)
class Entry:
    """What rows of one action have in common. ``about`` are the texts that name the mail."""

    who: Who
    verb: Verb
    outcome: Outcome
    about: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    batch: uuid.UUID | None = None


def about(held: QuarantinedMessage) -> dict[str, Any]:
    """What a row says of the mail, as texts of its own."""
    return {
        "held_id": held.pk,
        "source": held.source.name,
        "key": held.key,
        "kind": held.kind,
        "quarantine_id": held.quarantine_id,
        "message_id": held.message_id,
        "envelope_sender": held.envelope_sender,
    }


@transaction.atomic
def append(
    entry: Entry, *, recipients: Sequence[str] = (), detail: str = ""
) -> list[QuarantineAction]:
    """Add a row for each recipient; one, with recipient "", when there are none."""
    return append_all([(entry, recipient, detail) for recipient in recipients or ("",)])


@transaction.atomic
def append_all(lines: Sequence[tuple[Entry, str, str]]) -> list[QuarantineAction]:
    """Add a row for each entry, recipient and detail."""
    head = _locked_head()
    rows = []
    for entry, recipient, detail in lines:
        row = _row(entry, recipient, detail, head)
        head.number, head.hash = row.number, row.hash
        rows.append(row)
    QuarantineAction.objects.bulk_create(rows)
    head.save(update_fields=("number", "hash"))
    return rows


def _row(entry: Entry, recipient: str, detail: str, head: AuditHead) -> QuarantineAction:
    row = QuarantineAction(
        number=head.number + 1,
        at=timezone.now(),
        actor=_text(entry.who.name),
        token=_text(entry.who.token),
        client_ip=_address(entry.who.client_ip),
        verb=entry.verb.value,
        outcome=entry.outcome.value,
        reason=_text(entry.reason),
        recipient=_text(recipient),
        detail=_text(detail),
        batch=entry.batch,
        previous_hash=head.hash,
        **(dict.fromkeys(_ABOUT, "") | {"held_id": None, "kind": 0} | entry.about),
    )
    row.hash = seal(row)
    return row


_ABOUT = ("source", "key", "quarantine_id", "message_id", "envelope_sender")


def _address(text: str | None) -> str | None:
    """In the database's spelling; None for what is no address (a unix socket's "")."""
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def _text(value: str) -> str:
    """As the database will give it back, or a row's seal would break by itself."""
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _locked_head() -> AuditHead:
    heads = AuditHead.objects.select_for_update()
    head = heads.filter(pk=_HEAD).first()
    if head is None:
        AuditHead.objects.bulk_create(
            [AuditHead(pk=_HEAD, number=0, hash=GENESIS)], ignore_conflicts=True
        )
        head = heads.get(pk=_HEAD)
    return head


def seal(row: QuarantineAction) -> str:
    """The hash of a row."""
    fields = {name: _sealable(getattr(row, name)) for name in _SEALED}
    if row.token:
        fields["token"] = row.token
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _sealable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Proof:
    """What verification found; ``breaks`` name the rows, in order."""

    rows: int
    head_number: int
    head_hash: str
    breaks: list[str]


def verify(limit: int = 100) -> Proof:
    """Go over the whole chain; memory stays flat, writers don't wait. Ends after ``limit`` breaks.

    Rows that are added meanwhile are not looked at, except that the head must name the last.
    """
    breaks: list[str] = []
    count, number, previous = 0, 0, GENESIS
    head = AuditHead.objects.filter(pk=_HEAD).first()
    rows = QuarantineAction.objects.order_by("number")
    if head is not None:
        rows = rows.filter(number__lte=head.number)
    for row in rows.iterator(chunk_size=1000):
        count += 1
        breaks += list(_breaks_of(row, number + 1, previous))
        number, previous = row.number, row.hash
        if len(breaks) >= limit:
            return Proof(count, number, previous, breaks)
    breaks += [*_breaks_of_head(head, number, previous), *_rows_beyond_head()]
    return Proof(count, number, previous, breaks)


def _breaks_of(row: QuarantineAction, expected: int, previous: str) -> Iterator[str]:
    if row.number != expected:
        yield f"row {row.number}: {row.number - expected} rows before it are missing"
    elif row.previous_hash != previous:
        yield f"row {row.number}: does not follow the row before it"
    if seal(row) != row.hash:
        yield f"row {row.number}: was changed"


def _rows_beyond_head() -> Iterator[str]:
    """In one statement, so in one snapshot: a writer adds rows and moves the head together."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(number) FROM quarantine_quarantineaction "
            "WHERE number > (SELECT max(number) FROM quarantine_audithead)"
        )
        number = cursor.fetchone()[0]
    if number is not None:
        yield f"row {number}: is beyond the end that the head names"


def _breaks_of_head(head: AuditHead | None, number: int, previous: str) -> Iterator[str]:
    if head is None:
        if number:
            yield "the head of the chain is missing"
    elif head.number > number:
        yield f"rows {number + 1} to {head.number} are missing at the end"
    elif (head.number, head.hash) != (number, previous):
        yield f"row {number}: is not the end that the head names"


EXPORTED = (*_SEALED, "token", "hash", "kind_word")


def export_rows() -> Iterator[dict[str, Any]]:
    """All rows, oldest first, with their seals: others can check the chain. Memory stays flat."""
    for row in QuarantineAction.objects.order_by("number").iterator(chunk_size=1000):
        fields = {name: _sealable(getattr(row, name)) for name in _SEALED}
        yield fields | {
            "token": row.token,
            "hash": row.hash,
            "kind_word": QuarantineKind(row.kind).name.lower(),
        }

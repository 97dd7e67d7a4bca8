"""Proxmox Mail Gateway's REST API, for a PMG on another host.

PMG answers 200 and null also when it did nothing (the mail was delivered or deleted before), and
500 without a reason when its Postfix is down. So its lists are asked before and after: only a
mail that was listed before and is not any more counts as delivered. PMG sends with its own
postmaster as the envelope sender, and each recipient is a row of its own (``C0R53T159010120``);
our key is the mail (``C0R53``).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from quarantine.backends import headers
from quarantine.backends.base import (
    Ability,
    BackendError,
    BackendUnavailable,
    Content,
    Fault,
    FoundItem,
    HeldItem,
    ItemGone,
    ItemUnreadable,
    NotSupported,
    ReleaseRefused,
    ReleaseUncertain,
    Sent,
    Shelf,
)
from quarantine.backends.https import Answer, AnswerLost, Server
from tracking.choices import QuarantineKind

KINDS = {
    "spam": QuarantineKind.SPAM,
    "virus": QuarantineKind.VIRUS,
    "attachment": QuarantineKind.ATTACHMENT,
}
# PMG keeps held mail 7 days unless told otherwise; what is older than this is not looked for.
LOOK_BACK_DAYS = 40
# These days are listed at every sync, the others once an hour.
FRESH_DAYS = 2
_TIMEOUT = 60.0
_MAX_LIST = 64 * 1024 * 1024
_MAX_HEADER = 1024 * 1024
_ID = re.compile(r"(C[0-9]{1,18}R[0-9]{1,18})T[0-9]{1,18}")
_FILE = re.compile(r"(?:[A-Za-z0-9]+/)*([0-9A-Fa-f]{10,40})")


class PmgApi:
    """A PMG and a login there (role qmanager, or audit to look only)."""

    abilities = frozenset({Ability.ALLOW_SENDER, Ability.BLOCK_SENDER})

    def __init__(self, server: Server, username: str, password_file: str) -> None:
        self.server = server
        self.username = username
        self.password_file = password_file
        self._ticket: tuple[str, str] | None = None
        self._listed: dict[str, list[dict[str, Any]]] = {}

    def shelves(self) -> Iterator[Shelf]:
        """A shelf for each kind and day (UTC), newest first."""
        today = datetime.now(tz=UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        for age in range(-1, LOOK_BACK_DAYS):
            day = today - timedelta(days=age)
            stamp = "" if age < FRESH_DAYS else str(int(time.time() // 3600))
            for kind in KINDS:
                yield Shelf(f"{kind} {day:%Y-%m-%d}", stamp)

    def keys(self, shelf: str) -> list[str]:
        kind, day = shelf.split(" ")
        start = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in self._list(kind, start, start + 86_400):
            rows.setdefault(_key(row), []).append(row | {"kind": kind})
        self._listed.update(rows)
        return list(rows)

    def describe(self, key: str) -> FoundItem:
        """Of the mail's list rows, and its header for the quarantine id."""
        rows = self._listed.pop(key, None)
        if not rows:
            raise ItemGone(f"{key} is not listed by PMG any more")
        first = rows[0]
        more = self._get("/quarantine/content", {"id": first["id"]}, _MAX_HEADER)
        header = headers.Header(_text(more.get("header"), 200_000).encode())
        file = _FILE.fullmatch(_text(more.get("file")))
        return FoundItem(
            key=key,
            kind=KINDS[first["kind"]],
            received_at=_instant(first.get("time")),
            envelope_sender=_text(first.get("envelope_sender")),
            recipients=tuple(dict.fromkeys(_text(row.get("receiver")) for row in rows)),
            size_bytes=_whole(first.get("bytes")),
            header_from=_text(first.get("from")),
            subject=_text(first.get("subject")),
            message_id=header.message_id(),
            score=_score(first.get("spamlevel")),
            virus=_text(first.get("virusname")).removesuffix(" (clamav)"),
            rules=_rules(more.get("spaminfo")),
            quarantine_id=file[1] if file else "",
            client_ip=header.client_ip(),
            data={
                "kind": first["kind"],
                "time": _whole(first.get("time")),
                "tickets": {_text(row.get("receiver")): row["id"] for row in rows},
            },
        )

    def read(self, item: HeldItem, limit: int) -> Content:
        ticket = next(iter(_tickets(item).values()))
        path = f"/quarantine/download?{urlencode({'mailid': ticket})}"
        answer = self._ask("GET", path, None, limit)
        if answer.status != 200:
            raise _failure(answer)
        raw = headers.without_fields(answer.body, frozenset({b"delivered-to", b"return-path"}))
        return Content(raw, len(raw), answer.is_cut)

    def release(
        self, item: HeldItem, recipients: Sequence[str], on_sending: Callable[[], None]
    ) -> list[Sent]:
        tickets = _tickets(item)
        if strangers := [name for name in recipients if name not in tickets]:
            raise ReleaseRefused(f"not {strangers[0]}", Fault.OWN_RECIPIENTS)
        listed = self._listed_ids(item)
        if not listed & set(tickets.values()):
            raise ItemGone("PMG does not list the mail any more: it was delivered or deleted")
        on_sending()
        answers: list[Sent] = []
        for recipient in recipients:
            answers.append(self._deliver(item, recipient, tickets[recipient], listed, answers))
        return answers

    def _deliver(
        self,
        item: HeldItem,
        recipient: str,
        ticket: str,
        listed: set[str],
        answers: list[Sent],
    ) -> Sent:
        if ticket not in listed:
            text = "PMG had delivered or deleted it before"
            return Sent(recipient, is_accepted=False, reply=text)
        try:
            failure = self._act("deliver", ticket)
        except AnswerLost as error:
            failure = error.detail
            is_known = False
        except BackendUnavailable as error:
            return Sent(recipient, is_accepted=False, reply=str(error))
        else:
            is_known = True
        try:
            is_listed = ticket in self._listed_ids(item)
        except BackendError as error:
            message = f"{failure or 'delivered'}; then: {error.detail}"
            raise ReleaseUncertain(message, answers) from error
        if not is_listed:
            return Sent(recipient, is_accepted=True, reply=f"PMG delivered it {failure}".strip())
        if not is_known:
            raise ReleaseUncertain(failure, answers)
        return Sent(recipient, False, failure or "PMG said yes and still holds it")  # noqa: FBT003

    def delete(self, item: HeldItem) -> None:
        for ticket in sorted(self._listed_ids(item) & set(_tickets(item).values())):
            if failure := self._act("delete", ticket):
                raise BackendUnavailable(failure)
        if self._listed_ids(item) & set(_tickets(item).values()):
            raise BackendUnavailable("PMG said yes and still holds the mail")

    def allow_sender(self, item: HeldItem, recipient: str) -> str:
        return self._list_sender("whitelist", item, recipient)

    def block_sender(self, item: HeldItem, recipient: str) -> str:
        return self._list_sender("blacklist", item, recipient)

    def _list_sender(self, name: str, item: HeldItem, recipient: str) -> str:
        if not item.envelope_sender:
            raise NotSupported("The null sender can't be on a list")
        fields = {"pmail": recipient.lower(), "address": item.envelope_sender}
        answer = self._ask("POST", f"/quarantine/{name}", fields, _MAX_HEADER)
        if answer.status != 200:
            raise _failure(answer)
        return f"{item.envelope_sender} is on PMG's {name} of {recipient}"

    def _act(self, action: str, ticket: str) -> str:
        """What PMG says against it, "" when it said yes (which proves nothing)."""
        fields = {"action": action, "id": ticket}
        answer = self._ask("POST", "/quarantine/content", fields, _MAX_HEADER)
        if answer.status == 200:
            return ""
        return f"PMG: {answer.status} {headers.clean(answer.reason)}"

    def _listed_ids(self, item: HeldItem) -> set[str]:
        """Which of the mail's rows PMG holds now."""
        kind, at = str(item.data.get("kind")), item.data.get("time")
        if kind not in KINDS or not isinstance(at, int):
            raise ItemGone(f"{item.key} is no mail of PMG's API")
        return {row["id"] for row in self._list(kind, at, at + 1)}

    def _list(self, kind: str, start: int, end: int) -> list[dict[str, Any]]:
        window = {"starttime": start, "endtime": end}
        rows = self._get(f"/quarantine/{kind}", window, _MAX_LIST)
        if not isinstance(rows, list):
            raise BackendUnavailable("PMG's list is no list")
        return [row for row in rows if isinstance(row, dict) and _ID.fullmatch(str(row.get("id")))]

    def _get(self, path: str, fields: dict[str, Any], limit: int) -> Any:
        answer = self._ask("GET", f"{path}?{urlencode(fields)}", None, limit)
        if answer.status != 200:
            raise _failure(answer)
        return _data(answer)

    def _ask(self, method: str, path: str, fields: dict[str, str] | None, limit: int) -> Answer:
        """With a ticket; a new one, once, when PMG takes the old one no longer."""
        is_new = self._ticket is None
        answer = self._ask_once(method, path, fields, limit)
        if answer.status == 401 and not is_new:
            self._ticket = None
            answer = self._ask_once(method, path, fields, limit)
        if answer.status in {401, 403}:
            message = f"PMG refuses {self.username}: {headers.clean(answer.reason)}"
            raise BackendUnavailable(message, Fault.LOGIN)
        return answer

    def _ask_once(
        self, method: str, path: str, fields: dict[str, str] | None, limit: int
    ) -> Answer:
        if self._ticket is None:
            self._ticket = self._log_in()
        ticket, token = self._ticket
        sent = {"Cookie": f"PMGAuthCookie={ticket}"}
        if method != "GET":
            sent["CSRFPreventionToken"] = token
        return self._send(method, path, fields, sent, limit)

    def _log_in(self) -> tuple[str, str]:
        try:
            password = Path(self.password_file).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            message = f"The password file can't be read: {error}"
            raise BackendUnavailable(message, Fault.SETTINGS) from error
        fields = {"username": self.username, "password": password}
        answer = self._send("POST", "/access/ticket", fields, {}, _MAX_HEADER)
        if answer.status != 200:
            message = f"PMG refuses {self.username}: {answer.status}"
            raise BackendUnavailable(message, Fault.LOGIN)
        data = _data(answer)
        found = (data.get("ticket"), data.get("CSRFPreventionToken")) if data else (None, None)
        if not all(isinstance(part, str) and part.isprintable() and part for part in found):
            message = "PMG wants more than a password (a second factor?)"
            raise BackendUnavailable(message, Fault.LOGIN)
        return str(found[0]), str(found[1])

    def _send(
        self,
        method: str,
        path: str,
        fields: dict[str, str] | None,
        sent: dict[str, str],
        limit: int,
    ) -> Answer:
        body = urlencode(fields).encode() if fields is not None else None
        if body is not None:
            sent = sent | {"Content-Type": "application/x-www-form-urlencoded"}
        return self.server.ask(
            method,
            f"/api2/json{path}",
            body=body,
            headers=sent,
            timeout=_TIMEOUT,
            limit=limit,
        )


def _data(answer: Answer) -> Any:
    if answer.is_cut:
        raise BackendUnavailable("PMG's answer is too large")
    try:
        return json.loads(answer.body)["data"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BackendUnavailable("PMG's answer is not what its API says") from error


def _failure(answer: Answer) -> BackendError:
    text = f"PMG: {answer.status} {headers.clean(answer.reason)}"
    if "no such mail" in answer.reason:
        return ItemGone(text)
    if "No such file" in answer.reason or "unable to open" in answer.reason:
        return ItemUnreadable(text)
    return BackendUnavailable(text)


def _key(row: dict[str, Any]) -> str:
    match = _ID.fullmatch(row["id"])
    return match[1] if match else ""


def _tickets(item: HeldItem) -> dict[str, str]:
    """PMG's row of each recipient. Raises ItemGone for a mail of another kind of source."""
    rows = item.data.get("tickets")
    pairs = rows.items() if isinstance(rows, dict) else ()
    found = {name: ticket for name, ticket in pairs if _ID.fullmatch(str(ticket))}
    if not found:
        raise ItemGone(f"{item.key} is no mail of PMG's API")
    return found


def _text(value: Any, limit: int = headers.MAX_TEXT) -> str:
    if limit > headers.MAX_TEXT:
        return value[:limit] if isinstance(value, str) else ""
    return headers.clean(value, limit) if isinstance(value, str) else ""


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 2**53 else 0


def _score(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) < 1e9 else None


def _instant(value: Any) -> datetime:
    now = datetime.now(tz=UTC)
    return datetime.fromtimestamp(min(_whole(value), now.timestamp()), tz=UTC)


def _rules(value: Any) -> tuple[str, ...]:
    rows = value if isinstance(value, list) else []
    names = [_text(row.get("name"), 100) for row in rows[:200] if isinstance(row, dict)]
    return tuple(name for name in names if name)

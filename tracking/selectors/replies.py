"""Replies by their text or their reason: distinct templates are few, so all are looked through."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from tracking.choices import Disposition, QuarantineKind, RejectionKind
from tracking.ingest.store.dictionaries import HOLE, split_reply
from tracking.reasons import (
    CODES_WITHOUT_REPLY,
    LOGIN_CODE,
    READS_REJECTION,
    READS_REPLY,
    is_acceptance,
    reason_code,
    rejection_code,
)
from tracking.selectors.conditions import all_of, ended, like
from tracking.selectors.keyset import NEVER, Condition, either

_TEMPLATES = "SELECT id, template FROM tracking_reply"
_WITH_TEXT = "SELECT id, template FROM tracking_reply WHERE template ILIKE %s"
_NOT_DELIVERED = Condition("d.disposition <> 1")
_BLANKS = f" {HOLE}"


def with_reply(text: str) -> Condition:
    """Rows whose smtp_reply has this text, as written in the log, upper or lower case.

    The text is taken apart as replies are. Text that is only of words that change (an id, a host
    name) is looked for in what was not delivered: a delivered mail is found by its queue id. So is
    text that no delivered mail can have.
    """
    template, words = split_reply(" ".join(text.split()))
    conditions = [
        Condition("d.reply_words ILIKE %s", (f"%{like(word)}%",))
        for word in words.split("\x1f")
        if word
    ]
    if fixed := template.strip(_BLANKS):
        templates = _rows(_WITH_TEXT, [f"%{like(fixed)}%"])
        ids = [row for row, _ in templates]
        conditions.append(Condition("d.reply_id = ANY(%s)", (ids,)) if ids else NEVER)
        if not any(is_acceptance(text) for _, text in templates):
            conditions.append(_NOT_DELIVERED)
    else:
        conditions.append(_NOT_DELIVERED)
    return all_of(conditions)


def for_reasons(codes: Collection[str]) -> Condition:
    """Rows that ended for one of these reasons (tracking.reasons)."""
    said = [word for word, code in CODES_WITHOUT_REPLY.items() if code in codes]
    kinds = [
        kind.value
        for kind in QuarantineKind
        if reason_code(Disposition.QUARANTINED, kind, "") in codes
    ]
    conditions = [ended(said)] if said else []
    if kinds:
        of_kind = Condition("d.quarantine_kind = ANY(%s)", (kinds,))
        conditions.append(all_of([ended([Disposition.QUARANTINED]), of_kind]))
    templates = _rows(_TEMPLATES, [])
    conditions += [_for_reply(word, codes, templates) for word in sorted(READS_REPLY)]
    return either(conditions)


def for_rejection_reasons(codes: Collection[str]) -> Condition:
    """Rejections for one of these reasons: by their kind, but for those that the reply tells."""
    said = [kind.value for kind in RejectionKind if rejection_code(kind, "") in codes]
    read = [kind.value for kind in READS_REJECTION]
    templates = _rows(_TEMPLATES, [])
    logins = [row for row, text in templates if rejection_code(read[0], text) == LOGIN_CODE]
    conditions = []
    if LOGIN_CODE in codes:
        conditions.append(Condition("j.kind = ANY(%s) AND j.reply_id = ANY(%s)", (read, logins)))
    if said:
        other = "(j.kind <> ALL(%s) OR j.reply_id IS NULL OR j.reply_id <> ALL(%s))"
        conditions.append(Condition(f"j.kind = ANY(%s) AND {other}", (said, read, logins)))
    return either(conditions)


def _for_reply(
    word: Disposition, codes: Collection[str], templates: list[tuple[int, str]]
) -> Condition:
    """Rows with this ending and a template that tells one of the codes; by the shorter list."""
    fitting: list[int] = []
    others: list[int] = []
    for row_id, template in templates:
        fits = reason_code(word, 0, template) in codes
        (fitting if fits else others).append(row_id)
    is_without = reason_code(word, 0, "") in codes
    if not (fitting or is_without):
        return NEVER
    if len(fitting) <= len(others) or not is_without:
        reply = Condition("d.reply_id = ANY(%s)", (fitting,))
        if is_without:
            reply = either([reply, Condition("d.reply_id IS NULL")])
    else:
        reply = Condition("(d.reply_id IS NULL OR d.reply_id <> ALL(%s))", (others,))
    return all_of([ended([word]), reply])


def _rows(query: str, values: list[str]) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())

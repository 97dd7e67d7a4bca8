"""Numbered system checks of the quarantine's settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

_KINDS = {"spam", "virus", "attachment", "banned", "other"}


@register()
def check_quarantine(
    app_configs: Sequence[AppConfig] | None, **_options: object
) -> list[CheckMessage]:
    """quarantine.E001 to E004."""
    return list(_errors())


def _errors() -> Iterator[CheckMessage]:
    unknown = set(settings.QUARANTINE_KEEP_DAYS) - _KINDS
    if unknown or any(days < 0 for days in settings.QUARANTINE_KEEP_DAYS.values()):
        hint = "Use for example spam=14,virus=30."
        yield Error("QUARANTINE_KEEP_DAYS makes no sense.", hint=hint, id="quarantine.E001")
    if set(settings.QUARANTINE_DIGEST_KINDS) - (_KINDS - {"virus"}):
        hint = "Use words of spam, attachment, banned, other."
        yield Error("QUARANTINE_DIGEST_KINDS makes no sense.", hint=hint, id="quarantine.E002")
    languages = {code for code, _name in settings.LANGUAGES}
    if settings.QUARANTINE_DIGEST_LANGUAGE not in languages:
        hint = f"Use one of {', '.join(sorted(languages))}."
        yield Error("QUARANTINE_DIGEST_LANGUAGE is none of ours.", hint=hint, id="quarantine.E003")
    has_all = settings.SENDS_MAIL and settings.PUBLIC_URL.startswith(("https://", "http://"))
    if settings.QUARANTINE_DIGEST_DOMAINS and not has_all:
        hint = "Set EMAIL_URL and PUBLIC_URL, or empty QUARANTINE_DIGEST_DOMAINS."
        yield Error("Digests can't be sent.", hint=hint, id="quarantine.E004")

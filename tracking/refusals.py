"""What to tell a caller whose mail was refused at the door."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from tracking.answers import CallerText, in_each_language, time_words
from tracking.selectors.rejections import FoundRejection


def refusal_texts(rejection: FoundRejection) -> list[CallerText]:
    """One text for each language of the site."""
    return in_each_language(lambda: _text(rejection))


def _text(rejection: FoundRejection) -> str:
    reason = rejection.why
    sender = rejection.envelope_sender
    values = {
        "sender": _("an unknown sender") if sender is None else sender or "<>",
        "recipient": rejection.recipient or _("an unknown recipient"),
        "time": time_words(rejection.time),
        "zone": settings.SITE_TIME_ZONE,
        "client": " ".join(
            part for part in (rejection.client_hostname, f"[{rejection.client_ip or '–'}]") if part
        ),
    }
    parts = [
        _("Mail from %(sender)s to %(recipient)s, refused on %(time)s (%(zone)s)") % values,
        str(reason.paragraph),
        _("It came from the server %(client)s.") % values,
    ]
    if rejection.reason:
        words = f"{rejection.code or ''} {rejection.dsn} {rejection.reason}".strip()
        parts.append(_("Exact words of our server: %(words)s") % {"words": words})
    parts.append(_("Who must act: %(actor)s") % {"actor": reason.actor.label})
    parts.append(_("Reference: %(ids)s") % {"ids": f"{rejection.host} {rejection.key}"})
    return "\n\n".join(parts)

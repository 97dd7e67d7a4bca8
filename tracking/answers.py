"""The answer for one recipient: what we did, what the other side did, why; and a text to send.

Facts of a story in sentences, in the language of the moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracking.choices import Direction, Disposition, RelayRole
from tracking.reasons import Reason, Speaker, speaker_of
from tracking.retries import Outlook
from tracking.selectors.journey import Journey
from tracking.selectors.story import Story, StoryDelivery

Sentence = str | Promise

# What we did after we had taken it. The relay is named where the mail left us.
_DEEDS: dict[Disposition, Sentence] = {
    Disposition.DELIVERED: gettext_lazy("Handed it over on %(time)s to %(relay)s."),
    Disposition.DEFERRED: gettext_lazy("Tried to deliver it, last on %(time)s; we try again."),
    Disposition.BOUNCED: gettext_lazy("Tried to deliver it on %(time)s, and told the sender."),
    Disposition.EXPIRED: gettext_lazy(
        "Tried to deliver it until %(time)s, gave up, and told the sender."
    ),
    Disposition.QUEUED: gettext_lazy("Have it in our queue."),
    Disposition.REJECTED: gettext_lazy("Refused it at the door."),
    Disposition.GREYLISTED: gettext_lazy("Asked the sending server to come back later."),
    Disposition.BLOCKED: gettext_lazy("Stopped it in our filter."),
    Disposition.QUARANTINED: gettext_lazy("Put it in quarantine."),
    Disposition.HELD: gettext_lazy("Put it on hold."),
    Disposition.DISCARDED: gettext_lazy("Threw it away by a rule."),
    Disposition.DELETED: gettext_lazy("Deleted it by hand."),
    Disposition.LOST: gettext_lazy("Our log ends here."),
}
_STORED = gettext_lazy("Put it into the mailbox on %(time)s.")
_TAKEN: dict[Disposition, Sentence] = {
    Disposition.DELIVERED: gettext_lazy("Took the mail and answered:"),
    Disposition.DEFERRED: gettext_lazy("Has not taken the mail yet; it answered:"),
    Disposition.BOUNCED: gettext_lazy("Refused the mail and answered:"),
    Disposition.EXPIRED: gettext_lazy("Did not take the mail; its last answer:"),
}
_UNREACHED: dict[Disposition, Sentence] = {
    Disposition.DELIVERED: gettext_lazy("Nothing: the mail stayed with us. Our server notes:"),
    Disposition.DEFERRED: gettext_lazy("Has not answered. Our server notes:"),
    Disposition.BOUNCED: gettext_lazy("Was not asked. Our server notes:"),
    Disposition.EXPIRED: gettext_lazy("Did not answer until the end. Our server notes:"),
}
# The reply to other mail is a filter's that kept it, and the filter's verdict says more.
_ANSWERED = frozenset({*_TAKEN, Disposition.REJECTED, Disposition.GREYLISTED})
_LOCAL = gettext_lazy("Nothing: the mail was with our own filter or mail store, which answered:")
_NOTHING = gettext_lazy("Nothing: the mail has not left us.")
_UNSAID = gettext_lazy("The log does not say.")
_REFUSED = gettext_lazy("Nothing: we did not take the mail. We answered:")


@dataclass(frozen=True, slots=True)
class Answer:
    """Three facts apart; ``words`` are exact, as ``other_side`` says whose ("" for nobody's).

    ``last`` is the delivery that all is said of: after a release from quarantine, the release's.
    """

    delivery: StoryDelivery
    last: StoryDelivery
    reason: Reason
    accepted: str
    deed: str
    attempts: str
    other_side: str
    words: str
    peer: str
    owner: str
    outlook: str


def answer_for(story: Story, delivery: StoryDelivery) -> Answer:
    """In the language and the time zone of the moment."""
    released = story.released(delivery)
    at, last = released if released is not None else (None, delivery)
    deeds = [_deed(last)]
    if at is not None:
        deeds = [_deed(delivery), _("Released it on %(time)s.") % {"time": time_words(at)}, *deeds]
    word, count = Disposition(last.disposition), last.attempts
    return Answer(
        delivery,
        last,
        last.reason,
        _accepted(story),
        " ".join(deeds),
        ngettext("%(n)s attempt", "%(n)s attempts", count) % {"n": count} if count > 1 else "",
        str(_other_side(word, last)),
        last.smtp_reply if word in _ANSWERED else "",
        last.relay if _has_peer(word, last) else "",
        _owner(story, last),
        _outlook(last.outlook),
    )


def _deed(delivery: StoryDelivery) -> str:
    values = {"time": time_words(delivery.last_attempt_at), "relay": delivery.relay or "–"}
    is_stored = delivery.reason.code == "DELIVERED_LOCAL"
    deed = _STORED if is_stored else _DEEDS[Disposition(delivery.disposition)]
    return str(deed) % values


def _owner(story: Story, delivery: StoryDelivery) -> str:
    """That the recipient is one of our own, and where his mail comes in; "" of everybody else."""
    if delivery.reason.code == "DELIVERED_LOCAL":
        return _("The recipient's mailbox is our own.")
    entries = [hop.host for hop in story.hops if hop.role == RelayRole.MX]
    if story.message.direction != Direction.INBOUND:
        return ""
    if not entries:
        return _("The recipient is one of our own.")
    return _("The recipient is one of our own: his mail comes in on our MX %(host)s.") % {
        "host": entries[0]
    }


def _outlook(outlook: Outlook | None) -> str:
    """Of mail that waits: the next try, and the end of trying."""
    now = timezone.now()
    if outlook is None or outlook.gives_up_at < now:
        return ""
    end = _("If it cannot be delivered by %(time)s, our server gives up and tells the sender.")
    end %= {"time": time_words(outlook.gives_up_at)}
    if outlook.next_try_at < now:
        return f"{_('The next try is due.')} {end}"
    expected = _("The next try is to be expected about %(time)s.")
    return f"{expected % {'time': time_words(outlook.next_try_at)}} {end}"


def _accepted(story: Story) -> str:
    message = story.message
    client = message.client_hostname or message.client_ip
    values = {"time": time_words(message.received_at), "host": message.host, "client": client}
    if not client:
        return _("Took it on %(time)s on %(host)s.") % values
    return _("Took it on %(time)s from %(client)s on %(host)s.") % values


def _other_side(word: Disposition, delivery: StoryDelivery) -> Sentence:
    if word in {Disposition.REJECTED, Disposition.GREYLISTED} and delivery.smtp_reply:
        return _REFUSED
    if word not in _TAKEN:
        return _NOTHING
    if not delivery.smtp_reply:
        return _UNSAID
    if delivery.reason.code == "DELIVERED_LOCAL":
        return _UNREACHED[Disposition.DELIVERED]
    speaker = speaker_of(delivery.smtp_reply)
    if speaker is Speaker.REMOTE:
        return _TAKEN[word]
    return _UNREACHED[word] if speaker is Speaker.POSTFIX else _LOCAL


def _has_peer(word: Disposition, delivery: StoryDelivery) -> bool:
    """Whether the relay is worth naming: most refusals name it themselves."""
    is_named = delivery.smtp_reply.startswith("host ")
    return word in _TAKEN and delivery.relay not in {"", "none"} and not is_named


def time_words(moment: datetime | None) -> str:
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    return f"{date_format(local, 'j F Y')} {local:%H:%M:%S}"


@dataclass(frozen=True, slots=True)
class CallerText:
    """What to read aloud or to mail, in one language."""

    language: str
    name: str
    text: str


def caller_texts(story: Story, delivery: StoryDelivery, journey: Journey) -> list[CallerText]:
    """One text for each language of the site, whatever the language of the page is."""
    return in_each_language(lambda: _caller_text(story, delivery, journey))


def in_each_language(tell: Callable[[], str]) -> list[CallerText]:
    """What ``tell`` says in each language of the site."""
    texts = []
    for code, name in settings.LANGUAGES:
        with translation.override(code):
            texts.append(CallerText(code, name, tell()))
    return texts


def _word(answer: Answer) -> str:
    """How it ended; of a mail that left quarantine, both endings."""
    word = str(Disposition(answer.last.disposition).label)
    if answer.last is answer.delivery:
        return word
    return _("%(held)s, then released: %(word)s") % {
        "held": Disposition(answer.delivery.disposition).label,
        "word": word,
    }


def _caller_text(story: Story, delivery: StoryDelivery, journey: Journey) -> str:
    answer = answer_for(story, delivery)
    message = story.message
    values = {
        "sender": message.envelope_sender or _("the mail system (a notification)"),
        "recipient": delivery.original_recipient or delivery.recipient or "–",
        "time": time_words(message.received_at),
        "zone": settings.SITE_TIME_ZONE,
    }
    parts = [
        _("Mail from %(sender)s to %(recipient)s, received on %(time)s (%(zone)s)") % values,
        f"{_word(answer)}. {answer.reason.paragraph}",
    ]
    if answer.outlook:
        parts.append(answer.outlook)
    if answer.words:
        said = {"words": answer.words, "peer": answer.peer}
        named = (
            _("Exact words of %(peer)s: %(words)s") if answer.peer else _("Exact words: %(words)s")
        )
        parts.append(named % said)
    parts.append(_("Who must act: %(actor)s") % {"actor": answer.reason.actor.label})
    ids = ", ".join(f"{step.hop.queue_id} ({step.hop.host})" for step in journey.steps)
    parts.append(_("Reference: %(ids)s") % {"ids": f"{message.message_id} {ids}".strip()})
    return "\n\n".join(parts)

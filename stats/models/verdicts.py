"""What content filters decided about mail (of kind mail)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from stats.models.base import OfDay, OfHour, OfMonth, key, reference
from tracking.choices import Direction
from tracking.models import Name


class VerdictSubject(models.IntegerChoices):
    VIRUS = 1, _("Virus")
    RULE = 2, _("Filter rule")


class VerdictFigures(models.Model):
    """Recipients (and their mails) with a verdict that names this virus or rule."""

    direction = models.SmallIntegerField(choices=Direction.choices)
    subject = models.SmallIntegerField(choices=VerdictSubject.choices)
    name = reference(Name)
    messages = models.IntegerField()
    recipients = models.IntegerField()

    class Meta:
        abstract = True


class VerdictHour(OfHour, VerdictFigures):
    """Viruses and rules of an hour."""

    class Meta:
        constraints = (key("verdict_hour_key", "hour", "direction", "subject", "name"),)


class VerdictDay(OfDay, VerdictFigures):
    """The sums of VerdictHour."""

    class Meta:
        constraints = (key("verdict_day_key", "day", "direction", "subject", "name"),)


class VerdictMonth(OfMonth, VerdictFigures):
    """The sums of VerdictDay."""

    class Meta:
        constraints = (key("verdict_month_key", "month", "direction", "subject", "name"),)


class ScoreFigures(models.Model):
    """Recipients by spam score: ``score`` 3 is from 3.0 up to, not including, 4.0.

    The ends of stats.buckets.SCORES hold all that is beyond them.
    """

    direction = models.SmallIntegerField(choices=Direction.choices)
    score = models.SmallIntegerField()
    messages = models.IntegerField()
    recipients = models.IntegerField()

    class Meta:
        abstract = True


class ScoreHour(OfHour, ScoreFigures):
    """Scores of an hour."""

    class Meta:
        constraints = (key("score_hour_key", "hour", "direction", "score"),)


class ScoreDay(OfDay, ScoreFigures):
    """The sums of ScoreHour."""

    class Meta:
        constraints = (key("score_day_key", "day", "direction", "score"),)


class ScoreMonth(OfMonth, ScoreFigures):
    """The sums of ScoreDay."""

    class Meta:
        constraints = (key("score_month_key", "month", "direction", "score"),)

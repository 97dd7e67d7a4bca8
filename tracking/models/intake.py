"""Intake: where lines come from, and the raw lines themselves."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.choices import SourceKind


class LogSource(models.Model):
    """A file, a directory of rotated files, an HTTP push or a stream.

    ``carry`` is what the correlator keeps between two segments (SMTP sessions, filter sessions
    and pieces of lines), as JSON; it is written in the transaction that stores a segment's rows.
    ``hosts`` wrote its lines so far. ``failure`` names the error that keeps the next segment from
    being processed, "" for none.
    """

    name = models.CharField(_("name"), max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=SourceKind.choices)
    path = models.TextField(_("path"), blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    year = models.PositiveSmallIntegerField(_("year of the first line"), null=True, blank=True)
    token_digest = models.CharField(_("token digest"), max_length=64, blank=True, editable=False)
    is_followed = models.BooleanField(_("followed"), default=False)
    next_number = models.PositiveIntegerField(default=1, editable=False)
    next_to_process = models.PositiveIntegerField(default=1, editable=False)
    last_line_at = models.DateTimeField(_("last line"), null=True, blank=True, editable=False)
    last_received_at = models.DateTimeField(_("last received"), null=True, editable=False)
    carry = models.JSONField(default=dict, editable=False)
    hosts = ArrayField(models.TextField(), default=list, editable=False)
    allowed_hosts = ArrayField(
        models.CharField(max_length=255),
        default=list,
        blank=True,
        verbose_name=_("allowed hosts"),
        help_text=_("The only host names of its lines, with commas between; empty: up to 200."),
    )
    failure = models.CharField(max_length=200, default="", blank=True, editable=False)
    line_count = models.BigIntegerField(_("lines"), default=0, editable=False)
    invalid_count = models.BigIntegerField(_("invalid lines"), default=0, editable=False)
    unsupported_count = models.BigIntegerField(_("unsupported lines"), default=0, editable=False)

    class Meta:
        ordering = ("name",)
        verbose_name = _("log source")
        verbose_name_plural = _("log sources")

    def __str__(self) -> str:
        return self.name


class LogFile(models.Model):
    """One file as it was read, known by its content and not by its name.

    ``head_digest`` is the SHA-256 of the first ``head_size`` bytes, ``tail_digest`` that of the
    last 1024 bytes (or fewer) before ``offset``: a rotated, compressed or copied file matches both.
    """

    source = models.ForeignKey(LogSource, on_delete=models.CASCADE, related_name="files")
    path = models.TextField()
    inode = models.BigIntegerField(default=0)
    head_size = models.PositiveIntegerField(default=0)
    head_digest = models.CharField(max_length=64, blank=True)
    tail_digest = models.CharField(max_length=64, blank=True)
    offset = models.BigIntegerField(default=0)
    modified_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            # Has this content been read before, under whatever name.
            models.Index(fields=("head_digest",), name="log_file_head"),
        )

    def __str__(self) -> str:
        return self.path


class LogSegment(models.Model):
    """A numbered run of raw lines of one LogSource: the unit of intake, replay and evidence.

    ``content`` is the exact bytes, compressed with zstd. ``number`` counts up from 1 without a
    gap in each source; ``sequence`` is the sender's own number of a pushed segment.
    """

    source = models.ForeignKey(LogSource, on_delete=models.CASCADE, related_name="segments")
    number = models.PositiveIntegerField()
    sequence = models.CharField(max_length=100, null=True)  # noqa: DJ001 (null is "none given")
    file = models.ForeignKey(LogFile, on_delete=models.SET_NULL, null=True)
    start_offset = models.BigIntegerField(default=0)
    raw_size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    received_at = models.DateTimeField()
    reference_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    line_count = models.PositiveIntegerField(default=0)
    invalid_count = models.PositiveIntegerField(default=0)
    unsupported_count = models.PositiveIntegerField(default=0)
    first_line_at = models.DateTimeField(null=True)
    last_line_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("source", "number"), name="log_segment_number"),
            models.UniqueConstraint(fields=("source", "sequence"), name="log_segment_sequence"),
        )
        indexes = (
            # The next segment to process; empty when nothing waits.
            models.Index(
                fields=("source", "number"),
                name="log_segment_waiting",
                condition=models.Q(processed_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.source_id}:{self.number}"


class UnsupportedShape(models.Model):
    """Lines that no parser knows, counted by program and shape, with one example each."""

    source = models.ForeignKey(LogSource, on_delete=models.CASCADE, related_name="shapes")
    program = models.CharField(max_length=100)
    shape = models.CharField(max_length=200)
    example = models.TextField()
    line_count = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("source", "program", "shape"), name="unsupported_shape_key"
            ),
        )

    def __str__(self) -> str:
        return f"{self.program}: {self.shape}"

"""What a preview holds: plain text, sanitised HTML, and a list of what was not shown.

Every text here has its control and direction characters made visible; none is HTML but
``HtmlPart.body``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Cut(StrEnum):
    """Why something of the mail is not in the preview."""

    MAIL_BYTES = "mail_bytes"
    DEPTH = "depth"
    PARTS = "parts"
    BOUNDARY = "boundary"
    HEADERS = "headers"
    HEADER_BYTES = "header_bytes"
    TEXT = "text"
    HTML = "html"
    HTML_PARTS = "html_parts"
    HTML_ELEMENTS = "html_elements"
    HTML_FAILED = "html_failed"
    DECODED_BYTES = "decoded_bytes"
    IMAGES = "images"
    FAILED = "failed"


class Warn(StrEnum):
    """What a careful reader should know of a header or an attachment."""

    REPEATED = "repeated"
    HIDDEN_CHARACTERS = "hidden_characters"
    MIXED_SCRIPTS = "mixed_scripts"
    EXECUTABLE = "executable"
    DISGUISED = "disguised"
    DOUBLE_EXTENSION = "double_extension"


@dataclass(frozen=True, slots=True)
class CutNote:
    """Something was cut; ``limit`` is what the limit allows, 0 where there is no number."""

    kind: Cut
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Header:
    """One header line as it came, unfolded and decoded."""

    name: str
    value: str
    warnings: tuple[Warn, ...] = ()


@dataclass(frozen=True, slots=True)
class TextPart:
    """Plain text; ``path`` is the place in the MIME tree such as ``1.2``."""

    path: str
    text: str
    charset: str


@dataclass(frozen=True, slots=True)
class HtmlPart:
    """Sanitised HTML without any address a browser would fetch, and the same as text.

    ``removed`` counts what was dropped by kind: script, handler, form, frame, redirect.
    ``remote`` counts pictures that would have been fetched, ``inline`` those the mail brings along.
    """

    path: str
    body: str
    text: str
    removed: dict[str, int]
    remote: int
    inline: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is listed and never opened; ``sha256`` of the decoded bytes, empty when cut."""

    path: str
    name: str
    declared_type: str
    real_type: str
    size_bytes: int
    sha256: str
    warnings: tuple[Warn, ...] = ()

    @property
    def is_dangerous(self) -> bool:
        """It runs when opened, or is not what it says: it is given away in a locked zip only."""
        return bool({Warn.EXECUTABLE, Warn.DISGUISED} & set(self.warnings))


@dataclass(frozen=True, slots=True)
class Preview:
    """All that is shown of one mail."""

    size_bytes: int
    headers: list[Header] = field(default_factory=list)
    texts: list[TextPart] = field(default_factory=list)
    pages: list[HtmlPart] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    cuts: list[CutNote] = field(default_factory=list)

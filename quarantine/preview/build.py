"""Bytes of a mail → Preview. Nothing is executed, fetched, unpacked or rendered here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from quarantine.preview.attached import describe, take_uuencoded
from quarantine.preview.charsets import decode
from quarantine.preview.headers import decode_words, parse_parameters, shown_headers
from quarantine.preview.html import sanitise
from quarantine.preview.limits import DEFAULT, Limits
from quarantine.preview.model import Attachment, Cut, Header, HtmlPart, Preview, TextPart
from quarantine.preview.pictures import Pictures
from quarantine.preview.structure import Entity, Reading, read_mail
from quarantine.preview.visible import visible_text


@dataclass(slots=True)
class _Sorted:
    """The parts of one mail by what is done with them."""

    headers: list[Header] = field(default_factory=list)
    texts: list[TextPart] = field(default_factory=list)
    html: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


def build_preview(
    raw: bytes,
    *,
    with_images: bool = False,
    with_html: bool = True,
    limits: Limits = DEFAULT,
) -> Preview:
    """What may be shown of a mail; what is over a limit is left out and told in ``cuts``.

    Takes time that the mail can choose: see ``isolation``. Pictures are only those the mail brings.
    """
    reading = Reading(limits)
    pictures = Pictures(reading)
    found = _sort(read_mail(raw, reading), reading, pictures if with_images else None)
    if not with_html and found.html:
        reading.cut(Cut.HTML_FAILED)
    pages = list(_pages(found.html, pictures, reading)) if with_html else []
    return Preview(
        len(raw), found.headers, found.texts, pages, found.attachments, [*reading.cuts.values()]
    )


def _sort(parts: Iterator[Entity], reading: Reading, pictures: Pictures | None) -> _Sorted:
    found = _Sorted(headers=shown_headers(next(parts).headers))
    for part in parts:
        content_type, parameters = part.content()
        disposition, named = parse_parameters(part.header(b"content-disposition"), reading.limits)
        name = named.get("filename") or parameters.get("name", "")
        data = part.decoded(reading)
        if content_type.startswith("multipart/") and part.depth < reading.limits.depth:
            content_type = "text/plain"
        is_shown = disposition != "attachment" and data is not None
        if is_shown and data is not None and content_type in ("text/plain", "text/html"):
            text, charset = decode(data, parameters.get("charset", ""))
            path = part.path or "1"
            if content_type == "text/html":
                found.html.append((path, text))
            else:
                _add_text(found, path, text, charset, reading)
        else:
            size = part.end - part.start if data is None else len(data)
            declared = _declared(part, content_type)
            place = part.path or "1"
            found.attachments.append(describe(place, name, declared, data, size, reading.limits))
            if pictures is not None and data is not None:
                pictures.add(part.header(b"content-id").strip("<> "), data)
    return found


def _declared(part: Entity, content_type: str) -> str:
    """The type as the part says it, even if it is none."""
    given = decode_words(part.header(b"content-type")).partition(";")[0].strip()
    return given[:100].lower() if given else content_type


def _add_text(found: _Sorted, path: str, text: str, charset: str, reading: Reading) -> None:
    text, files = take_uuencoded(text.replace("\r\n", "\n"), path, reading.limits)
    found.attachments.extend(files)
    left = reading.limits.text - sum(len(part.text) for part in found.texts)
    if len(text) > left:
        reading.cut(Cut.TEXT, reading.limits.text)
        text = text[: max(left, 0)]
    if text.strip():
        found.texts.append(TextPart(path, visible_text(text), charset))


def _pages(html: list[tuple[str, str]], pictures: Pictures, reading: Reading) -> Iterator[HtmlPart]:
    if len(html) > reading.limits.html_parts:
        reading.cut(Cut.HTML_PARTS, reading.limits.html_parts)
    for path, text in html[: reading.limits.html_parts]:
        page = sanitise(text, path, pictures, reading)
        if page.body.strip():
            yield page

"""Mails of a few parts, as bytes: no library that would refuse to write them."""

from __future__ import annotations

import base64

# Every way a script could tell that it ran: a dialog, a request, another title.
RAN = "alert(1);fetch('https://beacon.example/ran');document.title='ran'"
BEACON = "https://beacon.example"
HEAD = b"From: Mallory <mallory@evil.example>\nTo: bob@example.com\nSubject: hello\n"


def html(body: str, charset: str = "utf-8") -> bytes:
    """A mail of one HTML part."""
    return html_bytes(body.encode(), charset)


def html_bytes(body: bytes, charset: str = "utf-8") -> bytes:
    return b"%bContent-Type: text/html; charset=%b\n\n%b\n" % (HEAD, charset.encode(), body)


def text(body: str | bytes) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    return b"%bContent-Type: text/plain; charset=utf-8\n\n%b\n" % (HEAD, data)


def multipart(*parts: bytes, kind: str = "mixed", head: bytes = HEAD, boundary: str = "b") -> bytes:
    """Parts, each with its headers, in one multipart."""
    mark = boundary.encode()
    joined = b"".join(b"--%b\n%b\n" % (mark, part) for part in parts)
    return b"%bContent-Type: multipart/%b; boundary=%b\n\n%b--%b--\n" % (
        head, kind.encode(), mark, joined, mark,
    )  # fmt: skip


def part(content_type: str, body: bytes, *lines: str) -> bytes:
    """A part with further header lines."""
    head = "\n".join([f"Content-Type: {content_type}", *lines])
    return head.encode() + b"\n\n" + body


def attached(name: str, data: bytes, content_type: str = "application/octet-stream") -> bytes:
    """A part in base64 with a file name."""
    return part(
        content_type,
        base64.encodebytes(data),
        f"Content-Disposition: attachment; filename={name}",
        "Content-Transfer-Encoding: base64",
    )

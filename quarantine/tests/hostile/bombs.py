"""Mails made to cost: time, memory, room on the page."""

from __future__ import annotations

import base64
import struct
import zlib

from quarantine.tests.hostile.making import HEAD, html, multipart, part, text


def _nested_mails(depth: int) -> bytes:
    mail = text("innermost")
    for _ in range(depth):
        mail = HEAD + b"Content-Type: message/rfc822\n\n" + mail
    return multipart(part("message/rfc822", mail))


def _nested_multiparts(depth: int) -> bytes:
    mail = part("text/plain", b"innermost")
    for level in range(depth):
        mail = multipart(mail, head=b"", boundary=f"b{level}-")
    return HEAD + mail


def _picture(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that asks for width x height pixels."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


MAILS: dict[str, bytes] = {
    "mails inside mails, 50 deep": _nested_mails(50),
    "multiparts inside multiparts, 1000 deep": _nested_multiparts(1000),
    "10,000 parts": multipart(*[part("text/plain", b"x")] * 10_000),
    "100,000 boundary lines": multipart() + b"--b\n" * 100_000,
    "header of 1 MB": text("x").replace(b"hello", b"A" * 1_000_000),
    "folded header of 1 MB": text("x").replace(b"hello", b"A\n " * 333_000),
    "100,000 header lines": b"X: y\n" * 100_000 + text("x"),
    "200,000 recipients": text("x").replace(b"bob@example.com", b"a@example.com," * 200_000),
    "10,000 encoded words": text("x").replace(b"hello", b"=?utf-8?b?4oCu?= " * 10_000),
    "parameters without end": multipart(part("text/plain" + "; a*1*=%41" * 50_000, b"x")),
    "quotes without end": multipart(part('text/plain; name="' + "\\" * 100_000, b"x")),
    "base64 of 8 MB": multipart(part("application/zip", base64.encodebytes(b"\0" * 6_000_000),
                                     "Content-Transfer-Encoding: base64")),
    "quoted-printable of 4 MB": text(b"=41" * 1_400_000).replace(
        b"Content-Type", b"Content-Transfer-Encoding: quoted-printable\nContent-Type"),
    "text of 5 MB in one line": text("x" * 5_000_000),
    "100,000 lines": text("\n" * 100_000),
    "zip bomb": multipart(part("application/zip", b"PK\x03\x04" + b"\0" * 10_000)),
    "table of 100,000 cells": html("<table>" + "<tr><td>x</td></tr>" * 100_000 + "</table>"),
    "spans of a million": html('<table><tr><td colspan=1000000 rowspan=65534>x</td></tr></table>'
                               '<ol start=2147483647><li>x</ol>'),
    "20,000 tags inside each other": html("<div>" * 20_000 + "x"),
    "formatting that multiplies": html("".join(f"<font x={n}><b x={n}>" for n in range(3000))
                                       + "<p>x" * 3000),
    "attributes without end": html("<p " + " ".join(f"a{n}=1" for n in range(40_000)) + ">x"),
    "entities without end": html("&" * 200_000 + "&lt" * 50_000),
    "open tags without end": html("<" * 300_000),
    "comments without end": html("<!--" * 80_000),
    "picture of 60,000 by 60,000": multipart(
        part("text/html", b'<img src="cid:big@x">'),
        part("image/png", base64.encodebytes(_picture(60_000, 60_000)), "Content-ID: <big@x>",
             "Content-Transfer-Encoding: base64"), kind="related"),
    "10,000 pictures": html('<img src="cid:x" alt="x">' * 10_000),
    "data picture": html('<img src="data:image/png;base64,' + "A" * 100_000 + '">'),
    "wide word": html("<p>" + "W" * 50_000 + "</p><pre>" + "x" * 50_000 + "</pre>"),
}  # fmt: skip

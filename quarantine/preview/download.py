"""A mail to save: as it is, or locked away when it is known to be dangerous."""

from __future__ import annotations

import io
import re

import pyzipper

PASSWORD = "infected"  # noqa: S105  # what analysts expect; it keeps scanners and clicks away
_ENDING = re.compile(r"[A-Za-z0-9]{1,8}", re.ASCII)
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def safe_name(text: str, ending: str) -> str:
    """A file name of plain letters for a Content-Disposition header."""
    stem = _UNSAFE.sub("-", text).strip("-")[:80] or "mail"
    return f"{stem}{ending}"


def safe_file_name(text: str) -> str:
    """The same with the file's own ending, if it has a plain one."""
    stem, dot, ending = text.rpartition(".")
    if not dot or not _ENDING.fullmatch(ending):
        return safe_name(text, "")
    return safe_name(stem, f".{ending}")


def locked_zip(raw: bytes, name: str) -> bytes:
    """A zip with the mail's own bytes, encrypted by AES-256 with the password ``infected``."""
    buffer = io.BytesIO()
    with pyzipper.AESZipFile(
        buffer, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(PASSWORD.encode())
        archive.writestr(name, raw)
    return buffer.getvalue()

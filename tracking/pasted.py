"""A pasted mail as a person would read it: without marks of quotation and without encoding. Pure.

What was forwarded or saved as source may be quoted (``> ``), quoted-printable (``=3D``, and ``=``
at the end of a line that goes on) or base64. Each step takes time in proportion to the text.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Broken
from quopri import decodestring

_QUOTE = re.compile(r"^[ \t]{0,8}>[> \t|]{0,40}", re.MULTILINE)
_SOFT_BREAK = re.compile(r"(?<!=)=[ \t]{0,8}\n")
_ENCODED_SIGN = re.compile(r"=3D|=0[AD]|=20\n|=[C-F][0-9A-F]=[89AB][0-9A-F]")
# Full lines, and the rest; a mail program breaks lines at 60 to 76.
_BASE64 = re.compile(
    r"^(?:[A-Za-z0-9+/]{60,76}\n)+(?:[A-Za-z0-9+/]{1,76}={0,2}$)?|^[A-Za-z0-9+/]{40,76}={1,2}$",
    re.MULTILINE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def readable(text: str) -> str:
    """The same text in plain lines; base64 that is no text stays as it is."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _QUOTE.sub("", text)
    text = _BASE64.sub(_decoded, text).replace("\r\n", "\n")
    text = _QUOTE.sub("", text)  # of what was quoted before it was encoded
    if _SOFT_BREAK.search(text) or _ENCODED_SIGN.search(text):
        text = _SOFT_BREAK.sub("", text)
        if _ENCODED_SIGN.search(text):
            text = decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    return text


def _decoded(match: re.Match[str]) -> str:
    try:
        text = b64decode(match[0].replace("\n", ""), validate=True).decode()
    except (Broken, UnicodeDecodeError):
        return match[0]
    return match[0] if _CONTROL.search(text) else text

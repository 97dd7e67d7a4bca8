"""What a file really is, by its first bytes; names and declared types are the sender's word."""

from __future__ import annotations

import re

_MAGIC = (
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-elf"),
    (b"\xca\xfe\xba\xbe", "application/x-mach-binary"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"#!", "text/x-script"),
    (b"L\0\0\0\x01\x14\x02\0", "application/x-ms-shortcut"),
    (b"\0asm", "application/wasm"),
    (b"MSCF", "application/vnd.ms-cab-compressed"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "application/onenote"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"**ACE**", "application/x-ace-compressed"),
    (b"\x60\xea", "application/x-arj"),
    (b"%PDF-", "application/pdf"),
    (b"{\\rt", "application/rtf"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"OggS", "application/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"FWS", "application/x-shockwave-flash"),
    (b"CWS", "application/x-shockwave-flash"),
    (b"ITSF", "application/vnd.ms-htmlhelp"),
    (b"-----BEGIN PGP", "application/pgp"),
)
_PKCS7 = re.compile(rb"\x30[\x80-\x84].{0,4}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07", re.DOTALL)
_MARKUP = re.compile(
    rb"\s*(?:<!--.{0,500}?-->\s*)?<(!doctype html|html|head|body|script|svg|\?xml)"
)
_MARKUP_TYPES = {b"svg": "image/svg+xml", b"?xml": "text/xml"}
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
UNKNOWN = "application/octet-stream"
_ISO_OFFSET = 0x8001
# Files that act when opened, whatever they are called.
EXECUTABLE_TYPES = frozenset({
    "application/x-msdownload", "application/x-elf", "application/x-mach-binary", "text/x-script",
    "application/x-ms-shortcut", "application/wasm", "application/x-shockwave-flash",
    "application/vnd.ms-htmlhelp",
})  # fmt: skip
EXECUTABLE_ENDINGS = frozenset({
    "exe", "scr", "com", "pif", "bat", "cmd", "cpl", "msi", "msp", "dll", "sys", "ocx", "lnk",
    "url", "scf", "inf", "reg", "hta", "js", "jse", "vbs", "vbe", "wsf", "wsh", "ps1", "psm1",
    "jar", "jnlp", "class", "apk", "app", "dmg", "pkg", "deb", "rpm", "sh", "run", "elf", "iso",
    "img", "vhd", "vhdx", "chm", "hlp", "appx", "msix", "xll", "docm", "dotm", "xlsm", "xltm",
    "xlam", "pptm", "potm", "ppam", "one",
})  # fmt: skip
# Types that one sees behind another name every day.
_SAME = (
    {"application/zip", "application/x-zip-compressed", "application/java-archive"},
    {"application/gzip", "application/x-gzip", "application/x-tar", "application/x-compressed"},
    {"application/rtf", "text/rtf", "application/msword"},
    {"image/jpeg", "image/jpg", "image/pjpeg"},
    {"application/ms-tnef", "application/vnd.ms-tnef"},
)


def real_type(data: bytes) -> str:
    """The type by content; text that is nothing else is ``text/plain``, other bytes are unknown."""
    head = data[:1024]
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if data[_ISO_OFFSET : _ISO_OFFSET + 5] == b"CD001":
        return "application/x-iso9660-image"
    return _by_pattern(head)


def _by_pattern(head: bytes) -> str:
    if _PKCS7.match(head):
        return "application/pkcs7-mime"
    markup = _MARKUP.match(head.lower())
    if markup:
        return _MARKUP_TYPES.get(markup[1], "text/html")
    return UNKNOWN if not head or _CONTROLS.search(head) else "text/plain"


def is_executable(name: str, real: str) -> bool:
    """By content or by ending: Windows goes by the ending alone."""
    return real in EXECUTABLE_TYPES or name_ending(name) in EXECUTABLE_ENDINGS


def name_ending(name: str) -> str:
    """The last ending, lower case; blanks and dots behind it do not count (Windows drops them)."""
    return name.rstrip(" .\t\u00a0").rpartition(".")[2].lower() if "." in name else ""


def has_double_ending(name: str) -> bool:
    """``invoice.pdf.exe``: a harmless ending before one that acts."""
    stem, _, ending = name.rstrip(" .\t\u00a0").rpartition(".")
    inner = stem.rstrip(" .\t\u00a0").rpartition(".")[2].strip().lower() if "." in stem else ""
    return ending.lower() in EXECUTABLE_ENDINGS and 1 < len(inner) < 6 and inner.isalnum()


def is_disguised(declared: str, real: str) -> bool:
    """The content is known and is of another family than the declared type says."""
    if real in (UNKNOWN, declared) or declared in ("", UNKNOWN, "application/force-download"):
        return False
    if any(declared in same and real in same for same in _SAME):
        return False
    if real in ("application/zip", "application/x-ole-storage", "text/xml"):
        return declared.partition("/")[0] in ("image", "text", "audio", "video", "message") or (
            declared == "application/pdf"
        )
    if real == "text/plain":
        return declared.partition("/")[0] in ("image", "audio", "video")
    return declared.partition("/")[0] != real.partition("/")[0] or declared in _CLEAR


_CLEAR = frozenset({"application/pdf", "application/zip", "image/png", "image/jpeg", "image/gif"})

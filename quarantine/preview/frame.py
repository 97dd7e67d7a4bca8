"""The document in the frame: sanitised HTML under a policy of its own.

The frame has ``sandbox`` without a word, so nothing in it runs, submits, opens or navigates; an
``srcdoc`` frame also inherits the page's policy. Both hold, and this one allows pictures made of
``data:`` and the one style sheet below, by its hash.
"""

from __future__ import annotations

import base64
import hashlib

STYLE = (
    "html{background:#fff;color:#1d2430}"
    "body{margin:0;padding:16px;font:15px/1.55 system-ui,sans-serif;overflow-wrap:anywhere;"
    "overflow-x:auto}"
    "table{max-width:100%;border-collapse:collapse}td,th{padding:2px 6px;vertical-align:top}"
    "img{max-width:100%;height:auto}pre{white-space:pre-wrap}"
    ".link{text-decoration:underline;color:#1a4f9c}"
    ".target{color:#5a6472;font:12px/1.4 ui-monospace,monospace;margin:0 4px}"
    ".picture{display:inline-block;min-width:14px;min-height:14px;padding:0 4px;"
    "border:1px dashed #9aa3b0;color:#5a6472;font-size:12px}"
)
STYLE_HASH = f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
POLICY = (
    f"default-src 'none'; img-src data:; style-src {STYLE_HASH}; base-uri 'none'; "
    "form-action 'none'"
)


def frame_document(body: str) -> str:
    """A whole document for ``srcdoc``; ``body`` is ``HtmlPart.body``."""
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="referrer" content="no-referrer">'
        '<meta http-equiv="x-dns-prefetch-control" content="off">'
        f"<style>{STYLE}</style></head><body>{body}</body></html>"
    )

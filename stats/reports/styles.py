"""How the HTML of a report looks: one style sheet in its head, as mail programs take it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from csp.constants import NONE, SELF

STYLE = (
    "body{margin:0;padding:24px;background:#f4f6f8;color:#17212f;"
    "font:15px/1.5 'Segoe UI',Helvetica,Arial,sans-serif}"
    ".sheet{max-width:680px;margin:0 auto;background:#fff;border:1px solid #d8dee6;"
    "border-radius:10px;padding:24px}"
    "h1{font-size:22px;margin:0 0 4px}h2{font-size:16px;margin:28px 0 6px}"
    "p{margin:0 0 8px}.muted{color:#525e70;font-size:13px}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{padding:5px 8px;text-align:right;border-bottom:1px solid #d8dee6;white-space:nowrap}"
    "th{color:#525e70;font-size:13px;font-weight:600}"
    "th:first-child,td:first-child{text-align:left;padding-left:0;white-space:normal;"
    "word-break:break-word}"
    ".told td{border-bottom:0;padding-bottom:0}"
    "td.below{color:#525e70;font-size:13px;padding:2px 72px 8px 0}td.below p{margin:0 0 2px}"
    ".headlines{margin:20px 0}"
    ".headline{display:inline-block;vertical-align:top;width:128px;margin:0 8px 8px 0;"
    "padding:8px 10px;background:#f4f6f8;border-radius:6px}"
    ".headline b{display:block;font-size:20px;line-height:1.3}"
    "@media (max-width:480px){body{padding:8px}.sheet{padding:14px}.headline{width:108px}"
    "td.below{padding-right:0}"
    # Names have a line of their own above their numbers.
    "tr{display:flex;flex-wrap:wrap;justify-content:flex-end;border-bottom:1px solid #d8dee6}"
    "th,td{border-bottom:0;flex:0 0 78px;padding:2px 0}tr.told{border-bottom:0}"
    "th:first-child,td:first-child{flex:1 0 100%}}"
)
STYLE_HASH = f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
# Of the preview: that style sheet, and nothing else; shown in a frame of this console.
POLICY: dict[str, Any] = {
    "default-src": [NONE],
    "style-src": [STYLE_HASH],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
}

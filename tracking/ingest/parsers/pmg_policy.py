"""pmgpolicy: greylisting and SPF of Proxmox Mail Gateway.

    SPF says pass | SPF says fail
    defer greylisted mail
    accept mails from whitelist - 192.0.2.1
    starting policy database maintenance (greylist, rbl)

None of its lines names a mail, so nothing can be joined to one: the reject that follows in the
lines of smtpd says it all. Whatever else it writes is about the daemon.
"""

from __future__ import annotations

from tracking.ingest.parsers.notices import parse_notice

parse = parse_notice

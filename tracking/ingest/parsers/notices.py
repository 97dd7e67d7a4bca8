"""Lines that are known and carry nothing for the tracking of mail.

postfix/anvil[587]: statistics: max connection rate 1/60s for (smtpd:192.0.2.1) at Nov 24 09:01:07
postfix/master[1210]: daemon started -- version 3.7.11, configuration /etc/postfix
postfix/smtpd[1963]: table hash:/etc/aliases(0,lock|fold_fix|utf8_request) has changed -- restarting
opendkim[77]: 4F1A2401AA: DKIM-Signature field added (s=mail, d=example.org)
policyd-spf[99]: prepend Received-SPF: Pass (mailfrom) identity=mailfrom; ...
postgrey[88]: action=pass, reason=triplet found, client_name=mx.example.org, ...
clamd[1931]: /var/spool/pmg/active/21C0266B0553D63CEC1: Eicar-Signature.UNOFFICIAL FOUND
rsyslogd: [origin software="rsyslogd" ...] start
"""

from __future__ import annotations

import re

from tracking.ingest.header import Origin
from tracking.ingest.parsers.reading import new
from tracking.ingest.records import NoticeLine, Record, RepeatedLine, UnsupportedLine

_IRRELEVANT = {
    "daemons and commands of Postfix that say nothing about one mail": """
        anvil dnsblog flush master postalias postconf postdrop postfix postfix-script
        postfix-tlsproxy postfix-wrapper postlog postlogd postmap postmulti postqueue proxymap
        scache script sendmail showq spawn tlsmgr tlsproxy trivial-rewrite verify""",
    "milters and policy services: their verdict shows in the lines of Postfix": """
        cbpolicyd cluebringer dkim-filter dkimproxy dkimproxy.in dkimproxy.out milter-greylist
        openarc opendkim opendmarc pfix-srsd policy policy-spf policy_spf policyd policyd-spf
        policyd-spf-perl policyd-weight postfwd postfwd2 postfwd3 postgrey postsrsd pyspf-milter
        python-policyd-spf smf-spf sqlgrey""",
    "scanners": """
        clamav-daemon clamav-milter clamd clamsmtpd dccifd fangfrisch freshclam pyzor razor-agent
        spamc spamd spamass-milter spampd""",
    "mailbox servers": """
        authdaemond cyrus deliver dovecot dovecot-lda fetchmail imap imapd lmtpd managesieve
        pop3 pop3d saslauthd""",
    "PMG, but for its filter and quarantine": """
        pmg-daily pmg-hourly pmgbanner pmgcm pmgconfig pmgdb pmgmirror pmgqm pmgreport pmgsh
        pmgspamreport pmgtunnel""",
    "the machine": """
        CRON anacron apt atd chronyd cron crond crontab dbus-daemon dnsmasq fail2ban
        fail2ban.actions fail2ban.filter kernel login logrotate named ntpd polkitd postgres
        rrdcached rsyslogd run-parts smartd sshd sshd-session su sudo syslog-ng syslogd
        systemd systemd-journald systemd-logind systemd-networkd
        systemd-resolved systemd-timesyncd systemd-tmpfiles systemd-udevd ufw unbound""",
}
IRRELEVANT_PROGRAMS = frozenset(
    program for programs in _IRRELEVANT.values() for program in programs.split()
)

_CHATTER = (
    "warning: ", "fatal: ", "error: ", "panic: ", "info: ", "debug: ", "table ", "statistics: ",
    "connect to ", "certificate verification failed ", "certificate peer name verification ",
    "SSL_", "TLS ", "setting up TLS connection ", "initializing the ", "Host offered STARTTLS",
    "Server certificate ", "host ", "private/", "open lock ", "watchdog ", "reload", "using ",
    "refreshing ", "daemon started ", "terminating ", "cache ", "lookup ", "message repeated ",
    "Anonymous TLS ", "Untrusted TLS ", "Trusted TLS ", "Verified TLS ", "close ", "libcurl ",
    "dict_", "mapping DSN ", "ignoring ", "TLS library problem", "name_mask: ", "Compiled ",
    "server certificate ", "gethostbyaddr: ", "Peer ", "Verified: ", "Unverified: ", "Untrusted: ",
    "cannot load ", "looking for plugins ", "auxpropfunc ", "verify error:", "verify return:",
    "subject=", "issuer=", "> ", "< ", "TLSRPT: ",
)  # fmt: skip
_REPEATED = re.compile(r"message repeated ([0-9]{1,9}) times: \[ ?(.*)\]")
_PEER_TALK = re.compile(r"\S{1,255}\[[0-9A-Fa-f:.]{2,45}\](?::[0-9]{1,5})?: ")


def parse_notice(origin: Origin, text: str) -> Record:
    """Any line of a program that says nothing about mail."""
    del text
    return new(NoticeLine, origin)


def parse_chatter(origin: Origin, text: str) -> Record:
    """A Postfix line that its daemon's parser does not read: talk, or an unknown shape.

    ``NAME[IP]:25: ...`` is what the TLS library and a debug session say of a peer;
    ``message repeated 3 times: [ NOQUEUE: ... ]`` is rsyslog's, for lines that it left out.
    """
    if match := _REPEATED.fullmatch(text):
        return RepeatedLine(*origin, int(match[1]), match[2])
    if text.startswith(_CHATTER) or _PEER_TALK.match(text):
        return NoticeLine(*origin)
    return UnsupportedLine(*origin, text)

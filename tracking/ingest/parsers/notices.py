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

from tracking.ingest.header import Origin
from tracking.ingest.records import NoticeLine, Record, UnsupportedLine

IRRELEVANT_PROGRAMS = frozenset(
    # Postfix daemons and commands that say nothing about one mail
    "anvil dnsblog flush master oqmgr-script postalias postconf postdrop postfix postfix-script "
    "postfix-tlsproxy postfix-wrapper postlog postlogd postmap postmulti postqueue proxymap "
    "scache sendmail showq spawn tlsmgr tlsproxy trivial-rewrite tlsrpt verify script "
    # milters and policy services: their verdict shows in the lines of Postfix
    "opendkim opendmarc openarc policyd-spf python-policyd-spf postgrey sqlgrey postfwd postfwd3 "
    "milter-greylist dkim-filter pyspf-milter smf-spf postsrsd pfix-srsd cbpolicyd policyd "
    # scanners
    "spamd spamc spamass-milter clamd clamav-milter clamav-daemon freshclam rspamd_proxy "
    "razor-agent pyzor dcc dccifd fangfrisch "
    # mailbox servers
    "dovecot imapd pop3d imap pop3 lmtpd cyrus saslauthd authdaemond managesieve "
    # PMG besides the filter and the quarantine
    "pmgpolicy pmgconfig pmgsh pmgdb pmgtunnel pmgmirror pmg-daily pmg-hourly pmgreport "
    "pmgspamreport pmgbanner pmgcm pmgqm pmgversion pmg-log-tracker "
    # the machine
    "kernel systemd systemd-logind systemd-journald systemd-networkd systemd-resolved "
    "systemd-timesyncd systemd-udevd systemd-tmpfiles CRON cron crond crontab anacron atd run-parts "
    "rsyslogd syslogd syslog-ng journal sshd sshd-session sudo su login dbus-daemon polkitd "
    "rrdcached named unbound dnsmasq chronyd ntpd ntpdate logrotate smartd postgres redis apt "
    "systemctl-standin fail2ban fail2ban.actions fail2ban.filter ufw".split()
)

_CHATTER = (
    "warning: ", "fatal: ", "error: ", "panic: ", "info: ", "debug: ", "table ", "statistics: ",
    "connect to ", "certificate verification failed ", "certificate peer name verification ",
    "SSL_", "TLS ", "setting up TLS connection ", "initializing the ", "Host offered STARTTLS",
    "Server certificate ", "host ", "private/", "open lock ", "watchdog ", "reload", "using ",
    "refreshing ", "daemon started ", "terminating ", "cache ", "lookup ", "message repeated ",
    "Anonymous TLS ", "Untrusted TLS ", "Trusted TLS ", "Verified TLS ", "close ", "libcurl ",
    "dict_", "mapping DSN ", "ignoring ", "TLS library problem", "name_mask: ", "Compiled ",
)  # fmt: skip


def parse_notice(origin: Origin, text: str) -> Record:
    """Any line of a program that says nothing about mail."""
    del text
    return NoticeLine(*origin)


def parse_chatter(origin: Origin, text: str) -> Record:
    """A Postfix line that its daemon's parser does not read: talk, or an unknown shape."""
    if text.startswith(_CHATTER):
        return NoticeLine(*origin)
    return UnsupportedLine(*origin, text)

"""Records of Postfix: one NamedTuple for each kind of line its daemons write."""

from __future__ import annotations

from typing import NamedTuple


class ClientConnected(NamedTuple):
    """smtpd ``connect from NAME[IP]``; postscreen ``CONNECT from [IP]:PORT to ...``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    client_hostname: str
    client_ip: str


class ClientDisconnected(NamedTuple):
    """smtpd ``disconnect from NAME[IP] ehlo=1 ...``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    client_ip: str


class ClientLost(NamedTuple):
    """smtpd ``lost connection|timeout|too many errors after STAGE from NAME[IP]``.

    ``reason`` is the text before `` after``; ``stage`` is the SMTP stage in lower case
    (``connect``, ``rcpt``, ``data``, ``end-of-message``), without the byte count.
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    reason: str
    stage: str
    client_hostname: str
    client_ip: str


class ClientTls(NamedTuple):
    """smtpd ``Anonymous TLS connection established from NAME[IP]: TLSv1.3 with cipher C ...``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    client_ip: str
    trust: str
    protocol: str
    cipher: str


class ServerTls(NamedTuple):
    """smtp ``Untrusted TLS connection established to NAME[IP]:25: TLSv1.3 with cipher C ...``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    relay_name: str
    relay_ip: str
    trust: str
    protocol: str
    cipher: str


class SaslFailed(NamedTuple):
    """smtpd ``warning: NAME[IP]: SASL LOGIN authentication failed: ...[, sasl_username=U]``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    client_ip: str
    sasl_username: str


class QueueOpened(NamedTuple):
    """smtpd ``QID: client=NAME[IP][, sasl_...][, orig_queue_id=Q][, orig_client=NAME[IP]]``.

    ``queue_id`` is ``""`` for ``NOQUEUE: client=`` (before-queue proxy filter).
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str
    client_hostname: str
    client_ip: str
    sasl_username: str
    orig_queue_id: str
    orig_client_hostname: str
    orig_client_ip: str


class PickedUp(NamedTuple):
    """pickup ``QID: uid=N from=<USER>[ orig_id=OLD]``: local submission, or a requeued mail."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str
    envelope_sender: str
    orig_id: str


class MessageIdSeen(NamedTuple):
    """cleanup ``QID: message-id=<...>`` or ``QID: resent-message-id=<...>``, as written.

    A trailing ``#012`` (an escaped line end) is cut off.
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str
    message_id: str
    is_resent: bool


class HeaderSeen(NamedTuple):
    """cleanup ``QID: info|warning: header NAME: VALUE from HOST[IP]; from=<> to=<> ...``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str
    name: str
    value: str
    envelope_sender: str
    recipient: str
    helo_name: str


class QueueActive(NamedTuple):
    """qmgr ``QID: from=<F>, size=N, nrcpt=N (queue active)``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str
    envelope_sender: str
    size_bytes: int
    recipient_count: int


class QueueExpired(NamedTuple):
    """qmgr ``QID: from=<F>, status=expired|force-expired, returned to sender``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str
    envelope_sender: str
    is_forced: bool


class QueueRemoved(NamedTuple):
    """qmgr ``QID: removed``: the normal end of a queue id."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str


class QueueManaged(NamedTuple):
    """postsuper ``QID: removed|requeued|placed on hold|released from hold|expired``.

    ``action`` is one of ``deleted requeued held released expired``.
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str
    action: str


class DeliveryAttempt(NamedTuple):
    """Delivery agents (smtp, lmtp, local, pipe, error ...) ``QID: to=<R>, relay=..., status=...``.

    ``relay`` is written ``NAME[IP]:PORT``, ``NAME[private/socket]``, ``local``, ``none`` or a
    service; ``relay_ip`` is ``""`` unless there is an address. ``status`` is the word after
    ``status=``; ``smtp_reply`` the text in its parentheses. ``next_queue_id`` is the id in
    ``queued as ID`` (the last one) or ``forwarded as ID``; ``filter_id`` a PMG filter session
    ``(FID)`` at the end of the reply of a filter. Delays are seconds, -1.0 when not given.
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str
    recipient: str
    original_recipient: str
    relay: str
    relay_ip: str
    relay_port: str
    before_queue_seconds: float
    in_queue_seconds: float
    connect_seconds: float
    transmit_seconds: float
    dsn: str
    status: str
    smtp_reply: str
    next_queue_id: str
    filter_id: str


class NotificationSent(NamedTuple):
    """bounce ``QID: sender non-delivery notification: CHILD`` and its kin.

    ``kind`` is one of ``bounce`` (non-delivery), ``delay``, ``success`` (delivery status) ;
    ``to_postmaster`` tells a copy for the postmaster from the one for the sender.
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str
    kind: str
    to_postmaster: bool
    child_queue_id: str


class SmtpDecision(NamedTuple):
    """smtpd, postscreen, cleanup: a decision about a client, a recipient or the content.

    ``queue_id`` is ``""`` for NOQUEUE. ``action`` is the word of the line (``reject``, ``hold``,
    ``filter``, ``warn``, ``info``, ``discard``, ``redirect``, ``reject_warning``,
    ``milter-reject``, ``milter-discard``, ``milter-hold``). ``stage`` is one of
    ``connect helo mail rcpt data eod``, ``""`` for another. ``check`` says what was looked at:
    ``header``, ``body``, ``milter`` or ``""``. ``code`` is the SMTP code or 0, ``reason`` the
    text after the codes. ``envelope_sender`` is None when the line ends before it.
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str
    action: str
    stage: str
    check: str
    client_hostname: str
    client_ip: str
    code: int
    dsn: str
    reason: str
    envelope_sender: str | None
    recipient: str
    helo_name: str
    sasl_username: str


class ProxyDecision(NamedTuple):
    """smtpd ``proxy-accept|proxy-reject: END-OF-MESSAGE: REPLY; from=<F> to=<R> ...``.

    The end of a mail that went through a before-queue filter. Only the first recipient is
    written. ``filter_id`` is the ``(FID)`` of the reply, ``next_queue_id`` its ``queued as ID``.
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str
    is_accepted: bool
    code: int
    dsn: str
    smtp_reply: str
    filter_id: str
    envelope_sender: str
    recipient: str
    helo_name: str
    next_queue_id: str


class SizeExceeded(NamedTuple):
    """smtpd ``warning: QID: queue file size limit exceeded``: the mail was refused at its end."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str


class MailRefused(NamedTuple):
    """A mail refused at its end, of which only a warning tells: the reply is Postfix's own.

    cleanup ``warning: QID: message rejected: hopcount exceeded``, ``warning: QID: MAPS map lookup
    problem for R -- message not accepted, try again later``; smtpd ``warning: QID: BDAT request
    from NAME[IP] exceeds message size limit``. ``kind`` is that of a Rejection.
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str
    kind: str
    code: int
    dsn: str
    reason: str


class QueueCanceled(NamedTuple):
    """cleanup ``QID: removed (canceled|discarded)``: this mail never came into the queue."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str
    is_discarded: bool


class Pregreeted(NamedTuple):
    """postscreen ``PREGREET N after T from [IP]:PORT: TEXT``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    client_ip: str

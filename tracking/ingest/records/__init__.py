"""Records: what one log line says, one NamedTuple for each kind of line.

Every record starts with the same five fields, taken from the syslog header:

* ``at``: microseconds since 1970-01-01T00:00:00Z (int);
* ``host``: the host name as the header writes it, lower case;
* ``service``: the middle of the tag (``submission`` in ``postfix/submission/smtpd``, ``ext`` in
  ``postfix-ext/smtp``), ``""`` when there is none;
* ``program``: the last element of the tag (``smtpd``, ``qmgr``, ``pmg-smtp-filter``, ``amavis``);
* ``pid``: the process id as text, ``""`` when the header has none.

Text fields hold what the line says, undecoded; ``""`` stands for "the line does not say".
A null sender is ``""`` too; where that matters the record has it from a field that is always
present (``from=<>``). NamedTuples and not frozen dataclasses: one is made for every line, and
a frozen dataclass costs several times as much to make.
"""

from __future__ import annotations

from tracking.ingest.records.filters import (
    AmavisForwarded,
    AmavisText,
    AmavisVerdict,
    FilterAccepted,
    FilterBlocked,
    FilterConnected,
    FilterCopied,
    FilterFinished,
    FilterHeaders,
    FilterNdr,
    FilterQuarantined,
    FilterScore,
    FilterStarted,
    FilterVirus,
    QuarantineActed,
    RspamdVerdict,
)
from tracking.ingest.records.lines import (
    InvalidHeader,
    NoticeLine,
    RepeatedLine,
    UnsupportedLine,
)
from tracking.ingest.records.postfix import (
    ClientConnected,
    ClientDisconnected,
    ClientLost,
    ClientTls,
    DeliveryAttempt,
    HeaderSeen,
    MailRefused,
    MessageIdSeen,
    NotificationSent,
    PickedUp,
    Pregreeted,
    ProxyDecision,
    QueueActive,
    QueueCanceled,
    QueueExpired,
    QueueManaged,
    QueueOpened,
    QueueRemoved,
    SaslFailed,
    ServerTls,
    SizeExceeded,
    SmtpDecision,
)

__all__ = [
    "AmavisForwarded",
    "AmavisText",
    "AmavisVerdict",
    "ClientConnected",
    "ClientDisconnected",
    "ClientLost",
    "ClientTls",
    "DeliveryAttempt",
    "FilterAccepted",
    "FilterBlocked",
    "FilterConnected",
    "FilterCopied",
    "FilterFinished",
    "FilterHeaders",
    "FilterNdr",
    "FilterQuarantined",
    "FilterScore",
    "FilterStarted",
    "FilterVirus",
    "HeaderSeen",
    "InvalidHeader",
    "MailRecord",
    "MailRefused",
    "MessageIdSeen",
    "NoticeLine",
    "NotificationSent",
    "PickedUp",
    "Pregreeted",
    "ProxyDecision",
    "QuarantineActed",
    "QueueActive",
    "QueueCanceled",
    "QueueExpired",
    "QueueManaged",
    "QueueOpened",
    "QueueRemoved",
    "Record",
    "RepeatedLine",
    "RspamdVerdict",
    "SaslFailed",
    "ServerTls",
    "SizeExceeded",
    "SmtpDecision",
    "UnsupportedLine",
]

MailRecord = (
    ClientConnected
    | ClientDisconnected
    | ClientLost
    | ClientTls
    | ServerTls
    | SaslFailed
    | QueueOpened
    | PickedUp
    | MessageIdSeen
    | HeaderSeen
    | QueueActive
    | QueueCanceled
    | QueueExpired
    | QueueRemoved
    | QueueManaged
    | DeliveryAttempt
    | NotificationSent
    | SmtpDecision
    | ProxyDecision
    | SizeExceeded
    | MailRefused
    | Pregreeted
    | FilterConnected
    | FilterStarted
    | FilterHeaders
    | FilterVirus
    | FilterScore
    | FilterAccepted
    | FilterBlocked
    | FilterQuarantined
    | FilterCopied
    | FilterFinished
    | FilterNdr
    | AmavisText
    | AmavisVerdict
    | AmavisForwarded
    | RspamdVerdict
    | QuarantineActed
)
Record = MailRecord | NoticeLine | RepeatedLine | UnsupportedLine | InvalidHeader

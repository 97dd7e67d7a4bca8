"""Release by SMTP: the mail goes on with its own envelope, past the filter.

The one step that can't be known is the answer to the end of the data: when it does not come, the
mail may have been taken.
"""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quarantine.backends.base import (
    BackendUnavailable,
    Content,
    Fault,
    ReleaseRefused,
    ReleaseUncertain,
    Sent,
)

TIMEOUT_SECONDS = 60
# RFC 5321 4.5.3.2.6: the answer to the end of the data may take ten minutes.
END_OF_DATA_SECONDS = 600
# What no filter holds is larger than; a mail is read whole to be sent on.
MAX_MAIL_BYTES = 200 * 1024 * 1024
_QUEUED_AS = re.compile(r"queued as ([0-9A-Za-z]{5,30})")
_LINE_END = re.compile(rb"\r\n|\n|\r")
# U+FFFD: bytes of the stored envelope that were no text.
BAD_ADDRESS = re.compile(r"[\x00-\x1f\x7f<>\ufffd]")
_HOST_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:\[\]/]+)):([0-9]{1,5})")


def configured(reinjection: Reinjection | None) -> Reinjection:
    """Raises BackendUnavailable when the source has none."""
    if reinjection is None:
        raise BackendUnavailable("", Fault.NO_RELEASE_HOST)
    return reinjection


def host_and_port(text: str) -> tuple[str, int]:
    """``host:port`` or ``[IPv6]:port``. Raises BackendUnavailable."""
    match = _HOST_PORT.fullmatch(text)
    if match is None or not 0 < int(match[3]) < 65536:
        raise BackendUnavailable(f"{text!r} is not HOST:PORT", Fault.SETTINGS)
    return match[1] or match[2], int(match[3])


def queued_as(reply: str) -> str:
    """The queue id that the next hop gave, as Postfix says it; "" when it did not."""
    found: list[str] = _QUEUED_AS.findall(reply)
    return found[-1] if found else ""


@dataclass(frozen=True, slots=True)
class Reinjection:
    """An SMTP server that takes mail without filtering it again."""

    host: str
    port: int

    def send(
        self,
        sender: str,
        recipients: Sequence[str],
        content: Content,
        on_sending: Callable[[], None],
    ) -> list[Sent]:
        """An answer for each recipient. Errors as Backend.release says."""
        if content.is_cut:
            raise ReleaseRefused(f"{content.size_bytes} bytes", Fault.TOO_LARGE)
        for address in (sender, *recipients):
            if BAD_ADDRESS.search(address):
                raise ReleaseRefused(f"{address!r}", Fault.BAD_ADDRESS)
        try:
            with _connect(self.host, self.port) as smtp:
                return _transfer(smtp, sender, recipients, content.raw, on_sending)
        except smtplib.SMTPException as error:
            raise ReleaseRefused(f"{self.host}:{self.port} ended the session: {error}") from error
        except OSError as error:
            reason = error.strerror or str(error)
            message = f"{self.host}:{self.port} does not answer: {reason}"
            raise BackendUnavailable(message, Fault.UNREACHABLE) from error


class _Session(smtplib.SMTP):
    """Leaving a session must not hide how it went: the mail's answer is known by then."""

    def __exit__(self, *args: object) -> None:
        self.close()


def _connect(host: str, port: int) -> _Session:
    smtp = _Session(host, port, local_hostname=socket.gethostname(), timeout=TIMEOUT_SECONDS)
    smtp.ehlo_or_helo_if_needed()
    return smtp


def _transfer(
    smtp: smtplib.SMTP,
    sender: str,
    recipients: Sequence[str],
    raw: bytes,
    on_sending: Callable[[], None],
) -> list[Sent]:
    options = _options(smtp, (sender, *recipients), raw)
    smtp.command_encoding = "utf-8" if "SMTPUTF8" in options else "ascii"
    code, reply = smtp.docmd(f"MAIL FROM:<{sender}>" + "".join(f" {word}" for word in options))
    if code != 250:
        raise ReleaseRefused(f"sender refused: {_text(code, reply)}")
    answers = {recipient: smtp.docmd(f"RCPT TO:<{recipient}>") for recipient in recipients}
    taken = [recipient for recipient, (code, _) in answers.items() if code in {250, 251}]
    refused = [
        Sent(recipient, is_accepted=False, reply=_text(*answer))
        for recipient, answer in answers.items()
        if recipient not in taken
    ]
    if not taken:
        return refused
    text = _send_data(smtp, raw, on_sending)
    smtp.putcmd("quit")
    return [Sent(item, True, text, queued_as(text)) for item in taken] + refused  # noqa: FBT003


def _send_data(smtp: smtplib.SMTP, raw: bytes, on_sending: Callable[[], None]) -> str:
    """The reply to the end of the data."""
    code, reply = smtp.docmd("DATA")
    if code != 354:
        raise ReleaseRefused(f"data refused: {_text(code, reply)}")
    on_sending()
    lines = _LINE_END.sub(b"\r\n", raw).removesuffix(b"\r\n")
    body = b"\r\n" + lines
    body = body.replace(b"\r\n.", b"\r\n..")[2:]
    # A send that breaks has not sent its end, the final dot.
    smtp.send(body + b"\r\n.\r\n")
    if smtp.sock is not None:
        smtp.sock.settimeout(END_OF_DATA_SECONDS)
    try:
        code, reply = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        message = "The connection was lost after the mail was sent and before the answer came"
        raise ReleaseUncertain(message) from error
    if code != 250:
        raise ReleaseRefused(f"mail refused: {_text(code, reply)}")
    return _text(code, reply)


def _options(smtp: smtplib.SMTP, addresses: Sequence[str], raw: bytes) -> list[str]:
    options = []
    if not all(address.isascii() for address in addresses):
        if not smtp.has_extn("smtputf8"):
            raise ReleaseRefused(
                f"{smtp.sock.getpeername()[0]}" if smtp.sock else "", Fault.NO_SMTPUTF8
            )
        options.append("SMTPUTF8")
    if not raw.isascii() and smtp.has_extn("8bitmime"):
        options.append("BODY=8BITMIME")
    return options


def _text(code: int, reply: bytes) -> str:
    words = " ".join(reply.decode("utf-8", "replace").split())
    return f"{code} {words}"[:1000]

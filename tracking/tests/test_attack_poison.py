"""Lines made to stop a source for ever: every segment of any text can be processed."""

# ruff: noqa: E501 (log lines are as long as they are)

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from tracking.models import LogSource, Message
from tracking.tests.mail_log import one_mail
from tracking.tests.support import deliveries, ingest

pytestmark = pytest.mark.django_db

STAMP = "2026-11-24T03:00:00.000000+00:00"


def line(tag: str, text: str, host: str = "mx1", stamp: str = STAMP) -> str:
    return f"{stamp} {host} {tag}[77]: {text}\n"


def random_text(length: int) -> str:
    """Characters of four bytes that nothing compresses."""
    chooser = random.Random(1)  # noqa: S311 (not a secret)
    return "".join(chr(chooser.randint(0x20000, 0x2A000)) for _ in range(length))


def test_a_host_name_that_grows_in_lower_case() -> None:
    ingest(line("postfix/smtpd", "3A1B2C4D60: client=x[192.0.2.1]", host="İ" * 200))
    assert Message.objects.count() == 1


def test_long_texts_that_do_not_compress() -> None:
    text = random_text(5000)
    ingest(
        line("postfix/smtpd", f"3A1B2C4D60: client={text[:300]}[192.0.2.1]")
        + line("postfix/cleanup", f"3A1B2C4D60: message-id=<{text}@x>")
        + line(
            "postfix/cleanup",
            f"3A1B2C4D60: info: header Subject: {text} from x[192.0.2.1]; from=<{text}@x> to=<{text}@x> proto=ESMTP helo=<{text}>",
        )
        + line(
            "postfix/qmgr",
            f"3A1B2C4D60: from=<{text}@{text}>, size=99999999999999, nrcpt=999999999 (queue active)",
        )
        + line(
            "postfix/smtp",
            f"3A1B2C4D60: to=<{text}@{text}>, relay={text[:250]}, delay=999999999, delays=999999999/0/0/0, dsn=2.0.0, status=sent ({text} {text})",
        )
        + line(
            "pmg-smtp-filter",
            f"21C996AFCF1CCB459C: SA score=999999999999/.............. time=1 hits={text}",
        )
        + line(
            "rspamd",
            f"<a>; task; rspamd_task_write_log: id: <{text[:100]}>, qid: <3A1B2C4D60>, ip: 192.0.2.1, from: <a@b>, (default: F (no action): [999999999.9/-1.0] []), len: 1",
        )
        + line("weird" + text[:90], text)
        + line(
            "postfix/smtpd",
            f"NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 5.1.1 <{text}>: {text} {text}; from=<{text}> to=<{text}> proto=ESMTP helo=<{text}>",
        )
    )
    assert Message.objects.count() == 1


def test_a_mail_of_many_attempts_and_recipients() -> None:
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    ingest(
        "".join(
            line(
                "postfix/smtp",
                f"3A1B2C4D60: to=<r{n % 3000}@b.example>, relay=none, delay=1, delays=0/0/0/0, dsn=4.4.1, status=deferred (x {n})",
                stamp=f"{begin + timedelta(seconds=n):%Y-%m-%dT%H:%M:%S}.000000+00:00",
            )
            for n in range(100_000)
        )
    )
    assert len(deliveries()) == 3000


def test_stamps_of_the_far_future_are_not_believed() -> None:
    ingest(
        one_mail("3A1B2C4D60", stamp="2199-01-01T00:00:00.000000+00:00", recipient="a@b.example")
    )
    assert deliveries() == []
    assert LogSource.objects.get().invalid_count > 0

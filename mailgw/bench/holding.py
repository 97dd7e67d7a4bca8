"""``python -m mailgw.bench.holding MAILS LOOKS``: times of the quarantine's pages, as JSON.

Runs in a process of its own against a console's database: fills it by SQL, then asks for lists as
the pages do.
"""

from __future__ import annotations

import json
import sys
from functools import partial

import django

django.setup()

from django.db import connection  # noqa: E402

from mailgw.bench.timing import seconds_of  # noqa: E402
from quarantine import selectors  # noqa: E402
from quarantine.choices import HeldState  # noqa: E402
from quarantine.models import QuarantinedMessage, QuarantineSource  # noqa: E402
from quarantine.querysets import HeldQuerySet  # noqa: E402
from quarantine.services.found import find_all  # noqa: E402
from quarantine.sorting import ValueCursor, list_page  # noqa: E402
from tracking.choices import QuarantineKind  # noqa: E402
from tracking.selectors.keyset import Cursor  # noqa: E402

PAGE = 50

# Three in four are spam; senders and recipients repeat as they do; a few words make the subjects.
_FILL = """
INSERT INTO quarantine_quarantinedmessage (
    source_id, key, shelf, kind, state, state_changed_at, received_at, envelope_sender, header_from,
    recipients, released_recipients, removed_recipients, is_at_source, subject, message_id,
    size_bytes, score, virus, rules, quarantine_id, client_ip, message_ref, network_id, customer_id,
    data)
SELECT %(source)s, 'spam/' || n, 'spam/' || (n %% 256),
    1 + (n %% 8 = 0)::int + 2 * (n %% 16 = 1)::int,
    CASE WHEN n %% 20 = 0 THEN 'released' ELSE 'held' END,
    now(), now() - n * interval '6 seconds',
    'sender' || (n * 7919 %% 20000) || '@offers' || (n %% 997) || '.example',
    'Sender ' || n,
    ARRAY['user' || (n * 104729 %% 30000) || '@customer' || (n %% 400) || '.example'],
    '{}', '{}', true,
    (ARRAY['Invoice', 'Offer', 'Prize', 'Meeting', 'Report'])[1 + n %% 5] || ' ' || md5(n::text),
    '<' || md5(n::text) || '@x.example>',
    2000 + n * 31 %% 500000,
    (n %% 300) / 10.0,
    CASE WHEN n %% 8 = 0 THEN 'Eicar-' || (n %% 50) ELSE '' END,
    ARRAY['RULE_' || (n %% 300), 'BAYES_99'],
    md5(n::text),
    ('10.' || (n %% 200) || '.' || (n / 256 %% 256) || '.' || (n %% 256))::inet,
    n,
    CASE WHEN n %% 3 = 0 THEN 1 + n / 3 %% 500 END,
    CASE WHEN n %% 3 = 0 THEN 1 + n / 3 %% 500 END,
    '{}'
FROM generate_series(1::bigint, %(mails)s) n
"""
_REGISTRY = """
INSERT INTO tracking_customer (id, number, name, service_class, note)
SELECT n, 'C' || n, 'Customer ' || n, 'standard', '' FROM generate_series(1, 500) n;
INSERT INTO tracking_clientnetwork (id, network, customer_id, note)
SELECT n, ('172.16.' || n / 256 || '.' || n %% 256 || '/32')::cidr, n, ''
FROM generate_series(1, 500) n
"""


def fill(mails: int) -> None:
    source = QuarantineSource.objects.create(name="bench", kind="pmg_spool", location="/nowhere")
    with connection.cursor() as cursor:
        cursor.execute(_REGISTRY.replace("%%", "%"))
        cursor.execute(_FILL, {"source": source.pk, "mails": mails})
        cursor.execute("VACUUM ANALYZE")


def lists() -> dict[str, HeldQuerySet]:
    """The default list, and one filter of each kind: some find much, some little or nothing."""
    held = QuarantinedMessage.objects.in_state(HeldState.HELD)
    spam = held.of_kind(QuarantineKind.SPAM)
    return {
        "open": spam,
        "all kinds": held,
        "sender": spam.sender_contains("sender777@"),
        "recipient": held.recipient_contains("user12345@"),
        "subject": spam.subject_contains("invoice"),
        "subject, rare": held.subject_contains("a1b2c3d"),
        "virus": held.of_kind(QuarantineKind.VIRUS).virus_contains("eicar-8"),
        "rule": held.rule_contains("RULE_123"),
        "score": spam.score_between(29.0, None),
        "score, none": spam.score_between(99.0, None),
        "size": spam.size_between(490_000, None),
        "network": held.from_network("10.7.0.0/16"),
        "customer": held.of_customers([77]),
        "recipient, none": held.recipient_contains("nobody@nowhere"),
        "subject, three letters": held.subject_contains("voi"),
        "sender, three letters, none": held.sender_contains("qzx"),
    }


def measure(mails: int, looks: int) -> dict[str, list[float]]:
    fill(mails)
    times = {name: seconds_of(partial(_page, found), looks) for name, found in lists().items()}
    middle = _deep(lists()["open"], mails)
    times["deep page"] = seconds_of(partial(_page, lists()["open"], middle), looks)
    for sort, middle_value in (("score", 15.0), ("size", 250_000.0)):
        place = ValueCursor(middle_value, mails)
        times[f"by {sort}"] = seconds_of(partial(_sorted_page, sort, None), looks)
        times[f"by {sort}, deep page"] = seconds_of(partial(_sorted_page, sort, place), looks)
    times["all found"] = seconds_of(
        lambda: find_all(lists()["open"].subject_contains("invoice a")), looks
    )
    times["tabs"] = seconds_of(selectors.count_by_kind, looks)
    times["detail"] = seconds_of(
        lambda: selectors.held_detail(QuarantinedMessage.objects.latest("pk").pk), looks
    )
    return times


def _page(found: HeldQuerySet, before: Cursor | None = None) -> None:
    selectors.find_page(found, PAGE, before=before)


def _sorted_page(sort: str, before: ValueCursor | None) -> None:
    list_page(lists()["all kinds"], sort, PAGE, before=before, after=None)


def _deep(found: HeldQuerySet, mails: int) -> Cursor:
    row = found.order_by("-received_at")[mails // 2 : mails // 2 + 1].get()
    return Cursor(row.received_at, row.pk)


if __name__ == "__main__":
    sys.stdout.write(f"{json.dumps(measure(int(sys.argv[1]), int(sys.argv[2])))}\n")

"""The audit trail can be added to and nothing else, and every forgery shows."""

from __future__ import annotations

import csv
import json
import threading
import uuid
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import InternalError, ProgrammingError, connection, transaction

from quarantine import audit
from quarantine.choices import Outcome, Verb
from quarantine.models import AuditHead, QuarantineAction

pytestmark = pytest.mark.django_db
ENTRY = audit.Entry(
    audit.Who("dewi", "2001:DB8::1"),
    Verb.RELEASE,
    Outcome.DONE,
    reason="=customer asked\0 \ud800",
    batch=uuid.UUID(int=7),
)


def add(count: int) -> None:
    for number in range(count):
        audit.append(ENTRY, recipients=[f"r{number}@example.com"], detail="250 Ok")


def forge(sql: str) -> None:
    """What only the owner of the database can do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE quarantine_quarantineaction DISABLE TRIGGER USER")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE quarantine_quarantineaction ENABLE TRIGGER USER")


def test_a_row_says_who_what_when_from_where_and_why() -> None:
    audit.append(ENTRY, recipients=["a@example.com", "b@example.com"])
    rows = list(QuarantineAction.objects.order_by("number"))
    assert [row.recipient for row in rows] == ["a@example.com", "b@example.com"]
    assert rows[0].actor == "dewi"
    assert rows[0].client_ip == "2001:db8::1"
    assert rows[0].reason.startswith("=customer asked")
    assert rows[1].previous_hash == rows[0].hash
    assert audit.verify().breaks == []


def test_a_token_is_sealed_and_rows_without_one_are_sealed_as_before() -> None:
    add(1)
    audit.append(audit.Entry(audit.Who("dewi", None, "crm (#4)"), Verb.DELETE, Outcome.DONE))
    assert audit.verify().breaks == []
    assert [row["token"] for row in audit.export_rows()] == ["", "crm (#4)"]
    forge("UPDATE quarantine_quarantineaction SET token = '' WHERE token <> ''")
    assert audit.verify().breaks == ["row 2: was changed"]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE quarantine_quarantineaction SET actor = 'x'",
        "DELETE FROM quarantine_quarantineaction",
    ],
)
def test_the_database_refuses_to_change_rows(sql: str) -> None:
    add(1)
    with (
        pytest.raises((ProgrammingError, InternalError), match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert QuarantineAction.objects.get().actor == "dewi"


def test_the_database_refuses_to_empty_the_table() -> None:
    add(1)
    with (
        pytest.raises((ProgrammingError, InternalError), match="append-only: TRUNCATE"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE quarantine_quarantineaction")
    assert QuarantineAction.objects.count() == 1


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "UPDATE quarantine_quarantineaction SET reason = '' WHERE number = 2",
            "row 2: was changed",
        ),
        ("UPDATE quarantine_quarantineaction SET at = at + '1us' WHERE number = 2", "row 2: was"),
        ("DELETE FROM quarantine_quarantineaction WHERE number = 2", "row 3: 1 rows before it"),
        ("DELETE FROM quarantine_quarantineaction WHERE number > 3", "rows 4 to 5 are missing"),
        ("DELETE FROM quarantine_quarantineaction", "rows 1 to 5 are missing"),
        ("DELETE FROM quarantine_audithead", "the head of the chain is missing"),
        ("UPDATE quarantine_audithead SET hash = 'x'", "row 5: is not the end"),
        ("UPDATE quarantine_audithead SET number = 4", "row 4: is not the end"),
    ],
)
def test_it_names_the_row_of_a_forgery(sql: str, expected: str) -> None:
    add(5)
    forge(sql)
    output = StringIO()
    with pytest.raises(CommandError, match=expected):
        call_command("verify_audit", stdout=output, stderr=StringIO())
    assert json.loads(output.getvalue())["breaks"]


def test_a_resealed_row_breaks_the_next_one() -> None:
    add(3)
    row = QuarantineAction.objects.get(number=2)
    row.reason = "forged"
    change = (
        "UPDATE quarantine_quarantineaction SET reason = 'forged', hash = '{}' WHERE number = 2"
    )
    forge(change.format(audit.seal(row)))
    assert audit.verify().breaks == ["row 3: does not follow the row before it"]


def test_a_head_noted_elsewhere_proves_a_whole_new_chain() -> None:
    add(2)
    noted = QuarantineAction.objects.get(number=2)
    options = {"expect": f"2:{noted.hash}", "stdout": StringIO(), "stderr": StringIO()}
    call_command("verify_audit", **options)
    forge("DELETE FROM quarantine_quarantineaction; DELETE FROM quarantine_audithead")
    add(2)
    assert audit.verify().breaks == []
    with pytest.raises(CommandError, match="row 2: is not the one that was noted"):
        call_command("verify_audit", **options)


def test_a_row_beyond_the_head_shows() -> None:
    add(3)
    before = QuarantineAction.objects.get(number=2)
    change = "UPDATE quarantine_audithead SET number = 2, hash = '{}'"
    forge(change.format(before.hash))
    assert audit.verify().breaks == ["row 3: is beyond the end that the head names"]


def test_an_empty_trail_is_whole() -> None:
    output = StringIO()
    call_command("verify_audit", stdout=output)
    assert json.loads(output.getvalue())["rows"] == 0
    assert not AuditHead.objects.exists()


def test_it_exports_rows_that_others_can_check() -> None:
    add(2)
    output = StringIO()
    call_command("export_audit", stdout=output)
    rows = [json.loads(line) for line in output.getvalue().splitlines()]
    assert [row["number"] for row in rows] == [1, 2]
    assert rows[1]["previous_hash"] == rows[0]["hash"]


def test_no_spreadsheet_takes_a_reason_for_a_formula() -> None:
    add(1)
    output = StringIO()
    call_command("export_audit", "--format", "csv", stdout=output)
    header, row = csv.reader(StringIO(output.getvalue()))
    assert row[header.index("reason")].startswith("'=customer")


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain() -> None:
    def write() -> None:
        add(10)
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    proof = audit.verify()
    assert (proof.rows, proof.breaks) == (40, [])

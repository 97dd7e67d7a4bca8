"""What an import of the registry does: shown before, done whole or not at all."""

from __future__ import annotations

import random
import time
from ipaddress import ip_network

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tracking.ingest.store.ownership import NetworkTable
from tracking.models import ClientNetwork, Customer, RegistryImport
from tracking.registry.csv_reading import read_csv
from tracking.registry.exporting import registry_lines
from tracking.registry.planning import Mode, Plan, make_plan
from tracking.registry.rows import BadRegistry
from tracking.registry.services import (
    RegistryChanged,
    confirm_import,
    import_now,
    keep_import,
    plan_of,
    wanted_of,
)

HEADER = "number,name,service_class,network\n"
pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(db: None) -> User:
    return User.objects.create_user("keeper")


def as_csv(*lines: str) -> bytes:
    return (HEADER + "".join(f"{line}\n" for line in lines)).encode()


def load(*lines: str, mode: Mode = Mode.MERGE) -> Plan:
    return import_now(User.objects.get(username="keeper"), as_csv(*lines), mode)


def plan(*lines: str, mode: Mode = Mode.MERGE) -> Plan:
    return make_plan(wanted_of(read_csv(as_csv(*lines))), mode)


def stored() -> dict[str, str]:
    networks = ClientNetwork.objects.select_related("customer")
    return {str(item.network): item.customer.number for item in networks}


def exported() -> bytes:
    return "".join(registry_lines()).encode()


ONE, TWO = "C1,PT Satu,premium,10.0.0.0/8", "C2,PT Dua,bulk,192.0.2.0/24"


def test_it_adds_and_changes(keeper: User) -> None:
    load(ONE, TWO)
    found = load("C1,PT Satu Jaya,standard,", "C3,PT Tiga,bulk,192.0.2.0/24")
    assert found.counts() == {
        "customer": {"add": 1, "change": 1, "remove": 0},
        "network": {"add": 0, "change": 1, "remove": 0},
    }
    assert stored() == {"10.0.0.0/8": "C1", "192.0.2.0/24": "C3"}
    assert Customer.objects.get(number="C1").name == "PT Satu Jaya"
    assert Customer.objects.filter(number="C2").exists()


def test_it_replaces(keeper: User) -> None:
    load(ONE, TWO, "C2,PT Dua,bulk,198.51.100.0/24")
    kept = ClientNetwork.objects.get(network="192.0.2.0/24").pk
    found = load(TWO, mode=Mode.REPLACE)
    assert found.counts() == {
        "customer": {"add": 0, "change": 0, "remove": 1},
        "network": {"add": 0, "change": 0, "remove": 2},
    }
    assert stored() == {"192.0.2.0/24": "C2"}
    assert ClientNetwork.objects.get().pk == kept
    assert list(Customer.objects.values_list("number", flat=True)) == ["C2"]


def test_it_keeps_the_id_of_a_network_that_changes_hands(keeper: User) -> None:
    load(ONE)
    before = ClientNetwork.objects.get().pk
    load("C1,PT Satu,premium,", "C2,PT Dua,bulk,10.0.0.0/8", mode=Mode.REPLACE)
    network = ClientNetwork.objects.get()
    assert (network.pk, network.customer.number) == (before, "C2")


def test_a_mistake_changes_nothing(keeper: User) -> None:
    load(ONE)
    with pytest.raises(BadRegistry) as error:
        load("C1,Other,premium,", "C9,PT Sembilan,bulk,172.16.0.0/12", "C8,PT,bulk,10.0.0.1/8")
    assert [problem.line for problem in error.value.problems] == [4]
    assert stored() == {"10.0.0.0/8": "C1"}
    assert Customer.objects.get().name == "PT Satu"
    assert RegistryImport.objects.count() == 1


def test_it_needs_name_and_class_of_a_new_customer_only(keeper: User) -> None:
    load(ONE)
    load("C1,,,172.16.0.0/12")
    assert stored()["172.16.0.0/12"] == "C1"
    assert [problem[:2] for problem in plan("C2,,,").problems] == [
        (2, "name"),
        (2, "service_class"),
    ]


def test_it_knows_customers_that_differ_in_case(keeper: User) -> None:
    load(ONE)
    (problem,) = plan("c1,PT Satu,premium,").problems
    assert problem[:2] == (2, "number")
    assert "There is a customer C1" in problem.text


def test_a_file_without_customers_empties_no_registry(keeper: User) -> None:
    load(ONE)
    with pytest.raises(BadRegistry):
        load(mode=Mode.REPLACE)
    assert stored() == {"10.0.0.0/8": "C1"}


def test_it_tells_which_network_wins(keeper: User) -> None:
    load(ONE, "C1,PT Satu,premium,10.1.2.0/24")
    (change,) = plan("C2,PT Dua,bulk,10.1.0.0/16").changes[1:]
    assert change.outer is not None
    assert (str(change.outer.network), change.outer.customer) == ("10.0.0.0/8", "C1")
    assert [(str(item.network), item.customer) for item in change.inner] == [("10.1.2.0/24", "C1")]


def test_it_tells_who_gets_the_addresses_of_a_network_that_goes(keeper: User) -> None:
    load(ONE, "C2,PT Dua,bulk,10.1.0.0/16", "C2,PT Dua,bulk,10.1.2.0/24", TWO)
    changes = {item.key: item for item in plan(ONE, mode=Mode.REPLACE).changes}
    inner = changes["10.1.2.0/24"].outer
    assert inner is not None
    assert (str(inner.network), inner.customer) == ("10.0.0.0/8", "C1")
    assert changes["192.0.2.0/24"].outer is None


def test_the_preview_names_the_winner_that_ingest_finds(keeper: User) -> None:
    """Any nesting of networks, compared with the table that ingest asks."""
    numbers = random.Random(5)  # noqa: S311 (a fixed seed)
    texts = {f"10.{numbers.randrange(4)}.{numbers.randrange(256)}.0" for _ in range(60)}
    prefixes = {
        str(ip_network(f"{text}/{numbers.choice((8, 12, 15, 16, 20, 23, 24, 28))}", strict=False))
        for text in texts
    }
    lines = [f"C{n},PT,bulk,{prefix}" for n, prefix in enumerate(sorted(prefixes))]
    changes = [item for item in plan(*lines).changes if item.subject == "network"]
    load(*lines)
    rows = ClientNetwork.objects.values_list("network", "pk", "customer_id")
    by_pk = {pk: str(network) for network, pk, _customer in rows}
    nested = 0
    for change in changes:
        others = [(str(n), pk, c) for n, pk, c in rows if str(n) != change.key]
        wider = [row for row in others if int(row[0].partition("/")[2]) < int(
            change.key.partition("/")[2])]  # fmt: skip
        owner = NetworkTable(wider).owner(change.key.partition("/")[0])
        expected = by_pk.get(owner.network_id)
        assert (str(change.outer.network) if change.outer else None) == expected
        nested += expected is not None
    assert nested > 10


def test_an_export_changes_nothing_when_it_is_imported(keeper: User) -> None:
    odd = Customer.objects.create(
        number="-1", name="=cmd|' /C calc'!A0", service_class="bulk", note="+1\r\n two"
    )
    ClientNetwork.objects.create(network="192.0.2.0/24", customer=odd, note="'=1")
    ClientNetwork.objects.create(network="2001:db8::/32", customer=odd, note='say "a,b;c"')
    Customer.objects.create(number="'@x", name="  two  blanks ", service_class="premium")
    raw = exported()
    assert b"\n=cmd" not in raw
    assert b",=cmd" not in raw
    for given in (raw, "\ufeff".encode() + raw):
        found = make_plan(wanted_of(read_csv(given)), Mode.REPLACE)
        assert (found.problems, found.changes) == ([], [])


def test_what_is_shown_is_what_is_done(keeper: User) -> None:
    kept = keep_import(keeper, as_csv(ONE), Mode.REPLACE, "customers.csv")
    digest = plan_of(kept).digest
    assert stored() == {}
    Customer.objects.create(number="C7", name="PT Tujuh", service_class="bulk")
    with pytest.raises(RegistryChanged):
        confirm_import(kept, digest)
    assert stored() == {}
    confirm_import(kept, plan_of(kept).digest)
    assert stored() == {"10.0.0.0/8": "C1"}
    assert not Customer.objects.filter(number="C7").exists()
    assert kept.done_at is not None


def test_it_is_done_once(keeper: User) -> None:
    kept = keep_import(keeper, as_csv(ONE), Mode.MERGE, "")
    digest = plan_of(kept).digest
    confirm_import(kept, digest)
    Customer.objects.all().delete()
    confirm_import(RegistryImport.objects.get(), digest)
    assert stored() == {}


def test_it_keeps_no_file_that_is_wrong(keeper: User) -> None:
    with pytest.raises(BadRegistry):
        keep_import(keeper, b"nonsense", Mode.MERGE, "x.csv")
    assert RegistryImport.objects.count() == 0


def test_it_takes_as_many_queries_for_a_hundred_lines_as_for_ten(keeper: User) -> None:
    counts = []
    for size in (10, 100):
        lines = [f"S{size}-{n},PT {n},bulk,10.{size}.{n}.0/24" for n in range(size)]
        with CaptureQueriesContext(connection) as captured:
            load(*lines)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_ten_thousand_lines_are_fast(keeper: User) -> None:
    lines = [
        f"C{n // 4},PT Nomor {n // 4},standard,10.{n >> 8}.{n & 255}.0/24" for n in range(10_000)
    ]
    begun = time.process_time()
    shown = plan(*lines)
    planned = time.process_time() - begun
    load(*lines)
    done = time.process_time() - begun - planned
    assert len(shown.changes) == 12_500
    assert len(stored()) == 10_000
    assert planned < 3
    assert done < 12

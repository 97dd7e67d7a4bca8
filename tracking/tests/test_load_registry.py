"""``load_registry``: a file from the command line, whole or not at all."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tracking.models import ClientNetwork, Customer, Relay

pytestmark = pytest.mark.django_db
SATU = {"number": "C1", "name": "PT Satu", "service_class": "premium",
        "networks": ["198.18.0.0/24", "2001:db8::/48"]}  # fmt: skip
DUA = {"number": "C2", "name": "PT Dua", "service_class": "bulk"}
CSV = "number,name,service_class,network\nC3,PT Tiga,bulk,192.0.2.0/24\n"


def run(path: Path, *options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("load_registry", str(path), *options, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def write(path: Path, **data: Any) -> Path:
    path.write_text(json.dumps(data))
    return path


def test_it_loads_json(tmp_path: Path) -> None:
    relays = [{"name": "MX1", "role": "mx"}]
    path = write(tmp_path / "registry.json", relays=relays, customers=[SATU, DUA])
    found = run(path)
    assert (found["relays"], found["customers"], found["networks"]) == (1, 2, 2)
    assert Relay.objects.get().name == "mx1"
    assert ClientNetwork.objects.count() == 2
    again = run(path)
    assert again["changes"]["network"] == {"add": 0, "change": 0, "remove": 0}


def test_it_loads_relays_alone(tmp_path: Path) -> None:
    run(write(tmp_path / "registry.json", relays=[{"name": "out1", "role": "ext"}]))
    assert Relay.objects.get().role == "ext"


def test_it_loads_csv(tmp_path: Path) -> None:
    run(write(tmp_path / "registry.json", customers=[SATU]))
    path = tmp_path / "registry.csv"
    path.write_text(CSV)
    assert run(path, "--dry-run")["changes"]["customer"]["add"] == 1
    assert Customer.objects.count() == 1
    run(path)
    assert Customer.objects.count() == 2
    run(path, "--replace")
    assert list(Customer.objects.values_list("number", flat=True)) == ["C3"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"customers": [SATU, {**DUA, "name": 7}]}, "line 2, name: Missing"),
        ({"customers": [SATU, {**DUA, "networks": "10.0.0.0/8"}]}, "line 2, networks"),
        ({"customers": [{**SATU, "networks": ["10.0.0.1/8"]}]}, "do you mean 10.0.0.0/8"),
        ({"customers": [SATU, 5]}, "line 2, number"),
        ({"customers": {}}, "no list"),
        ({"customers": [SATU], "relays": [{"name": "x", "role": "king"}]}, "the role is none of"),
        ({"customers": [SATU], "relays": [{"role": "mx"}]}, "name is missing"),
        ({"customers": [SATU], "relays": 5}, "not an object"),
    ],
)
def test_a_mistake_changes_nothing(tmp_path: Path, data: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandError) as error:
        run(write(tmp_path / "registry.json", **data))
    assert words in str(error.value)
    assert Customer.objects.count() == Relay.objects.count() == 0


def test_it_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "absent.json")
    (tmp_path / "bad.json").write_bytes(b"\xff{")
    with pytest.raises(CommandError, match="not JSON"):
        run(tmp_path / "bad.json")

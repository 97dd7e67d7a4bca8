"""The simulated site: repeatable, in true formats, believable, and true to its own truth files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from io import StringIO
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tracking.simulator import Settings, Summary, simulate
from tracking.simulator.clock import SITE_ZONE, from_datetime

HOSTS = ("smtp-ext", "smtp-pre", "smtp-tr", "mx")
END = datetime(2026, 11, 24, 15, 0, tzinfo=SITE_ZONE)
# The simulated week is made once, by the one process that runs these.
pytestmark = pytest.mark.xdist_group("simulator")
ROOT = Path(__file__).resolve().parents[2]
RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+07:00) (\S+) ([a-z/-]+)\[(\d+)\]: (\S.*)"
)
RFC3164 = re.compile(r"([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (\S+) ([a-z/-]+)\[(\d+)\]: (\S.*)")


def run(directory: Path, **changes: Any) -> Summary:
    values = {"days": 2, "messages": 800, "seed": 7, "end": from_datetime(END), **changes}
    return simulate(Settings(directory=directory, **values))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    """A week with enough mail to have every kind of fate."""
    directory = tmp_path_factory.mktemp("site")
    return directory, run(directory, days=7, messages=12_000)


@cache
def read_truth(directory: Path, name: str = "truth") -> list[dict[str, Any]]:
    text = (directory / f"{name}.ndjson").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def matches(directory: Path, host: str) -> Iterator[re.Match[str]]:
    with (directory / host / "mail.log").open(encoding="utf-8") as log:
        for line in log:
            match = RFC3339.fullmatch(line.rstrip("\n"))
            assert match, line
            yield match


def digest(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def test_it_writes_the_same_files_for_the_same_seed_and_others_for_another(tmp_path: Path) -> None:
    first = run(tmp_path / "a")
    assert run(tmp_path / "b") == first
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    run(tmp_path / "c", seed=8)
    assert digest(tmp_path / "a") != digest(tmp_path / "c")


def test_it_depends_on_nothing_that_differs_between_processes(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tracking.simulator import Settings, simulate;"
        "simulate(Settings(Path(sys.argv[1]), 2, 800, 7, int(sys.argv[2])))"
    )
    end = str(from_datetime(END))
    for name, hash_seed in (("a", "1"), ("b", "2")):
        command = [sys.executable, "-c", program, str(tmp_path / name), end]
        subprocess.run(command, check=True, cwd=ROOT, env={"PYTHONHASHSEED": hash_seed})
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_every_line_has_a_header_in_order_of_time(site: tuple[Path, Summary]) -> None:
    directory, summary = site
    count = 0
    for host in HOSTS:
        previous = ""
        for match in matches(directory, host):
            count += 1
            assert match[2] == host
            assert previous <= match[1] <= "2026-11-24T15:00:00.000000+07:00"
            previous = match[1]
    assert count == summary.lines


def test_it_writes_traditional_headers_too(tmp_path: Path) -> None:
    run(tmp_path, log_format="rfc3164", messages=200)
    for host in HOSTS:
        for line in (tmp_path / host / "mail.log").read_text(encoding="utf-8").splitlines():
            assert RFC3164.fullmatch(line), line


def test_a_process_serves_one_client_at_a_time(site: tuple[Path, Summary]) -> None:
    directory, _ = site
    for host in HOSTS:
        serving: dict[tuple[str, str], str] = {}
        for match in matches(directory, host):
            process, text = (match[3], match[4]), match[5]
            if not match[3].endswith("smtpd"):
                continue
            if text.startswith("connect from "):
                assert process not in serving, match[0]
                serving[process] = text.removeprefix("connect from ")
            elif text.startswith("disconnect from "):
                assert text.split()[2] == serving.pop(process), match[0]
            else:
                assert process in serving, match[0]


def test_every_hop_is_in_the_log_of_its_host(site: tuple[Path, Summary]) -> None:
    directory, summary = site
    known: dict[str, set[str]] = defaultdict(set)
    for host in HOSTS:
        known[host] = {match[5].partition(":")[0] for match in matches(directory, host)}
    truth = read_truth(directory)
    assert len(truth) == summary.recipients
    assert all(item["hops"] for item in truth)
    assert all(queue_id in known[host] for item in truth for host, queue_id in item["hops"])


def test_the_last_hop_says_what_the_truth_says(site: tuple[Path, Summary]) -> None:
    directory, _ = site
    newest: dict[tuple[str, ...], tuple[str, str, int]] = {}
    pattern = re.compile(
        r"(\w+): to=<([^>]*)>,(?: orig_to=<([^>]*)>,)? relay=.*? status=(\w+) \((.*)\)"
    )
    for host in HOSTS:
        for match in matches(directory, host):
            if found := pattern.fullmatch(match[5]):
                key = (host, found[1], found[2], found[3] or "")
                attempts = newest[key][2] + 1 if key in newest else 1
                newest[key] = found[4], found[5], attempts
    words = {"delivered": "sent", "quarantined": "sent", "blocked": "sent", "expired": "deferred"}
    for item in read_truth(directory):
        if item["attempts"]:
            host, queue_id = item["hops"][-1]
            word = words.get(item["disposition"], item["disposition"])
            said = newest[host, queue_id, item["recipient"], item["original_recipient"]]
            assert said == (word, item["smtp_reply"], item["attempts"])


def test_every_rejection_is_in_the_log(site: tuple[Path, Summary]) -> None:
    directory, summary = site
    rejected = Counter(
        host
        for host in HOSTS
        for match in matches(directory, host)
        if re.match(r"\w+: reject: ", match[5])
    )
    truth = read_truth(directory, "rejections")
    assert rejected == Counter(item["host"] for item in truth)
    assert len(truth) == summary.rejections
    kinds = {item["kind"] for item in truth}
    assert kinds >= {"greylist", "spf", "dnsbl", "relay", "unknown_recipient", "protocol"}


def test_every_fate_occurs_and_most_mail_arrives(site: tuple[Path, Summary]) -> None:
    directory, _ = site
    mails = [item for item in read_truth(directory) if item["kind"] == "mail"]
    fates = Counter(item["disposition"] for item in mails)
    assert set(fates) >= {"delivered", "bounced", "deferred", "expired", "quarantined", "blocked"}
    assert 0.88 < fates["delivered"] / len(mails) < 0.97
    assert 0.01 < fates["bounced"] / len(mails) < 0.04
    kinds = Counter(item["quarantine_kind"] for item in mails)
    assert set(kinds) == {"", "spam", "virus", "attachment"}


def test_the_service_class_decides_the_route(site: tuple[Path, Summary]) -> None:
    directory, _ = site
    registry = json.loads((directory / "registry.json").read_text(encoding="utf-8"))
    classes = {item["number"]: item["service_class"] for item in registry["customers"]}
    second = {"premium": "smtp-pre", "bulk": "smtp-tr"}
    for item in read_truth(directory):
        service_class = classes.get(item["customer"])
        if service_class in second and item["attempts"]:
            assert [host for host, _ in item["hops"]][:2] == ["smtp-ext", second[service_class]]
        elif service_class == "standard":
            assert not {"smtp-pre", "smtp-tr"} & {host for host, _ in item["hops"]}


def test_the_client_network_is_the_longest_match(site: tuple[Path, Summary]) -> None:
    directory, _ = site
    registry = json.loads((directory / "registry.json").read_text(encoding="utf-8"))
    nets = {ip_network(net): c["number"] for c in registry["customers"] for net in c["networks"]}
    assert any(net.version == 6 for net in nets)
    assert any(a != b and a.version == b.version and b.subnet_of(a) for a in nets for b in nets)  # type: ignore[arg-type]
    seen = {(i["client_ip"], i["client_network"], i["customer"]) for i in read_truth(directory)}
    for ip, network, customer in seen:
        found = [net for net in nets if ip and ip_address(ip) in net]
        longest = max(found, key=lambda net: net.prefixlen, default=None)
        assert (network, customer) == ((str(longest), nets[longest]) if longest else (None, None))


def test_offices_sleep_at_night_and_rest_on_weekends(site: tuple[Path, Summary]) -> None:
    directory, _ = site
    sent = [
        datetime.fromisoformat(item["first_seen"]).astimezone(SITE_ZONE)
        for item in read_truth(directory)
        if item["customer"] and not item["envelope_sender"].startswith("bounce+")
    ]
    hours = Counter(at.hour for at in sent if at.weekday() < 5)
    assert hours[9] > 8 * hours[3]
    assert hours[14] > 2 * hours[18]
    assert hours[12] < hours[10]
    days = Counter(at.date() for at in sent)
    weekend = [count for day, count in days.items() if day.weekday() >= 5]
    assert max(weekend) < 0.5 * days[END.date() - timedelta(days=1)]


def test_newsletters_come_in_bursts(site: tuple[Path, Summary]) -> None:
    directory, _ = site
    hours = Counter(
        item["first_seen"][:13]
        for item in read_truth(directory)
        if item["envelope_sender"].startswith("bounce+")
    )
    assert len(hours) < 80
    assert max(hours.values()) > 25


def test_each_provider_answers_in_its_own_words(site: tuple[Path, Summary]) -> None:
    directory, _ = site
    shapes = {
        "gmail": r"250 2\.0\.0 OK  \d{10} \S+ - gsmtp",
        "outlook": r"250 2\.6\.0 <\S+> \[InternalId=\d+, Hostname=\S+\] .* Queued mail for .*",
        "yahoo": r"250 ok dirdel",
        "telconet": r"250 2\.0\.0 Ok: queued as [0-9A-F]{11}",
    }
    outbound = [i for i in read_truth(directory) if i["direction"] == "outbound"]
    total = Counter(item["recipient"].rpartition("@")[2].split(".")[0] for item in outbound)
    assert total["gmail"] == max(total.values())
    for item in outbound:
        shape = shapes.get(item["recipient"].rpartition("@")[2].split(".")[0])
        if shape and item["disposition"] == "delivered":
            assert re.fullmatch(shape, item["smtp_reply"]), item


def test_short_queue_ids_are_reused_and_long_ones_occur(site: tuple[Path, Summary]) -> None:
    directory, _ = site
    lives = Counter(
        match[5].partition(":")[0]
        for match in matches(directory, "smtp-ext")
        if ": client=" in match[5]
    )
    assert max(lives.values()) > 1
    long = [q for i in read_truth(directory) for host, q in i["hops"] if host == "smtp-pre"]
    assert all(re.fullmatch(r"[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10}z\w+", q) for q in long)


def test_a_notification_is_a_mail_to_the_sender(site: tuple[Path, Summary]) -> None:
    directory, _ = site
    truth = read_truth(directory)
    senders = {item["envelope_sender"] for item in truth}
    notices = [item for item in truth if item["kind"] in ("bounce", "delay")]
    assert {item["kind"] for item in notices} == {"bounce", "delay"}
    assert {item["envelope_sender"] for item in notices} == {""}
    assert {item["original_recipient"] or item["recipient"] for item in notices} <= senders


def test_the_spool_holds_what_the_filter_moved(site: tuple[Path, Summary]) -> None:
    directory, summary = site
    spool = directory / "quarantine" / "spool"
    files = [path for path in spool.rglob("*") if path.is_file()]
    assert 0 < len(files) == summary.quarantined_files <= 300
    assert {path.relative_to(spool).parts[0] for path in files} == {"spam", "virus", "attachment"}
    log = (directory / "mx" / "mail.log").read_text(encoding="utf-8")
    for path in files:
        kind, folder, name = path.relative_to(spool).parts
        assert folder == name[-2:]
        assert f"{kind} quarantine - {name} (" in log
        text = path.read_text(encoding="utf-8")
        assert text.startswith("Delivered-To: ")
        assert "\nReturn-Path: " in text
        assert "EICAR" not in text


def test_the_log_ends_in_the_middle_of_life(site: tuple[Path, Summary]) -> None:
    directory, _ = site
    late = [i for i in read_truth(directory) if i["disposition"] in ("deferred", "queued")]
    assert late
    assert all(i["last_seen"] <= "2026-11-24T08:00:00.000000+00:00" for i in read_truth(directory))


PROBE = """
import resource, sys, time
from pathlib import Path
from tracking.simulator import Settings, simulate
begun = time.process_time()
summary = simulate(Settings(Path(sys.argv[1]), 7, int(sys.argv[2]), 1, 1_795_500_000_000_000))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(summary.lines / (time.process_time() - begun), peak)
"""


def measure(directory: Path, messages: int) -> tuple[float, int]:
    """Lines a second of processor time and peak memory in KiB, of a process of its own."""
    command = [sys.executable, "-c", PROBE, str(directory), str(messages)]
    result = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
    speed, peak = result.stdout.split()
    return float(speed), int(peak)


def test_it_is_fast_and_its_memory_does_not_grow(tmp_path: Path) -> None:
    _, small = measure(tmp_path / "small", 1_000)
    speed, large = measure(tmp_path / "large", 10_000)
    assert speed > 17_000  # a million lines in a minute
    assert large < small + 25_000


def test_the_command_writes_and_says_what(tmp_path: Path) -> None:
    out = StringIO()
    call_command(
        "simulate", days=1, messages=100, seed=3, out=tmp_path,
        end=datetime(2026, 11, 24, 15, 0), stdout=out,  # noqa: DTZ001 (--end without a zone)
    )  # fmt: skip
    said = json.loads(out.getvalue())
    assert said["lines"] > 500
    assert (tmp_path / "smtp-ext" / "mail.log").exists()

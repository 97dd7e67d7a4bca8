"""One simulation from beginning to end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tracking.simulator import noise, population
from tracking.simulator.clock import DAY, MINUTE
from tracking.simulator.journeys import inbound, outbound
from tracking.simulator.journeys.delivery import deliver
from tracking.simulator.journeys.filtering import filtering
from tracking.simulator.traffic import plan
from tracking.simulator.world import RELAYS, World
from tracking.simulator.writer import LogFormat

_KINDS = {
    "office": outbound.office,
    "newsletter": outbound.newsletter,
    "internet": inbound.internet,
}


@dataclass(slots=True, frozen=True)
class Settings:
    """What to simulate; ``end`` is in microseconds since 1970."""

    directory: Path
    days: float
    messages: int
    seed: int
    end: int
    log_format: LogFormat = "rfc3339"


@dataclass(slots=True, frozen=True)
class Summary:
    """What was written."""

    lines: int
    messages: int
    recipients: int
    rejections: int
    quarantined_files: int


def simulate(settings: Settings) -> Summary:
    """Write the logs, the quarantine, the truth and the registry into the directory."""
    span = settings.end - int(settings.days * DAY), settings.end
    world = World(settings.directory, settings.seed, span, settings.log_format, settings.messages)
    world.onward = {"pre": deliver, "tr": deliver, "mx": filtering}
    _write_registry(settings.directory, world)
    noise.start(world)
    _run(world, settings.messages)
    world.close()
    return Summary(
        lines=sum(log.count for log in world.logs.values()),
        messages=world.book.messages,
        recipients=world.book.recipients,
        rejections=world.book.rejections,
        quarantined_files=world.spool.count,
    )


def _run(world: World, messages: int) -> None:
    flushed = world.start
    for arrival in plan(world.rng, *world.span, messages):
        world.scheduler.run_until(arrival.at)
        _KINDS[arrival.kind](world, arrival)
        if arrival.at - flushed > MINUTE:
            flushed = arrival.at
            world.flush(flushed)
    world.scheduler.run_until(world.end)


def _write_registry(directory: Path, world: World) -> None:
    relays = [{"name": name, "role": role, "addresses": [ip]} for name, role, ip in RELAYS]
    customers = population.registry(world.people.customers)
    text = json.dumps({"relays": relays, "customers": customers}, indent=1)
    (directory / "registry.json").write_text(text + "\n", encoding="utf-8")

"""Lines that belong to no mail: statistics, maintenance, the monitoring's probes."""

from __future__ import annotations

from tracking.simulator.clock import MINUTE, SECOND, site_time
from tracking.simulator.engine import Journey
from tracking.simulator.hosts import Host
from tracking.simulator.journeys.session import Session
from tracking.simulator.population import Client
from tracking.simulator.world import World

_MONITOR = Client("10.20.0.200", "monitor.isp.example", "monitor.isp.example")


def start(world: World) -> None:
    """Set every source of noise going."""
    for host in world.hosts.values():
        world.scheduler.spawn(world.start, _anvil(world, host))
        world.scheduler.spawn(world.start, _monitoring(world, host))
    world.scheduler.spawn(world.start, _policy(world))


def _anvil(world: World, host: Host) -> Journey:
    """``statistics: max connection rate 3/60s for (smtp:198.18.0.5) at Nov 24 09:01:07``"""
    at = world.start + world.between(60, 900)
    while True:
        yield at
        pid = host.new_pid()
        when = site_time(at - 2 * MINUTE)
        stamp = f"{when:%b} {when.day:2d} {when:%H:%M:%S}"
        ip = world.people.customer().clients[0].ip
        for text in (
            f"max connection rate {world.rng.randrange(1, 30)}/60s for (smtp:{ip}) at {stamp}",
            f"max connection count {world.rng.randrange(1, 6)} for (smtp:{ip}) at {stamp}",
            f"max cache size {world.rng.randrange(2, 40)} at {stamp}",
        ):
            host.log(at, "postfix/anvil", pid, f"statistics: {text}")
            at += 30
        at += world.between(30 * 60, 90 * 60)


def _monitoring(world: World, host: Host) -> Journey:
    """Every half hour the monitoring connects and hangs up."""
    at = world.start + world.between(5, 300)
    while True:
        yield at
        session = Session(world, host, _MONITOR, at)
        session.log(f"lost connection after CONNECT from {_MONITOR.label}")
        session.close(quits=False)
        at += 30 * MINUTE


def _policy(world: World) -> Journey:
    """The policy server's and the filter's maintenance."""
    host, policy, worker = (
        world.hosts["mx"],
        world.hosts["mx"].new_pid(),
        world.hosts["mx"].new_pid(),
    )
    at = world.start + 7 * SECOND
    while True:
        yield at
        greylist, rbl = world.rng.randrange(3, 40), world.rng.randrange(1, 9)
        host.log(at, "pmgpolicy", policy, "starting policy database maintenance (greylist, rbl)")
        text = f"end policy database maintenance ({greylist} ms, {rbl} ms)"
        host.log(at + greylist * 1000, "pmgpolicy", policy, text)
        host.log(at + 5 * SECOND, "pmg-smtp-filter", worker, "starting database maintenance")
        text = f"end database maintenance ({greylist + rbl} ms)"
        host.log(at + 5 * SECOND + 45_000, "pmg-smtp-filter", worker, text)
        at += 20 * MINUTE

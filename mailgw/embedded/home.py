"""MAILGW_HOME: where data, sockets, secrets, locks and logs of one instance live."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from mailgw.embedded.errors import EmbeddedError

PROJECT_DIR = Path(__file__).resolve().parent.parent.parent
DATABASE = "mailgw"
POSTGRES_SOCKET = ".s.PGSQL.5432"
# sun_path of a unix socket holds 108 bytes, the last one NUL.
SOCKET_PATH_LIMIT = 107
# Not tempfile.gettempdir(): every process must find the same place, whatever its TMPDIR.
SHORT_DIR = Path("/tmp")  # noqa: S108


@dataclass(frozen=True)
class Home:
    """Paths and addresses of one instance. Building one touches no file."""

    root: Path

    @classmethod
    def from_environment(cls) -> Home:
        return cls(Path(os.environ.get("MAILGW_HOME") or PROJECT_DIR / "var").resolve())

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def static(self) -> Path:
        """Where collectstatic puts what the web process serves."""
        return self.root / "static"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def secret_key_file(self) -> Path:
        return self.root / "secrets" / "secret_key"

    @property
    def run(self) -> Path:
        """Directory of the sockets: in the home, or a short one when the path would be too long."""
        run = self.root / "run"
        if len(os.fsencode(run / POSTGRES_SOCKET)) <= SOCKET_PATH_LIMIT:
            return run
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return SHORT_DIR / f"mailgw-{digest}"

    @property
    def redis_socket(self) -> Path:
        return self.run / "redis.sock"

    @property
    def database_url(self) -> str:
        return f"postgres://{DATABASE}@/{DATABASE}?host={quote(str(self.run))}"

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{quote(str(self.redis_socket))}?virtual_host=0"

    def create(self) -> None:
        """Make the directories and the secret key; idempotent.

        Raises EmbeddedError when the place can't be written.
        """
        try:
            for path in (self.root, self.lock, self.log, self.static, self.secret_key_file.parent):
                path.mkdir(parents=True, exist_ok=True)
            self.secret_key_file.parent.chmod(0o700)
            self._create_secret_key()
        except OSError as error:
            message = (
                f"MAILGW_HOME {self.root} can't be written ({error.strerror}). Run as the user "
                "who owns it, or set MAILGW_HOME to another directory."
            )
            raise EmbeddedError(message) from error

    def _create_secret_key(self) -> None:
        """Written beside its name and linked, so nobody ever reads half a key."""
        if self.secret_key_file.exists():
            return
        draft = self.secret_key_file.with_name(f".draft-{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(draft, self.secret_key_file)
        except FileExistsError:
            pass  # another process was first: its key counts
        finally:
            draft.unlink()


def package_directory(package: str) -> Path:
    """Where a package lies, without importing it: both server wheels do more than that."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        message = f"The Python package {package} is missing: pip install -r requirements.txt"
        raise EmbeddedError(message)
    return Path(spec.submodule_search_locations[0])

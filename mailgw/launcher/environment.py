"""The environment that a local run gives to its processes."""

from __future__ import annotations

import os

import environ

from mailgw.embedded.home import PROJECT_DIR, Home


def local_environment(home: Home) -> dict[str, str]:
    """This process's environment with what a run on this machine needs where nothing is set.

    Local pages are plain HTTP on the loopback address, so cookies can't be limited to HTTPS.
    """
    defaults = {
        "DJANGO_SETTINGS_MODULE": "mailgw.settings",
        "SERVE_HTTPS": "off",
        "MAILGW_HOME": str(home.root),
        "PYTHONPATH": str(PROJECT_DIR),
    }
    if "SECRET_KEY" not in os.environ:
        defaults["SECRET_KEY_FILE"] = str(home.secret_key_file)
    return defaults | os.environ


def read_dotenv() -> None:
    """Settings in .env count for the choice of servers too; the environment wins over them."""
    environ.Env.read_env(PROJECT_DIR / ".env")

"""What the environment decides, read in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from mailgw.embedded.home import PROJECT_DIR, Home

PRINT = "import json, mailgw.settings as s; print(json.dumps(s.{}, default=str))"
OWN_LINE = re.compile(r"^#? ?([A-Z_]+)=", re.MULTILINE)
READ_IN_SETTINGS = re.compile(r'env\.\w+\(\s*"([A-Z_]+)"')


def read(setting: str, **environment: str) -> object:
    base = {"PATH": os.environ["PATH"], "SECRET_KEY": "k" * 50, "MAILGW_HOME": "/tmp/absent-home"}
    done = subprocess.run(
        [sys.executable, "-c", PRINT.format(setting)],
        cwd=PROJECT_DIR,
        env=base | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "setting", ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"]
)
def test_it_is_secure_unless_told_otherwise(setting: str) -> None:
    assert read(setting) is True
    assert read(setting, SERVE_HTTPS="off") is False


def test_it_asks_browsers_to_stay_on_https_only_when_it_serves_it() -> None:
    assert read("SECURE_HSTS_SECONDS") == 31_536_000
    assert read("SECURE_HSTS_SECONDS", SERVE_HTTPS="off") == 0


def test_it_believes_forwarded_headers_only_behind_a_proxy() -> None:
    assert read("SECURE_PROXY_SSL_HEADER") is None
    assert read("SECURE_PROXY_SSL_HEADER", TRUSTED_PROXY_COUNT="1") is not None


def test_it_has_no_secret_key_of_its_own() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRINT.format("SECRET_KEY")],
        cwd=PROJECT_DIR,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr


def test_it_reads_secrets_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("x" * 60)
    base = {"PATH": os.environ["PATH"], "SECRET_KEY_FILE": str(secret)}
    done = subprocess.run(
        [sys.executable, "-c", PRINT.format("SECRET_KEY")],
        cwd=PROJECT_DIR,
        env=base,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == "x" * 60


def test_it_switches_to_the_servers_of_the_environment() -> None:
    url = "postgres://console:secret@db.example:5433/console"
    database = read("DATABASES", DATABASE_URL=url)
    assert isinstance(database, dict)
    assert database["default"]["HOST"] == "db.example"
    assert database["default"]["PORT"] == 5433
    assert read("CELERY_BROKER_URL", BROKER_URL="amqp://mq.example/") == "amqp://mq.example/"


def test_it_uses_the_embedded_servers_of_its_home_otherwise() -> None:
    home = Home(Path("/tmp/absent-home"))
    database = read("DATABASES")
    assert isinstance(database, dict)
    assert database["default"]["OPTIONS"] == {"host": str(home.run)}
    assert read("CELERY_BROKER_URL") == home.broker_url


def test_it_documents_every_name_it_reads() -> None:
    documented = set(OWN_LINE.findall((PROJECT_DIR / ".env.example").read_text()))
    read_names = set(READ_IN_SETTINGS.findall((PROJECT_DIR / "mailgw/settings.py").read_text()))
    read_elsewhere = {"DATABASE_URL", "MAILGW_HOME", "POSTGRES_PASSWORD"}
    assert read_names | read_elsewhere == documented


@pytest.mark.django_db
def test_it_sends_strict_headers(client: Client) -> None:
    headers = client.get("/accounts/login/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/admin/", "/no-such-page"])
@pytest.mark.django_db
def test_it_shows_strangers_nothing_but_the_login(client: Client, path: str) -> None:
    assert client.get(path).status_code in {302, 404}


@pytest.mark.django_db
def test_it_refuses_the_api_to_strangers(client: Client) -> None:
    assert client.get("/api/v1/messages/").status_code == 401

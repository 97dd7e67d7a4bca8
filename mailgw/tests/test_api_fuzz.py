"""Requests made from the schema, good ones and bad ones: answers conform, and none is an error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer

from mailgw.lib.scopes import scopes_of
from tracking.models import LogSource
from tracking.tests import mail_log
from tracking.tests.support import ingest
from tracking.tokens import issue_token

# Left out: that whatever fits the schema is accepted. OpenAPI cannot say "until after since" or
# "an IP address or a network".
OPTIONS = [
    "--exclude-checks=positive_data_acceptance",
    "--max-examples=3",
    "--max-time=45",
    "--seed=1",
    "--phases=examples,coverage,fuzzing",
    "--mode=all",
    "--no-color",
    "--generation-database=none",
]


@pytest.fixture
def secret(transactional_db: None) -> str:
    """A token of all scopes, on a console with mail in it."""
    user = User.objects.create_superuser("keeper")
    LogSource.objects.create(name="relays", kind="push")
    ingest(mail_log.WHOLE)
    return issue_token(user, "fuzz", [scope.name for scope in scopes_of(user)], 1)[1]


def test_it_answers_as_its_schema_says(
    live_server: LiveServer, secret: str, tmp_path: Path
) -> None:
    program = Path(sys.executable).with_name("schemathesis")
    url = f"{live_server.url}/api/v1/schema/?format=json"
    command = [str(program), "run", url, f"--header=Authorization: Token {secret}", *OPTIONS]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout

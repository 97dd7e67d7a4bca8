"""Requests made from the schema, good ones and bad ones: answers conform, and none is an error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import schemathesis
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer

from mailgw.lib.scopes import scopes_of
from tracking.models import LogSource, Message
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


ANSWERS: list[tuple[str, dict[str, str]]] = [
    ("/api/v1/deliveries/", mail_log.RANGE),
    ("/api/v1/messages/", mail_log.RANGE),
    ("/api/v1/rejections/", mail_log.RANGE),
    ("/api/v1/trace/", {**mail_log.RANGE, "q": "satu.example"}),
    ("/api/v1/trace/", {**mail_log.RANGE, "q": "seller@bad.example"}),
    ("/api/v1/messages/{id}/", {}),
    ("/api/v1/messages/{id}/lines/", {}),
    ("/api/v1/messages/{id}/attempts/", {}),
]


def test_it_answers_with_real_mail_as_its_schema_says(live_server: LiveServer, secret: str) -> None:
    headers = {"Authorization": f"Token {secret}"}
    url = f"{live_server.url}/api/v1/schema/?format=json"
    schema = schemathesis.openapi.from_url(url, headers=headers)
    numbers = list(Message.objects.values_list("pk", flat=True))
    for path, query in ANSWERS:
        for number in numbers if "{id}" in path else [0]:
            case = schema[path]["GET"].Case(path_parameters={"id": number}, query=query)
            answer = case.call(headers=headers)
            assert answer.status_code == 200
            case.validate_response(answer)

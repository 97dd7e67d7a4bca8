"""The examples of docs/api.md, run by a shell against a real server: answers have that shape."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer

from mailgw.lib.scopes import all_scopes
from tracking.models import LogSource, Message
from tracking.scopes import LINES
from tracking.tests import mail_log
from tracking.tests.support import ingest
from tracking.tokens import issue_token

DOCUMENT = Path(settings.BASE_DIR) / "docs/api.md"
EXAMPLES = re.findall(r"```sh\n(.*?)```\n\n```json\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
SCOPES = ["tracking:read", "export", "segments:write", "registry:write"]
BOUNCE = """\
Subject: Undelivered Mail Returned to Sender

X-Postfix-Queue-ID: 3A1B2C4D61
Final-Recipient: rfc822; nobody@far.example
Status: 5.1.1
"""


@pytest.fixture
def shell(
    registry: Any, transactional_db: None, live_server: LiveServer, tmp_path: Path
) -> dict[str, str]:
    """What the examples take for granted: a console with mail, tokens, a saved bounce."""
    ingest(mail_log.WHOLE)
    LogSource.objects.create(name="relays", kind="push")
    keeper = User.objects.create_superuser("keeper")
    (tmp_path / "bounce.eml").write_text(BOUNCE)
    return {
        "PATH": os.environ["PATH"],
        "CONSOLE": live_server.url,
        "TOKEN": issue_token(keeper, "all", SCOPES, 1)[1],
        "LINES_TOKEN": issue_token(keeper, "lines", [LINES], 1)[1],
        "MESSAGE": str(Message.objects.get(message_id="<3a1b2c4d61@satu.example>").pk),
    }


def test_it_answers_as_the_document_says(shell: dict[str, str], tmp_path: Path) -> None:
    assert len(EXAMPLES) == 11
    for command, shown in EXAMPLES:
        ran = subprocess.run(
            ["/bin/sh", "-c", command], env=shell, cwd=tmp_path, capture_output=True, text=True,
            timeout=60, check=True,
        )  # fmt: skip
        assert differences(json.loads(shown), json.loads(ran.stdout)) == [], command


def differences(shown: Any, real: Any, path: str = "answer") -> list[str]:
    """Where an answer lacks what the document shows, or has another type there."""
    if type(shown) is not type(real):
        return [f"{path}: {shown!r} is shown, {real!r} came"]
    if isinstance(shown, dict):
        missing = [f"{path}.{name} did not come" for name in shown if name not in real]
        both = [name for name in shown if name in real]
        return missing + [
            problem
            for name in both
            for problem in differences(shown[name], real[name], f"{path}.{name}")
        ]
    if isinstance(shown, list) and shown:
        return differences(shown[0], real[0], f"{path}[0]") if real else [f"{path} is empty"]
    return [f"{path} is not empty"] if isinstance(shown, list) and real else []


def test_it_names_every_scope() -> None:
    text = DOCUMENT.read_text()
    assert [scope.name for scope in all_scopes() if f"`{scope.name}`" not in text] == []

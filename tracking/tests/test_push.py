"""Log shippers push lines; hostile bodies do no harm."""

from __future__ import annotations

import gzip
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from kombu.exceptions import OperationalError as BrokerError

from tracking import push
from tracking.ingest.pipeline import run_source
from tracking.ingest.store.lookup import reset_caches
from tracking.intake import raw_lines
from tracking.models import LogSegment, LogSource
from tracking.tasks import process_source
from tracking.tests import mail_log
from tracking.tests.support import deliveries

URL = "/api/v1/segments/?source=relays"
LINE = "2026-11-20T03:00:00Z mx1 postfix/qmgr[1]: 3A1B2C4D5E: removed"
NDJSON = "application/x-ndjson"


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sources whose processing was asked for."""
    reset_caches()
    asked: list[int] = []
    monkeypatch.setattr(
        process_source, "apply_async", lambda arguments, **_: asked.extend(arguments)
    )
    return asked


@pytest.fixture
def token(db: None) -> str:
    return new_source("relays")


def new_source(*arguments: str) -> str:
    out = StringIO()
    call_command("create_log_source", *arguments, stdout=out)
    return out.getvalue().strip()


def post(token: str, body: bytes | str, content_type: str = "text/plain", **headers: str) -> Any:
    return Client().post(
        URL,
        body.encode() if isinstance(body, str) else body,
        content_type=content_type,
        headers={"Authorization": f"Bearer {token}", **headers},
    )


def stored() -> bytes:
    return raw_lines(LogSegment.objects.get())


def test_it_stores_what_it_accepts(
    token: str, started: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = post(token, mail_log.SENT)
    assert response.status_code == 200
    assert response.json() == {"segment": 1, "lines": 7}
    assert stored() == mail_log.SENT.encode()
    source = LogSource.objects.get()
    assert started == [source.pk]
    run_source(source.pk)
    assert [row["recipient"] for row in deliveries()] == ["budi@far.example"]


def test_it_keeps_only_the_digest_of_a_token(token: str) -> None:
    source = LogSource.objects.get()
    assert (source.kind, len(source.token_digest)) == ("push", 64)
    assert token not in source.token_digest
    renewed = new_source("relays", "--renew")
    assert post(token, LINE).status_code == 401
    assert post(renewed, LINE).status_code == 200


@pytest.mark.parametrize(
    "arguments",
    [("relays",), ("other", "--renew"), ("",), ("x" * 201,), ("x", "--timezone", "Mars/Base")],
)
def test_it_makes_no_bad_source(token: str, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        new_source(*arguments)


def test_it_takes_a_sequence_once(token: str) -> None:
    for _ in range(2):
        assert post(token, LINE, **{"X-Sequence": "7"}).json() == {"segment": 1, "lines": 1}
    assert LogSegment.objects.count() == 1
    assert post(token, LINE, **{"X-Sequence": "8"}).json()["segment"] == 2
    assert post(token, LINE + "x", **{"X-Sequence": "8"}).status_code == 409
    assert post(token, LINE).json()["segment"] == 3


@pytest.mark.parametrize("sequence", ["", "a b", "x" * 101, "é"])
def test_it_refuses_a_bad_sequence(token: str, sequence: str) -> None:
    assert post(token, LINE, **{"X-Sequence": sequence}).status_code == 400


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer wrong", "Token {token}", "Basic {token}"]
)
def test_it_asks_for_the_sources_token(token: str, header: str) -> None:
    headers = {"Authorization": header.format(token=token)}
    response = Client().post(URL, LINE, content_type="text/plain", headers=headers)
    assert response.status_code == 401
    assert not LogSegment.objects.exists()


@pytest.mark.parametrize(
    "query", ["", "?source=other", "?source=", "?source=a%00b", "?source=file"]
)
def test_it_takes_a_token_for_its_source_only(token: str, query: str) -> None:
    LogSource.objects.create(name="file", kind="file", token_digest=push.token_digest(token))
    headers = {"Authorization": f"Bearer {token}"}
    response = Client().post(
        f"/api/v1/segments/{query}", LINE, content_type="text/plain", headers=headers
    )
    assert response.status_code == 401


def test_it_takes_no_other_method(token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().get(URL, headers=headers).status_code == 405


@pytest.mark.parametrize(
    ("item", "line"),
    [
        ({"message": LINE}, LINE),
        ({"log": LINE + "\n"}, LINE),
        ({"MESSAGE": LINE}, LINE),
        ({"message": LINE, "host": "shipper", "timestamp": "2026-11-20T04:00:00Z"}, LINE),
        (
            {"timestamp": "2026-11-20T10:00:00.5+07:00", "host": "mx1", "procid": 12,
             "appname": "postfix/qmgr", "message": "3A1B2C4D5E: removed"},
            "<22>1 2026-11-20T03:00:00.500000Z mx1 postfix/qmgr 12 - - 3A1B2C4D5E: removed",
        ),
        (
            {"__REALTIME_TIMESTAMP": "1795143600000000", "_HOSTNAME": "mx1",
             "SYSLOG_IDENTIFIER": "postfix/qmgr", "MESSAGE": "a\nb"},
            "<22>1 2026-11-20T03:00:00Z mx1 postfix/qmgr - - - a#012b",
        ),
        (
            {"date": 1795143600.25, "hostname": "m x", "ident": "postfix/qmgr", "log": "x"},
            "<22>1 2026-11-20T03:00:00.250000Z m_x postfix/qmgr - - - x",
        ),
    ],
)  # fmt: skip
def test_it_reads_the_objects_of_shippers(token: str, item: dict[str, Any], line: str) -> None:
    body = json.dumps(item) + "\n\n" + json.dumps(item) + "\n"
    assert post(token, body, NDJSON).status_code == 200
    assert stored().decode() == f"{line}\n{line}\n"


def test_it_reads_an_array_and_what_it_put_together(token: str) -> None:
    texts = [line.split(": ", 1)[1] for line in mail_log.SENT.splitlines()]
    tags = [line.split(" ")[2].split("[")[0] for line in mail_log.SENT.splitlines()]
    items = [
        {"timestamp": "2026-11-20T03:00:00Z", "host": "out1", "appname": tag, "message": text}
        for tag, text in zip(tags, texts, strict=True)
    ]
    assert post(token, json.dumps(items), "application/json").status_code == 200
    run_source(LogSource.objects.get().pk)
    assert [row["recipient"] for row in deliveries()] == ["budi@far.example"]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ('{"message": "a"}\nnot json\n', "Line 2"),
        ('{"message": "a"}\n\n["b"]\n', "Line 3"),
        ('{"text": "a"}', "Line 1"),
        ('{"message": 5}', "Line 1"),
        ('{"message": "a", "appname": "x"}', "Line 1"),
        ('{"message": "a", "appname": "x", "host": "h", "timestamp": "noon"}', "Line 1"),
        (
            '{"message": "a", "appname": "x", "host": "h", "timestamp": "2026-11-20 03:00"}',
            "Line 1",
        ),
        ('{"message": "a", "appname": "x", "host": "h", "date": 1e400}', "Line 1"),
        ("[" * 100_000, "The body"),
        ('{"a":' * 100_000, "Line 1"),
        (b"\xff\xfe", "Line 1"),
    ],
)
def test_it_names_the_bad_line(token: str, body: bytes | str, where: str) -> None:
    response = post(token, body, NDJSON)
    assert response.status_code == 400
    assert where in response.json()["detail"]
    assert not LogSegment.objects.exists()


def test_it_unpacks_gzip_of_several_members(token: str) -> None:
    body = gzip.compress(b"one\n") + gzip.compress(b"two\n")
    assert post(token, body, **{"Content-Encoding": "gzip"}).status_code == 200
    assert stored() == b"one\ntwo\n"


@pytest.mark.parametrize(
    "body",
    [
        b"plain",
        gzip.compress(b"x" * 1000, mtime=0)[:-9],
        gzip.compress(b"one", mtime=0) + b"junk",
        gzip.compress(b"", mtime=0) * 1001,
        b"\x1f\x8b",
    ],
)
def test_it_refuses_bad_gzip(token: str, body: bytes) -> None:
    assert post(token, body, **{"Content-Encoding": "gzip"}).status_code == 400
    assert not LogSegment.objects.exists()


def test_it_is_not_blown_up(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "MAX_BYTES", 100_000)
    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < 100_000
    assert post(token, bomb, **{"Content-Encoding": "gzip"}).status_code == 413
    many = gzip.compress(b"0" * 60_000) * 2
    assert post(token, many, **{"Content-Encoding": "gzip"}).status_code == 413
    assert post(token, b"0" * 100_001).status_code == 413
    assert post(token, b"0" * 100_000).status_code == 200


@pytest.mark.parametrize(
    ("content_type", "encoding", "wrong"),
    [
        ("application/xml", "", "application/xml"),
        ("text/plain", "zstd", "Content-Encoding: zstd"),
        ("multipart/form-data; boundary=x", "", "multipart/form-data"),
    ],
)
def test_it_refuses_other_formats(token: str, content_type: str, encoding: str, wrong: str) -> None:
    headers = {"Content-Encoding": encoding} if encoding else {}
    answer = post(token, LINE, content_type, **headers)
    assert answer.status_code == 415
    assert wrong in answer.json()["detail"]


@pytest.mark.parametrize("body", ["", "\n", "  \n"])
def test_it_stores_nothing_of_nothing(token: str, body: str) -> None:
    assert post(token, body).json() == {"segment": None, "lines": 0}
    assert not LogSegment.objects.exists()


def test_it_keeps_lines_while_the_broker_is_away(
    token: str, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise BrokerError

    monkeypatch.setattr(process_source, "apply_async", fail)
    with django_capture_on_commit_callbacks(execute=True):
        assert post(token, LINE).status_code == 200
    assert LogSegment.objects.count() == 1

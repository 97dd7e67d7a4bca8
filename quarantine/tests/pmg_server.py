"""A PMG that plays the recorded answers of a real one over HTTPS, and keeps state as it does."""

from __future__ import annotations

import csv
import http.server
import json
import ssl
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import trustme

from quarantine.tests.support import DATA, unpack_spool

USER, PASSWORD = "console@pmg", "secret words"
TICKET, TOKEN = "PMG:console@pmg:1234::sig==", "1234:csrf"


@dataclass
class Pmg:
    """``is_lying``: says yes and does nothing. ``dropping``: act, or not, and hang up."""

    spool: Path
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    delivered: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    listed_senders: list[dict[str, str]] = field(default_factory=list)
    is_lying: bool = False
    is_postfix_down: bool = False
    dropping: str = ""
    is_expiring: bool = False
    logins: int = 0
    url: str = ""
    fingerprint: str = ""
    ca_file: str = ""

    def row(self, ticket: str) -> dict[str, Any] | None:
        for rows in self.rows.values():
            for row in rows:
                if row["id"] == ticket:
                    return row
        return None

    @property
    def held(self) -> set[str]:
        done = {*self.delivered, *self.deleted}
        return {row["id"] for rows in self.rows.values() for row in rows} - done


def load(directory: Path) -> Pmg:
    """The recorded lists; a row that was done then is not among them."""
    with tarfile.open(DATA / "pmg-api.tar.xz") as archive:
        archive.extractall(directory, filter="data")
    pmg = Pmg(unpack_spool(directory))
    for path in sorted((directory / "api").glob("*.json")):
        kind = path.stem.split("_")[0]
        if kind in {"spam", "virus", "attachment"}:
            pmg.rows.setdefault(kind, []).extend(json.loads(path.read_bytes())["data"])
    with (directory / "tables" / "cmailstore.csv").open(newline="") as table:
        for row in csv.DictReader(table):
            pmg.files[f"C{row['cid']}R{row['rid']}"] = row["file"]
    return pmg


class _Failure(Exception):
    """An HTTP status and the reason in its status line."""


class _Handler(http.server.BaseHTTPRequestHandler):
    pmg: Pmg

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def log_message(self, *_args: object) -> None:
        """Tests say what matters themselves."""

    def _answer(self, method: str) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length).decode() if method == "POST" else parts.query
        fields = {name: values[0] for name, values in parse_qs(text).items()}
        try:
            self._check(method, parts.path)
            body = self._route(method, parts.path.removeprefix("/api2/json"), fields)
        except _Failure as failure:
            self.send_response(*failure.args)
            body = b'{"data":null}'
        except ConnectionAbortedError:
            self.close_connection = True
            return
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _check(self, method: str, path: str) -> None:
        if path == "/api2/json/access/ticket":
            return
        if self.pmg.is_expiring and self.pmg.logins == 1:
            raise _Failure(401, "permission denied - invalid PMG ticket")
        if f"PMGAuthCookie={TICKET}" not in self.headers.get("Cookie", ""):
            raise _Failure(401, "No ticket")
        if method != "GET" and self.headers.get("CSRFPreventionToken") != TOKEN:
            raise _Failure(401, "Permission denied - invalid csrf token")

    def _route(self, method: str, path: str, fields: dict[str, str]) -> bytes:
        if path == "/access/ticket":
            return self._ticket(fields)
        if path in {"/quarantine/whitelist", "/quarantine/blacklist"} and method == "POST":
            self.pmg.listed_senders.append(fields | {"list": path.rpartition("/")[2]})
            return b'{"data":null}'
        if path == "/quarantine/download":
            return (self.pmg.spool / self._file(fields["mailid"])).read_bytes()
        if path == "/quarantine/content":
            return self._act(fields) if method == "POST" else self._content(fields["id"])
        return self._list(path.removeprefix("/quarantine/"), fields)

    def _ticket(self, fields: dict[str, str]) -> bytes:
        if (fields.get("username"), fields.get("password")) != (USER, PASSWORD):
            raise _Failure(401, "authentication failure")
        self.pmg.logins += 1
        return _data({"username": USER, "ticket": TICKET, "CSRFPreventionToken": TOKEN})

    def _list(self, kind: str, fields: dict[str, str]) -> bytes:
        start, end = int(fields["starttime"]), int(fields["endtime"])
        rows = self.pmg.rows.get(kind)
        if rows is None:
            raise _Failure(501, "Method not implemented")
        held = self.pmg.held
        return _data([row for row in rows if row["id"] in held and start <= row["time"] < end])

    def _file(self, ticket: str) -> str:
        if self.pmg.row(ticket) is None:
            raise _Failure(500, f"no such mail ({ticket})")
        file = self.pmg.files[ticket.partition("T")[0]]
        if not (self.pmg.spool / file).exists():
            raise _Failure(500, f"unable to open file '/var/spool/pmg/{file}' - No such file")
        return file

    def _content(self, ticket: str) -> bytes:
        file = self._file(ticket)
        header, _, body = (self.pmg.spool / file).read_bytes().partition(b"\n\n")
        row = self.pmg.row(ticket) or {}
        info = [{"name": "SPF_PASS", "score": -0.001, "desc": "-"}]
        texts = {
            "header": header.decode("utf-8", "replace"),
            "content": body[:4096].decode("latin-1"),
        }
        return _data(row | texts | {"file": file, "spaminfo": info})

    def _act(self, fields: dict[str, str]) -> bytes:
        ticket = fields["id"]
        self._file(ticket)
        if self.pmg.dropping == "before":
            raise ConnectionAbortedError
        if self.pmg.is_postfix_down:
            raise _Failure(500, "")
        if ticket in self.pmg.held and not self.pmg.is_lying:
            done = self.pmg.delivered if fields["action"] == "deliver" else self.pmg.deleted
            done.append(ticket)
        if self.pmg.dropping == "after":
            raise ConnectionAbortedError
        return b'{"data":null}'


def _data(value: Any) -> bytes:
    return json.dumps({"data": value}).encode()


@contextmanager
def serving(directory: Path) -> Iterator[Pmg]:
    """On a free port of the loopback address, with a certificate of its own CA."""
    pmg = load(directory)
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    handler = type("Handler", (_Handler,), {"pmg": pmg})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    pmg.ca_file = str(directory / "ca.pem")
    pem = certificate.cert_chain_pems[0].bytes().decode()
    pmg.fingerprint = sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    pmg.url = f"https://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield pmg
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)

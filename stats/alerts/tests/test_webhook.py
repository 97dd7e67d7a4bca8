"""What a webhook's URL may not reach."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from pytest_django import Settings

from stats.alerts.tests.support import Receiver
from stats.alerts.webhook import WebhookFailed, check_url, parse_url, post, resolve

HIDDEN = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0",  # noqa: S104
    "169.254.169.254", "10.0.0.1", "172.16.3.4",
    "192.168.1.1", "100.64.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fe80::1]",
    "[fd00::1]", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[ff02::1]", "[64:ff9b:1::1]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
]  # fmt: skip


@pytest.mark.parametrize("host", HIDDEN)
def test_it_never_reaches_what_is_not_public(host: str) -> None:
    with pytest.raises(WebhookFailed, match="public"):
        check_url(f"https://{host}/hook")
    with pytest.raises(WebhookFailed, match="public"):
        resolve(parse_url(f"https://{host}/hook"))


@pytest.mark.parametrize("text", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost"])
def test_other_spellings_of_loopback_are_loopback(text: str) -> None:
    """What the resolver makes of a name counts, not how it looks."""
    with pytest.raises(WebhookFailed):
        post(f"http://{text}:9/", {}, "secret", "1")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hooks.example/", "file:///etc/passwd", "gopher://hooks.example/", "hooks.example",
        "https://", "https:///x", "https://user:pw@hooks.example/", "https://hooks.example/#x",
        "https://hooks.example:99999/", "https://hooks.example/a b", "https://h.example/\r\nX: y",
        "https://[::1", "https://ho\u00f6ks.example/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(WebhookFailed):
        check_url(url)


def test_a_name_with_one_hidden_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(*_: Any, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
            for address in ("192.0.2.1", "9.9.9.9", "127.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    with pytest.raises(WebhookFailed, match="public"):
        resolve(parse_url("https://rebind.example/"))


def test_it_asks_dns_once_and_connects_to_what_it_checked(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, receiver: Receiver
) -> None:
    """A name that changes its mind between the check and the call gets nothing."""
    asked: list[str] = []

    def answers(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        if host != "rebind.example":
            return real(host, port, *_, **__)
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", answers)
    url = f"http://rebind.example:{receiver.port}/"
    assert post(url, {"a": 1}, "secret", "1") == "204 No Content"
    assert asked == ["rebind.example"]
    assert receiver.calls[0].headers["Host"] == f"rebind.example:{receiver.port}"


def test_a_site_may_allow_https_only(settings: Settings) -> None:
    settings.WEBHOOK_SCHEMES = ["https"]
    with pytest.raises(WebhookFailed, match="https"):
        check_url("http://hooks.example/")
    check_url("https://hooks.example/")


def test_a_site_may_allow_a_network_of_its_own(settings: Settings) -> None:
    settings.WEBHOOK_NETWORKS = ["10.1.0.0/16", "fd00::/8"]
    check_url("https://10.1.2.3/")
    check_url("https://[fd00::1]/")
    with pytest.raises(WebhookFailed):
        check_url("https://10.2.0.1/")


def test_a_receiver_that_hangs_up_is_a_failure() -> None:
    with pytest.raises(WebhookFailed, match="no address"):
        post("https://no-such-host.invalid/", {}, "secret", "1")

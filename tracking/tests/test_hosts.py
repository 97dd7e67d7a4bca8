"""A source that names too many hosts, or others than its own."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tracking.ingest import hosts
from tracking.intake import raw_lines
from tracking.models import LogSegment, LogSource, Message, Relay, UnsupportedShape
from tracking.selectors import status
from tracking.tests import mail_log
from tracking.tests.support import ingest, make_source

pytestmark = pytest.mark.django_db


def mail_of(host: str, number: int) -> str:
    return mail_log.one_mail(f"4B{number:08X}", host=host)


def test_it_believes_so_many_hosts_and_keeps_the_lines_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hosts, "MAX_HOSTS", 3)
    text = "".join(mail_of(f"forged{number}.example", number) for number in range(10))
    counts = ingest(text)
    assert Message.objects.count() == Relay.objects.count() == 3
    assert raw_lines(LogSegment.objects.get()) == text.encode()
    assert counts.unsupported == LogSource.objects.get().unsupported_count == 7 * 7
    shape = UnsupportedShape.objects.get()
    assert (shape.program, shape.line_count) == ("refused", 49)
    assert shape.shape.startswith("too many hosts")
    assert "forged3.example" in shape.example
    ingest(mail_of("forged0.example", 20) + mail_of("another.example", 21))
    assert LogSource.objects.get().hosts == [f"forged{number}.example" for number in range(3)]
    assert Message.objects.count() == 4


def test_it_counts_hosts_over_segments_parsed_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "MAX_HOSTS", 3)
    text = "".join(mail_of(f"forged{number}.example", number) for number in range(10))
    ingest(text, segment_bytes=1500)
    assert LogSegment.objects.count() > 4
    assert Relay.objects.count() == 3


def test_it_believes_the_allowed_hosts_only() -> None:
    source = make_source()
    source.allowed_hosts = ["out1"]
    source.save()
    ingest(mail_of("out1", 1) + mail_of("mx1", 2))
    assert list(Relay.objects.values_list("name", flat=True)) == ["out1"]
    assert UnsupportedShape.objects.get().shape.startswith("host is not allowed")


def test_it_takes_hosts_from_the_command_and_the_administration(admin_client: Client) -> None:
    out = StringIO()
    call_command("create_log_source", "relays", "--host", "out1", "--host", "mx1", stdout=out)
    source = LogSource.objects.get()
    assert source.allowed_hosts == ["mx1", "out1"]
    call_command("create_log_source", "relays", "--renew", stdout=out)
    source.refresh_from_db()
    assert source.allowed_hosts == ["mx1", "out1"]
    with pytest.raises(CommandError, match="--host"):
        call_command("create_log_source", "other", "--host", "a\nb", stdout=out)
    form = {"name": "relays", "time_zone": "UTC", "allowed_hosts": "out1,out2"}
    answer = admin_client.post(f"/admin/tracking/logsource/{source.pk}/change/", form)
    assert answer.status_code == 302
    source.refresh_from_db()
    assert source.allowed_hosts == ["out1", "out2"]


def test_it_lists_relays_up_to_a_bound(
    viewer_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Relay.objects.bulk_create(Relay(name=f"forged{number:05}.example") for number in range(10_000))
    Relay.objects.create(name="zz-real.example", role="ext")
    ingest(mail_of("zy-seen.example", 1))
    with django_assert_max_num_queries(20):
        page = viewer_client.get("/status/").content.decode()
    assert page.count('scope="row">') < status.MAX_RELAYS + 20
    assert "zz-real.example" in page
    assert "zy-seen.example" in page
    assert "9,802 more host names" in page

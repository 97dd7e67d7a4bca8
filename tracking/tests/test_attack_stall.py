"""A segment that cannot be processed is seen, keeps its lines, and stops only its own source."""

from __future__ import annotations

import pytest
from django.test import Client

from tracking.ingest import pipeline
from tracking.models import LogSource
from tracking.tests.mail_log import SENT
from tracking.tests.support import deliveries, ingest, make_source

pytestmark = pytest.mark.django_db


def test_a_source_that_stands_still_is_seen(
    viewer_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(pipeline, "store_workspace", lambda *_: [][1])
        with pytest.raises(IndexError):
            ingest(SENT, source="poisoned")
    page = viewer_client.get("/status/").content.decode()
    assert "Stands still" in page
    assert "IndexError" in page
    ingest(SENT.replace("3A1B2C4D5E", "3A1B2C4D5F"), source="other")
    assert LogSource.objects.get(name="other").failure == ""
    pipeline.run_source(LogSource.objects.get(name="poisoned").pk)
    assert LogSource.objects.get(name="poisoned").failure == ""
    assert "Stands still" not in viewer_client.get("/status/").content.decode()
    assert deliveries()


def test_a_clock_that_is_ahead_does_not_hide_a_late_source() -> None:
    ingest(SENT.replace("2026-11-20", "2026-12-10"))
    source = LogSource.objects.get()
    assert source.last_received_at is not None
    assert source.last_line_at is not None
    assert source.last_line_at <= source.last_received_at


def test_a_source_that_never_brought_a_line_is_not_up_to_date(viewer_client: Client) -> None:
    make_source("misspelt")
    page = viewer_client.get("/status/").content.decode()
    assert "Nothing yet" in page
    assert "Up to date" not in page

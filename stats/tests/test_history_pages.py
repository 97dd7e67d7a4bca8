"""Giving past mail to its present owners: the page, its progress, and what comes of it."""

from __future__ import annotations

import pytest
from django.test import Client

from stats.models import Reattribution, ReattributionState
from stats.reattribution import request_reattribution, run
from stats.rollups import roll_up
from stats.tests.support import body
from tracking.models import ClientNetwork, Customer
from tracking.tests import mail_log

URL = "/networks/history/"
SWAP = {"HX-Request": "true"}


def test_it_is_for_administrators(viewer_client: Client) -> None:
    assert viewer_client.get(URL).status_code == 403
    assert viewer_client.post(URL).status_code == 403
    assert Reattribution.objects.count() == 0


@pytest.mark.usefixtures("mail")
def test_it_gives_past_mail_to_its_present_owner(keeper_client: Client) -> None:
    other = Customer.objects.create(number="C2", name="PT Dua", service_class="bulk")
    ClientNetwork.objects.create(network="198.18.0.0/28", customer=other)
    before = body(keeper_client.get(f"/networks/?day={mail_log.DAY}&sort=network"))
    assert before.index("PT Dua") > 0
    assert keeper_client.post(URL).status_code == 303
    assert "It begins in a moment" in body(keeper_client.get(URL))
    run()
    page = body(keeper_client.get(URL))
    assert "Done" in page
    assert "keeper" in page
    assert Reattribution.objects.get().messages == 3
    roll_up()
    search = f"/search/?client_network=198.18.0.0/28&since={mail_log.SINCE}&until={mail_log.UNTIL}"
    assert "nobody@far.example" in body(keeper_client.get(search))


def test_it_tells_how_far_it_is(keeper_client: Client) -> None:
    request_reattribution(None)
    Reattribution.objects.update(state=ReattributionState.RUNNING, done=3, total=10, messages=1200)
    page = body(keeper_client.get(URL))
    assert "3 of 10 days; 1,200 mails changed hands." in page
    assert 'hx-trigger="every 2s"' in page
    fragment = body(keeper_client.get(URL, headers=SWAP))
    assert 'value="3"' in fragment
    assert "<html" not in fragment


def test_it_does_not_begin_twice(keeper_client: Client) -> None:
    request_reattribution(None)
    page = body(keeper_client.post(URL, follow=True))
    assert "Past mail is being given to its owners already." in page
    assert Reattribution.objects.count() == 1
    assert '<form class="card networks-ask"' not in page


def test_it_tells_what_went_wrong(keeper_client: Client) -> None:
    request_reattribution(None)
    Reattribution.objects.update(state=ReattributionState.FAILED, error="2026-11-20: <disk full>")
    page = body(keeper_client.get(URL))
    assert "2026-11-20: &lt;disk full&gt;" in page
    assert "every 2s" not in page


@pytest.mark.parametrize(
    "data",
    [{"since": "never"}, {"since": "2026-11-20", "until": "2026-11-19"}, {"until": "0001-01-01"}],
)
def test_it_says_what_is_wrong_with_the_days(keeper_client: Client, data: dict[str, str]) -> None:
    response = keeper_client.post(URL, data)
    assert response.status_code == 422
    assert "field-error" in body(response)
    assert Reattribution.objects.count() == 0


def test_it_takes_days(keeper_client: Client) -> None:
    keeper_client.post(URL, {"since": "2026-11-01", "until": "2026-11-20"})
    found = Reattribution.objects.get()
    assert (str(found.since), str(found.until)) == ("2026-11-01", "2026-11-20")
    assert found.started_by is not None

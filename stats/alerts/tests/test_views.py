"""Pages of alerts and rules, and who may do what."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from stats.alerts.choices import AlertState, NoticeState, RuleKind
from stats.alerts.evaluation import evaluate
from stats.alerts.models import Alert, AlertNotice, AlertRule
from stats.alerts.tests.support import HOUR, MINUTE, NOW, make_network, make_rule, traffic
from stats.alerts.webhook import secret_of
from tracking.choices import Disposition

pytestmark = pytest.mark.django_db
RULE = {
    "name": "Bounces of customers", "severity": "critical", "raise_at": "20", "clear_at": "12.5",
    "minimum": "50", "window_hours": "2", "per": "customer", "customer": "",
    "hold_minutes": "5", "cooldown_minutes": "60", "is_active": "on",
    "readers": "noc@isp.example\nbudi@isp.example id\n", "webhook_url": "https://9.9.9.9/hook",
}  # fmt: skip


def body(response: Any) -> str:
    text: str = response.content.decode()
    return text


def raise_alerts(count: int = 1, **values: Any) -> list[Alert]:
    """As many networks whose mail bounces."""
    make_rule(per="network", **values)
    for number in range(count):
        network = make_network(f"198.18.{number}.0/24", f"C{number}")
        traffic(NOW, 50, Disposition.BOUNCED, network)
    evaluate(NOW)
    return list(Alert.objects.order_by("pk"))


def test_who_may_what(
    viewer_client: Client, operator_client: Client, admin_client: Client, stranger_client: Client
) -> None:
    (alert,) = raise_alerts()
    rule = AlertRule.objects.get()
    page, care = f"/alerts/{alert.pk}/", f"/alerts/{alert.pk}/acknowledge/"
    rules = ["/alerts/rules/", f"/alerts/rules/{rule.pk}/", "/alerts/rules/new/queue_age/"]
    posts = [f"/alerts/rules/{rule.pk}/{word}/" for word in ("secret", "delete")]
    for path in ("/alerts/", page, *rules):
        assert stranger_client.get(path).status_code == 403
    for path in ("/alerts/", page):
        assert viewer_client.get(path).status_code == 200
        assert viewer_client.post(path).status_code == 405
    for path in rules:
        assert operator_client.get(path).status_code == 403
        assert admin_client.get(path).status_code == 200
    for path in ["/alerts/rules/usual/", *posts]:
        assert operator_client.post(path).status_code == 403
        assert admin_client.get(path).status_code == 405
    assert viewer_client.post(care).status_code == 403
    assert operator_client.get(care).status_code == 405
    assert operator_client.post(care).status_code == 303


@pytest.mark.parametrize("number", ["0", "999", "9" * 25])
def test_what_is_not_there_is_404(admin_client: Client, number: str) -> None:
    for path in (f"/alerts/{number}/", f"/alerts/rules/{number}/"):
        assert admin_client.get(path).status_code == 404
    posts = ("{}/acknowledge/", "rules/{}/delete/", "rules/{}/secret/", "notices/{}/again/")
    for path in [f"/alerts/{path.format(number)}" for path in posts]:
        assert admin_client.post(path).status_code == 404
    assert admin_client.get("/alerts/rules/new/nonsense/").status_code == 404


def test_what_is_pending_is_nobodys_business(viewer_client: Client) -> None:
    (alert,) = raise_alerts(hold_minutes=30)
    assert alert.state == AlertState.PENDING
    assert "198.18.0.0/24" not in body(viewer_client.get("/alerts/?state=all"))
    assert viewer_client.get(f"/alerts/{alert.pk}/").status_code == 404


def test_open_alerts_stand_first_and_the_rest_is_history(viewer_client: Client) -> None:
    first, second = raise_alerts(2)
    Alert.objects.filter(pk=first.pk).update(state=AlertState.CLEARED, cleared_at=NOW + HOUR)
    page = body(viewer_client.get("/alerts/"))
    assert "100 % of the mail of 198.18.1.0/24 (C1 PT C1) bounces" in page
    assert "198.18.0.0/24" not in page
    assert second.evidence.replace("&", "&amp;") in page
    assert "198.18.0.0/24" in body(viewer_client.get("/alerts/?state=cleared"))
    both = body(viewer_client.get("/alerts/?state=all"))
    assert both.index("198.18.1.0/24") < both.index("198.18.0.0/24")


def test_alerts_are_filtered(viewer_client: Client) -> None:
    raise_alerts(2)
    page = body(viewer_client.get("/alerts/?subject=18.1.0&kind=bounce_share&severity=warning"))
    assert ("198.18.1.0/24" in page, "198.18.0.0/24" in page) == (True, False)
    assert "No such alert" in body(viewer_client.get("/alerts/?severity=critical"))
    response = viewer_client.get("/alerts/?kind=nonsense&state=x")
    assert response.status_code == 422
    assert "nonsense is not one of the available choices" in body(response)


def test_the_menu_counts_what_nobody_takes_care_of(
    operator_client: Client, stranger_client: Client
) -> None:
    alerts = raise_alerts(2)
    assert '<span class="nav-count">2<' in body(operator_client.get("/alerts/"))
    operator_client.post(f"/alerts/{alerts[0].pk}/acknowledge/", {"comment": "A newsletter."})
    assert '<span class="nav-count">1<' in body(operator_client.get("/alerts/"))
    evaluate(NOW + 12 * HOUR)
    assert "nav-count" not in body(operator_client.get("/alerts/"))
    assert "/alerts/" not in body(stranger_client.get("/tokens/"))


def test_the_first_who_acknowledges_counts(operator_client: Client, admin_client: Client) -> None:
    (alert,) = raise_alerts()
    care = f"/alerts/{alert.pk}/acknowledge/"
    assert operator_client.post(care, {"comment": "x" * 1001}).status_code == 422
    operator_client.post(care, {"comment": "<b>Newsletter</b> of PT C0"})
    page = body(admin_client.post(care, {"comment": "Mine"}, follow=True))
    assert "Somebody else acknowledged this alert before." in page
    assert "&lt;b&gt;Newsletter&lt;/b&gt; of PT C0" in page
    found = Alert.objects.get()
    assert (found.acknowledged_by.username, found.state) == ("operator", AlertState.OPEN)  # type: ignore[union-attr]


def test_a_page_says_who_was_told_and_how_it_went(admin_client: Client) -> None:
    (alert,) = raise_alerts(webhook_url="https://hooks.example/x")
    AlertNotice.objects.update(
        state=NoticeState.FAILED, attempts=11, ended_at=NOW, answer="500 <script>"
    )
    page = body(admin_client.get(f"/alerts/{alert.pk}/"))
    assert "https://hooks.example/x" in page
    assert "500 &lt;script&gt;" in page
    again = f"/alerts/notices/{AlertNotice.objects.get().pk}/again/"
    assert again in page
    assert admin_client.post(again).status_code == 303
    assert AlertNotice.objects.get().state == NoticeState.WAITING


def test_it_says_so_when_nobody_looks_at_the_rules(
    viewer_client: Client, admin_client: Client
) -> None:
    assert "An administrator makes them." in body(viewer_client.get("/alerts/"))
    assert 'href="/alerts/rules/"' in body(admin_client.get("/alerts/"))
    make_rule()
    assert "Nobody has looked at the rules yet" in body(viewer_client.get("/alerts/"))
    evaluate(NOW)
    assert "Nobody has looked at the rules since" in body(viewer_client.get("/alerts/"))
    evaluate()
    page = body(viewer_client.get("/alerts/"))
    assert "Nothing is wrong" in page
    assert "1 rule is looked at every minute." in page


def test_a_rule_is_made_shown_and_changed(admin_client: Client) -> None:
    new = "/alerts/rules/new/bounce_share/"
    response = admin_client.post(new, RULE)
    rule = AlertRule.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/alerts/rules/{rule.pk}/")
    assert (rule.kind, rule.raise_at, rule.clear_at) == (RuleKind.BOUNCE_SHARE, 20, 12.5)
    assert rule.readers == [
        {"address": "noc@isp.example", "language": "en"},
        {"address": "budi@isp.example", "language": "id"},
    ]
    page = body(admin_client.get(f"/alerts/rules/{rule.pk}/"))
    assert "budi@isp.example id" in page
    assert secret_of(rule) in page
    changed = {**RULE, "raise_at": "30", "webhook_url": ""}
    assert admin_client.post(f"/alerts/rules/{rule.pk}/", changed)["Location"] == "/alerts/rules/"
    assert AlertRule.objects.get().raise_at == 30
    table = body(admin_client.get("/alerts/rules/"))
    assert "Bounces of customers" in table
    assert "30 %" in table


@pytest.mark.parametrize("kind", RuleKind.values)
def test_each_kind_has_its_own_fields(admin_client: Client, kind: str) -> None:
    page = body(admin_client.get(f"/alerts/rules/new/{kind}/"))
    assert ('name="per"' in page) == (kind == "bounce_share")
    assert ('name="minimum"' in page) == (kind not in {"source_silent", "virus_outbreak"})
    response = admin_client.post(f"/alerts/rules/new/{kind}/", RULE)
    assert response.status_code == 303
    assert AlertRule.objects.get().kind == kind


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "required"),
        ("raise_at", "nan", "Enter a number"),
        ("raise_at", "1e400", "Enter a number"),
        ("raise_at", "101", "At most 100"),
        ("clear_at", "25", "must not be higher"),
        ("clear_at", "-1", "greater than or equal"),
        ("minimum", "99999999999", "less than or equal"),
        ("window_hours", "25", "less than or equal"),
        ("per", "planet", "not one of the available choices"),
        ("customer", "nobody", "No customer has this number."),
        ("severity", "", "required"),
        ("readers", "not an address", "not is no mail address"),
        ("readers", "a@b.example de", "Behind a@b.example, give one of these languages"),
        ("readers", "a@b.example,c@d.example", "is no mail address"),
        ("readers", "\n".join(f"a{n}@b.example" for n in range(21)), "use a mailing list"),
        ("webhook_url", "ftp://hooks.example/", "Only these schemes may be used: https, http."),
        ("webhook_url", "http://169.254.169.254/meta", "is not on the public Internet"),
        ("webhook_url", "https://me:pw@hooks.example/", "user name"),
    ],
)
def test_bad_input_is_named(admin_client: Client, field: str, value: str, words: str) -> None:
    response = admin_client.post("/alerts/rules/new/bounce_share/", {**RULE, field: value})
    assert response.status_code == 422
    assert words in body(response)
    assert not AlertRule.objects.exists()


def test_a_name_is_used_once(admin_client: Client) -> None:
    make_rule(name=RULE["name"])
    response = admin_client.post("/alerts/rules/new/bounce_share/", RULE)
    assert response.status_code == 422
    assert "already exists" in body(response)


def test_trying_a_rule_saves_nothing(admin_client: Client) -> None:
    make_rule(name="the rule", per="network")
    page = f"/alerts/rules/{AlertRule.objects.get().pk}/"
    response = admin_client.post(page, {**RULE, "try": "1"})
    assert response.status_code == 200
    assert "It would have fired 0 times in the last 7 days" in body(response)
    assert 'value="Bounces of customers"' in body(response)
    assert AlertRule.objects.get().name == "the rule"


def test_the_usual_rules_are_added_once_in_the_readers_language(
    admin_client: Client, settings: Settings
) -> None:
    admin_client.cookies[settings.LANGUAGE_COOKIE_NAME] = "id"
    for _ in range(2):
        assert admin_client.post("/alerts/rules/usual/").status_code == 303
    assert sorted(AlertRule.objects.values_list("kind", flat=True)) == sorted(RuleKind.values)
    assert AlertRule.objects.filter(name__startswith="Sumber log diam").exists()
    for rule in AlertRule.objects.all():
        assert admin_client.get(f"/alerts/rules/{rule.pk}/").status_code == 200


def test_a_deleted_rule_leaves_its_history(admin_client: Client) -> None:
    (alert,) = raise_alerts(name="old rule")
    admin_client.post(f"/alerts/rules/{AlertRule.objects.get().pk}/delete/")
    assert not AlertRule.objects.exists()
    assert "old rule" in body(admin_client.get(f"/alerts/{alert.pk}/"))


def test_a_new_secret_is_another(admin_client: Client) -> None:
    rule = make_rule(webhook_url="https://9.9.9.9/")
    before = secret_of(rule)
    assert admin_client.post(f"/alerts/rules/{rule.pk}/secret/").status_code == 303
    assert secret_of(AlertRule.objects.get()) != before


def test_it_asks_no_more_for_more_alerts(admin_client: Client) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(path).status_code == 200
        return len(captured)

    raise_alerts(10)
    paths = ("/alerts/", "/alerts/?state=all", "/alerts/rules/")
    few = [queries(path) for path in paths]
    raise_alerts(20)
    for number in range(10):
        make_rule(name=f"more {number}")
    evaluate(NOW + MINUTE)
    assert [queries(path) for path in paths] == few

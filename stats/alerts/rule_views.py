"""Pages of rules, for administrators."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mailgw.lib.redirects import see_other
from stats.alerts.choices import RuleKind
from stats.alerts.dry_run import dry_run
from stats.alerts.forms import RuleForm
from stats.alerts.models import AlertRule
from stats.alerts.rules import delete_rule, renew_secret, save_rule
from stats.alerts.selectors import rules_with_counts
from stats.alerts.usual_rules import add_usual_rules
from stats.alerts.webhook import secret_of

UNPROCESSABLE = 422
MAX_ID = 2**63 - 1
_MAY = "stats.change_alertrule"


@require_safe
@permission_required(_MAY, raise_exception=True)
def rules(request: HttpRequest) -> HttpResponse:
    """All rules, and the kinds to make one of."""
    context = {"rules": rules_with_counts(), "kinds": RuleKind.choices}
    return render(request, "stats/alert_rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(_MAY, raise_exception=True)
def new_rule(request: HttpRequest, kind: str) -> HttpResponse:
    """A rule of a kind; the button “Try” shows what it would have done, and saves nothing."""
    if kind not in RuleKind.values:
        raise Http404
    return _edit(request, AlertRule(kind=kind))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(_MAY, raise_exception=True)
def change_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """The same of one that there is."""
    return _edit(request, get_object_or_404(AlertRule, pk=min(pk, MAX_ID)))


def _edit(request: HttpRequest, rule: AlertRule) -> HttpResponse:
    form = RuleForm(request.POST or None, instance=rule)
    context = {"form": form, "rule": rule, "secret": secret_of(rule) if rule.pk else ""}
    if request.method != "POST":
        return render(request, "stats/alert_rule.html", context)
    if not form.is_valid():
        return render(request, "stats/alert_rule.html", context, status=UNPROCESSABLE)
    if "try" in request.POST:
        return render(request, "stats/alert_rule.html", {**context, "dry_run": dry_run(rule)})
    save_rule(rule)
    messages.success(request, _("The rule %(name)s is saved.") % {"name": rule.name})
    return see_other("stats:alert-rule" if rule.webhook_url else "stats:alert-rules", *_of(rule))


def _of(rule: AlertRule) -> list[int]:
    """The page with the secret, when there is somebody who needs it."""
    return [rule.pk] if rule.webhook_url else []


@require_POST
@permission_required(_MAY, raise_exception=True)
def remove_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Its alerts stay in the history."""
    rule = get_object_or_404(AlertRule, pk=min(pk, MAX_ID))
    delete_rule(rule)
    messages.success(request, _("The rule %(name)s is deleted.") % {"name": rule.name})
    return see_other("stats:alert-rules")


@require_POST
@permission_required(_MAY, raise_exception=True)
def renew_rule_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """The old secret signs nothing any more."""
    renew_secret(get_object_or_404(AlertRule, pk=min(pk, MAX_ID)))
    messages.success(request, _("The webhook has a new secret. Give it to the receiver."))
    return see_other("stats:alert-rule", pk)


@require_POST
@permission_required(_MAY, raise_exception=True)
def add_usual(request: HttpRequest) -> HttpResponse:
    """The rules that most sites begin with."""
    added = add_usual_rules()
    messages.success(request, _("%(n)s rules were added.") % {"n": len(added)})
    return see_other("stats:alert-rules")

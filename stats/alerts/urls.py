"""Routes of alerts."""

from __future__ import annotations

from django.urls import URLPattern, path

from stats.alerts import rule_views, views

urlpatterns: list[URLPattern] = [
    path("", views.alerts, name="alerts"),
    path("<int:pk>/", views.alert, name="alert"),
    path("<int:pk>/acknowledge/", views.acknowledge_alert, name="alert-acknowledge"),
    path("notices/<int:pk>/again/", views.send_notice_again, name="alert-notice-again"),
    path("rules/", rule_views.rules, name="alert-rules"),
    path("rules/usual/", rule_views.add_usual, name="alert-rules-usual"),
    path("rules/new/<slug:kind>/", rule_views.new_rule, name="alert-rule-new"),
    path("rules/<int:pk>/", rule_views.change_rule, name="alert-rule"),
    path("rules/<int:pk>/delete/", rule_views.remove_rule, name="alert-rule-delete"),
    path("rules/<int:pk>/secret/", rule_views.renew_rule_secret, name="alert-rule-secret"),
]

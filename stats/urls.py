"""Routes of the stats app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from stats import charts, views

app_name = "stats"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.dashboard, name="dashboard"),
    path("charts/traffic.json", charts.TrafficChart.as_view(), name="traffic-chart"),
    path("charts/month.json", charts.MonthChart.as_view(), name="month-chart"),
]

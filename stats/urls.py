"""Routes of the stats app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from stats import charts, views

app_name = "stats"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.dashboard, name="dashboard"),
    path("charts/hours.json", charts.HoursChart.as_view(), name="hours-chart"),
    path("charts/days.json", charts.DaysChart.as_view(), name="days-chart"),
]

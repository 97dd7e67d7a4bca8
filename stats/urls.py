"""Routes of the stats app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from stats import charts, list_charts, outbound_charts, outbound_views, views
from stats.networks import history_views
from stats.networks import views as networks

app_name = "stats"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.dashboard, name="dashboard"),
    path("charts/traffic.json", charts.TrafficChart.as_view(), name="traffic-chart"),
    path("charts/month.json", charts.MonthChart.as_view(), name="month-chart"),
    path("charts/<slug:name>.svg", views.dashboard_svg, name="dashboard-svg"),
    path("alerts/", include("stats.alerts.urls")),
    path("charts/scores.json", list_charts.ScoresChart.as_view(), name="scores-chart"),
    path("charts/day-hours.json", list_charts.DayHoursChart.as_view(), name="day-hours-chart"),
    path("reports/", include("stats.reports.urls")),
    path("outbound/", outbound_views.outbound, name="outbound"),
    path("outbound/numbers.csv", outbound_views.outbound_csv, name="outbound-csv"),
    path("outbound/poster.pdf", outbound_views.outbound_poster, name="outbound-poster"),
    path("outbound/<slug:name>.svg", outbound_views.outbound_svg, name="outbound-svg"),
    path("networks/", networks.networks, name="networks"),
    path("networks/networks.csv", networks.networks_csv, name="networks-csv"),
    path("networks/unregistered/", networks.unregistered, name="unregistered"),
    path("networks/history/", history_views.history, name="history"),
    path("networks/<int:pk>/", networks.network, name="network"),
    path("networks/<int:pk>/chart.json", networks.NetworkChart.as_view(), name="network-chart"),
    path("networks/<int:pk>/chart.svg", networks.network_svg, name="network-svg"),
    path("networks/ip/<str:text>/", networks.address, name="address"),
    path("charts/flow.json", outbound_charts.FlowChart.as_view(), name="flow-chart"),
    path("charts/heat.json", outbound_charts.HeatChart.as_view(), name="heat-chart"),
    path("charts/domains.json", outbound_charts.DomainsChart.as_view(), name="domains-chart"),
    path("charts/reasons.json", outbound_charts.ReasonsChart.as_view(), name="reasons-chart"),
    path("charts/sizes.json", outbound_charts.SizesChart.as_view(), name="sizes-chart"),
    path("charts/tls.json", outbound_charts.TlsChart.as_view(), name="tls-chart"),
]

"""Routes of reports."""

from __future__ import annotations

from django.urls import URLPattern, path

from stats.reports import views

urlpatterns: list[URLPattern] = [
    path("", views.reports, name="reports"),
    path("new/", views.new_report, name="report-new"),
    path("<int:pk>/", views.report, name="report"),
    path("<int:pk>/delete/", views.delete_report, name="report-delete"),
    path("<int:pk>/send/", views.send_report, name="report-send"),
    path("<int:pk>/preview/", views.preview, name="report-preview"),
    path("<int:pk>/preview.html", views.preview_html, name="report-preview-html"),
    path("<int:pk>/preview.pdf", views.preview_pdf, name="report-preview-pdf"),
    path("unsubscribe/<str:token>/", views.report_unsubscribe, name="report-unsubscribe"),
]

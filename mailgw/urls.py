"""All routes. Each app lays out its own paths below the root."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from mailgw import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("accounts/login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include(("mailgw.api", "api"))),
    path("", include("stats.urls")),
    path("", include("tracking.urls")),
    path("", include("quarantine.urls")),
    path("", include("helpdesk.urls")),
]

handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error

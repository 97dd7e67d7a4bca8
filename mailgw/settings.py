"""Settings of every mode, read from the environment; ``.env.example`` lists each name.

Order: paths and environment, security, applications, middleware, templates, database, broker and
Celery, authentication, mail, quarantine, webhooks, API, languages and time, static files, logging,
libraries.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
import structlog
from csp.constants import NONE, SELF
from kombu import Queue

from mailgw.embedded.home import Home
from mailgw.lib.version import read_version

# Paths and environment
BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env")
env = environ.FileAwareEnv()
MAILGW_HOME = Home.from_environment()
VERSION = read_version(BASE_DIR / "CHANGELOG.md")
DEBUG: bool = env.bool("DEBUG", default=False)
ROOT_URLCONF = "mailgw.urls"
WSGI_APPLICATION = "mailgw.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Security
SECRET_KEY: str = env.str("SECRET_KEY")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SERVE_HTTPS: bool = env.bool("SERVE_HTTPS", default=True)
TRUSTED_PROXY_COUNT: int = env.int("TRUSTED_PROXY_COUNT", default=0)
SESSION_COOKIE_SECURE = SERVE_HTTPS
CSRF_COOKIE_SECURE = SERVE_HTTPS
SECURE_SSL_REDIRECT = SERVE_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS: int = env.int("HSTS_SECONDS", default=31_536_000 if SERVE_HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SERVE_HTTPS
SECURE_HSTS_PRELOAD = SERVE_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# Applications
INSTALLED_APPS = [
    "mailgw",
    "tracking",
    "quarantine",
    "stats",
    "helpdesk",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "mailgw.apps.StaticFilesConfig",
    "django.forms",
    "rest_framework",
    "django_filters",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_structlog",
    "django_tables2",
    "netfields",
    "axes",
]

# Middleware
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "mailgw.middleware.site_time_zone",
    "mailgw.middleware.visible_overrides",
    "axes.middleware.AxesMiddleware",
]

# Templates
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mailgw.context_processors.console",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Database
DATABASES = {"default": env.db_url("DATABASE_URL", default=MAILGW_HOME.database_url)}
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}

# Broker and Celery
CELERY_BROKER_URL: str = env.str("BROKER_URL", default=MAILGW_HOME.broker_url)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A task whose worker was killed is delivered again after this time; beat looks for work left over
# much sooner, and an advisory lock keeps two deliveries of one task from running together.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"visibility_timeout": 900}
CELERY_TASK_QUEUES = [Queue(name) for name in ("default", "ingest", "rollup")]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "tracking.process_source": {"queue": "ingest"},
    "stats.deliver_alert_notice": {"queue": "default"},
    "stats.deliver_report": {"queue": "default"},
    "stats.evaluate_alerts": {"queue": "default"},
    "stats.send_reports": {"queue": "default"},
    "stats.*": {"queue": "rollup"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 870
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
DJANGO_STRUCTLOG_CELERY_ENABLED = True
# The schedule starts some tasks every few seconds: only what goes wrong is for every log.
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_SUCCESS_LOG_LEVEL = logging.DEBUG

# Authentication
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# By itself, axes believes any X-Forwarded-For: a guesser could be somebody else each time.
AXES_CLIENT_IP_CALLABLE = "mailgw.lib.networks.client_text"

# Mail that the console sends itself: answers to requests, digests. Off without EMAIL_URL.
PUBLIC_URL: str = env.str("PUBLIC_URL", default="")
_MAIL: dict[str, Any] = env.email_url("EMAIL_URL", default="dummymail://")
SENDS_MAIL = bool(env.str("EMAIL_URL", default=""))
EMAIL_BACKEND: str = _MAIL["EMAIL_BACKEND"]
EMAIL_HOST: str = _MAIL["EMAIL_HOST"] or ""
EMAIL_PORT: int = _MAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER: str = _MAIL["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD: str = _MAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS: bool = _MAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL: bool = _MAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="postmaster@localhost")

# Postfix's queue, as the relays have it: maximal_queue_lifetime, minimal_ and maximal_backoff_time.
QUEUE_LIFETIME_HOURS: int = env.int("QUEUE_LIFETIME_HOURS", default=120)
RETRY_MIN_SECONDS: int = env.int("RETRY_MIN_SECONDS", default=300)
RETRY_MAX_SECONDS: int = env.int("RETRY_MAX_SECONDS", default=4000)

# Quarantine
QUARANTINE_UNDELETE_HOURS: int = env.int("QUARANTINE_UNDELETE_HOURS", default=72)
QUARANTINE_KEEP_DAYS: dict[str, int] = env.dict(
    "QUARANTINE_KEEP_DAYS", cast={"value": int}, default={}
)
QUARANTINE_RECORD_DAYS: int = env.int("QUARANTINE_RECORD_DAYS", default=365)
QUARANTINE_DIGEST_DOMAINS: list[str] = env.list("QUARANTINE_DIGEST_DOMAINS", default=[])
QUARANTINE_DIGEST_KINDS: list[str] = env.list("QUARANTINE_DIGEST_KINDS", default=["spam"])
QUARANTINE_DIGEST_HOUR: int = env.int("QUARANTINE_DIGEST_HOUR", default=7)
QUARANTINE_DIGEST_LINK_DAYS: int = env.int("QUARANTINE_DIGEST_LINK_DAYS", default=7)
QUARANTINE_DIGEST_LANGUAGE: str = env.str("QUARANTINE_DIGEST_LANGUAGE", default="en")

# Reports by mail, sent from this hour on by the reader's clocks.
REPORT_HOUR: int = env.int("REPORT_HOUR", default=7)

# Webhooks of alerts. Networks that are not on the public Internet are called only if named.
WEBHOOK_SCHEMES: list[str] = env.list("WEBHOOK_SCHEMES", default=["https", "http"])
WEBHOOK_NETWORKS: list[str] = env.list("WEBHOOK_NETWORKS", default=[])
WEBHOOK_CA_FILE: str = env.str("WEBHOOK_CA_FILE", default="")

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "mailgw.lib.authentication.ApiTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["mailgw.lib.permissions.HasScope"],
    "DEFAULT_PAGINATION_CLASS": "mailgw.lib.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "mailgw.lib.openapi.ApiSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "mailgw.lib.renderers.NamedNegotiation",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_VERSIONING_CLASS": None,
    "PAGE_SIZE": 100,
}
MIGRATION_MODULES = {"knox": None}  # its migrations would make a table for tokens of its own
KNOX_TOKEN_MODEL = "tracking.ApiToken"  # noqa: S105 (a model)
REST_KNOX = {"AUTO_REFRESH": False, "TOKEN_PREFIX": "mailgw_"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Mail gateway console",
    "DESCRIPTION": "Messages, deliveries and rejections of the mail relays; log intake.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "AlertKindEnum": "stats.alerts.serializers.KINDS",
        "AlertStateEnum": "stats.alerts.serializers.STATES",
        "MessageKindEnum": "tracking.serializers.MESSAGE_KINDS",
        "QuarantineKindEnum": "quarantine.serializers.KINDS",
        "ReasonCodeEnum": "tracking.serializers.REASON_CODES",
        "RejectionKindEnum": "tracking.serializers.REJECTION_KINDS",
    },
}

# Statistics
FIGURES_OF_HOURS_DAYS: int = env.int("FIGURES_OF_HOURS_DAYS", default=0)
FIGURES_OF_DAYS_DAYS: int = env.int("FIGURES_OF_DAYS_DAYS", default=0)
ALERTS_AND_REPORTS_DAYS: int = env.int("ALERTS_AND_REPORTS_DAYS", default=365)

# Languages and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("id", "Bahasa Indonesia")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
SITE_TIME_ZONE: str = env.str("SITE_TIME_ZONE", default="Asia/Jakarta")

# Static files
STATIC_URL = "static/"
STATIC_ROOT = MAILGW_HOME.static
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/tabler/css", NODE_MODULES / "@tabler/core/dist/css"),
    ("vendor/tabler/js", NODE_MODULES / "@tabler/core/dist/js"),
    ("vendor/ibm-plex-sans", NODE_MODULES / "@fontsource-variable/ibm-plex-sans/files"),
    ("vendor/ibm-plex-mono", NODE_MODULES / "@fontsource/ibm-plex-mono/files"),
    ("vendor/chart.js", NODE_MODULES / "chart.js/dist"),
    ("vendor/chartjs-chart-matrix", NODE_MODULES / "chartjs-chart-matrix/dist"),
    ("vendor/chartjs-chart-sankey", NODE_MODULES / "chartjs-chart-sankey/dist"),
    ("vendor/chartjs-chart-treemap", NODE_MODULES / "chartjs-chart-treemap/dist"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "mailgw.lib.static_storage.HashedStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# Logging: one stream, stderr; whoever starts the process decides where it goes.
LOG_LEVEL: str = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT: str = env.str("LOG_FORMAT", default="console")
LOG_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]
structlog.configure(
    processors=[*LOG_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            "foreign_pre_chain": LOG_PROCESSORS,
        },
        "console": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Plain tracebacks: the local variables of a frame hold customers' mail.
                structlog.dev.ConsoleRenderer(
                    colors=False, exception_formatter=structlog.dev.plain_traceback
                ),
            ],
            "foreign_pre_chain": LOG_PROCESSORS,
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        name: {"level": "WARNING"}
        for name in (
            "axes",
            "celery.utils.functional",
            # "Task received", "succeeded in", "Sending due task".
            "celery.worker.strategy",
            "celery.app.trace",
            "celery.beat",
            "fontTools",
        )
    },
}

# Libraries
DJANGO_TABLES2_TEMPLATE = "components/table.html"

"""Settings of the tests: the same console on servers of its own that forget everything."""

from __future__ import annotations

import os
import tempfile

if "MAILGW_TEST_HOME" not in os.environ:  # pytest's first process; its workers inherit the rest
    os.environ["MAILGW_TEST_HOME"] = tempfile.mkdtemp(prefix="mailgw-test-")
    os.environ |= {"SECRET_KEY": 8 * "for-tests-only ", "SERVE_HTTPS": "off", "DEBUG": "off"}
os.environ["MAILGW_HOME"] = os.environ["MAILGW_TEST_HOME"]

from mailgw.settings import *  # noqa: F403
from mailgw.settings import CELERY_BROKER_TRANSPORT_OPTIONS, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES |= {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True  # the browser's files, uncollected
CELERY_BROKER_TRANSPORT_OPTIONS |= {
    "global_keyprefix": f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}:"
}

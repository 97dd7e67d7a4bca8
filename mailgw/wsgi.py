"""WSGI entry point for gunicorn.

What a process has loaded before its first request stays: it is left out of garbage collection,
which would look at each of these objects again and again (0.1 s in the middle of a request).
"""

from __future__ import annotations

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailgw.settings")

application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()

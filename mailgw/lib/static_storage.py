"""Storage of collected static files: names carry a hash, so browsers may keep them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashes the paths inside ES module imports too, so no bundler is needed."""

    support_js_module_import_aggregation = True

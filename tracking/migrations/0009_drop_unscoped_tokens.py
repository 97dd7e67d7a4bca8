"""Tokens without scopes are known no more; their table would keep users from being deleted."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tracking", "0008_token_permissions")]

    operations = [
        # Backwards nothing: knox makes its own table where it keeps its own tokens.
        migrations.RunSQL("DROP TABLE IF EXISTS knox_authtoken", migrations.RunSQL.noop),
    ]

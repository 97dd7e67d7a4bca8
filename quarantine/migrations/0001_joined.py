"""An array's texts as one text: array_to_string is not immutable, for texts it might be."""

from __future__ import annotations

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

JOINED = """
CREATE FUNCTION quarantine_joined(text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT array_to_string($1, ' ') $$
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        TrigramExtension(),
        migrations.RunSQL(JOINED, "DROP FUNCTION quarantine_joined(text[])"),
    ]

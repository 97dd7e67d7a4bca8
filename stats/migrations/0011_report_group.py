"""Administrators keep reports."""

from __future__ import annotations

from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def allow(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Permissions come after all migrations; here they are needed at once."""
    config: Any = apps.get_app_config("stats")
    config.models_module = True
    create_permissions(config, verbosity=0, apps=apps)
    config.models_module = None
    group_model: Any = apps.get_model("auth", "Group")
    permissions: Any = apps.get_model("auth", "Permission").objects
    group, _ = group_model.objects.get_or_create(name="admin")
    group.permissions.add(
        permissions.get(content_type__app_label="stats", codename="change_reportsubscription")
    )


class Migration(migrations.Migration):
    dependencies = [("stats", "0010_reports")]

    operations = [
        # Backwards nothing: the permission goes with the table.
        migrations.RunPython(allow, migrations.RunPython.noop),
    ]

"""Who looks at mail sees alerts; who works on it acknowledges them; administrators keep rules."""

from __future__ import annotations

from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LOOKS = ("view_alert",)
WORKS = (*LOOKS, "acknowledge_alert")
GROUPS = {
    "viewer": LOOKS,
    "helpdesk": LOOKS,
    "operator": WORKS,
    "senior": WORKS,
    "admin": (*WORKS, "change_alertrule"),
}


def allow(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Permissions come after all migrations; here they are needed at once."""
    config: Any = apps.get_app_config("stats")
    config.models_module = True
    create_permissions(config, verbosity=0, apps=apps)
    config.models_module = None
    group_model: Any = apps.get_model("auth", "Group")
    permissions: Any = apps.get_model("auth", "Permission").objects
    for name, codenames in GROUPS.items():
        group, _ = group_model.objects.get_or_create(name=name)
        wanted = permissions.filter(content_type__app_label="stats", codename__in=codenames)
        group.permissions.add(*wanted)


class Migration(migrations.Migration):
    dependencies = [
        ("stats", "0007_alerts"),
        ("tracking", "0004_groups"),
        ("quarantine", "0004_groups"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        # Backwards nothing: the permissions go with the table.
        migrations.RunPython(allow, migrations.RunPython.noop),
    ]

"""Groups of people: viewer (look), operator (work on mail), admin (keep the registry)."""

from __future__ import annotations

from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

VIEWED = (
    "message",
    "hop",
    "delivery",
    "filterverdict",
    "rejection",
    "logsource",
    "unsupportedshape",
    "customer",
    "clientnetwork",
    "relay",
)
VIEWER = [f"view_{model}" for model in VIEWED]
KEPT = ("customer", "clientnetwork", "relay")
ADMIN = [f"{action}_{model}" for action in ("add", "change", "delete") for model in KEPT]
GROUPS = {
    "viewer": VIEWER,
    "operator": VIEWER,
    "admin": [*VIEWER, *ADMIN, "change_logsource"],
}


def make_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Permissions come after all migrations; here they are needed at once."""
    config: Any = apps.get_app_config("tracking")
    config.models_module = True
    create_permissions(config, verbosity=0, apps=apps)
    config.models_module = None
    group_model: Any = apps.get_model("auth", "Group")
    permissions: Any = apps.get_model("auth", "Permission").objects
    for name, codenames in GROUPS.items():
        group, _ = group_model.objects.get_or_create(name=name)
        wanted = permissions.filter(content_type__app_label="tracking", codename__in=codenames)
        group.permissions.add(*wanted)


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0003_logsource_hosts"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        # Backwards nothing: a group may have members.
        migrations.RunPython(make_groups, migrations.RunPython.noop),
    ]

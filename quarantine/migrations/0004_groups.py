"""Groups: helpdesk asks, senior releases all but viruses, admin does all, auditor reads."""

from __future__ import annotations

from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

HELPDESK = ["view_quarantinedmessage", "view_body", "request_release"]
SENIOR = [*HELPDESK, "approve_release", "release", "delete", "download"]
SOURCES = [f"{action}_quarantinesource" for action in ("view", "add", "change", "delete")]
GROUPS = {
    "helpdesk": HELPDESK,
    "senior": SENIOR,
    "admin": [*SENIOR, "release_virus", "release_elsewhere", "audit", *SOURCES],
    "auditor": ["view_quarantinedmessage", "audit"],
}


def make_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Permissions come after all migrations; here they are needed at once."""
    config: Any = apps.get_app_config("quarantine")
    config.models_module = True
    create_permissions(config, verbosity=0, apps=apps)
    config.models_module = None
    group_model: Any = apps.get_model("auth", "Group")
    permissions: Any = apps.get_model("auth", "Permission").objects
    for name, codenames in GROUPS.items():
        group, _ = group_model.objects.get_or_create(name=name)
        wanted = permissions.filter(content_type__app_label="quarantine", codename__in=codenames)
        group.permissions.add(*wanted)


class Migration(migrations.Migration):
    dependencies = [
        ("quarantine", "0003_append_only"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        # Backwards nothing: a group may have members.
        migrations.RunPython(make_groups, migrations.RunPython.noop),
    ]

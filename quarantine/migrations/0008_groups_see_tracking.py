"""Who works with held mail sees what became of mail, too: all that the group viewer sees."""

from __future__ import annotations

from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GROUPS = ("helpdesk", "senior", "auditor")


def see_tracking(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    groups: Any = apps.get_model("auth", "Group").objects
    seen = groups.get(name="viewer").permissions.filter(content_type__app_label="tracking")
    for group in groups.filter(name__in=GROUPS):
        group.permissions.add(*seen)


class Migration(migrations.Migration):
    dependencies = [
        ("quarantine", "0007_request_mailed_at"),
        ("tracking", "0015_share_searches"),
    ]

    operations = [
        # Backwards nothing: a group may have members.
        migrations.RunPython(see_tracking, migrations.RunPython.noop),
    ]

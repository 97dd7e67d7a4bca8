"""Mail providers are of tracking now, where searches ask for them: their rows move there."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def move(apps: Any, source: str, target: str) -> None:
    old, new = (
        (apps.get_model(app, "Provider"), apps.get_model(app, "ProviderSuffix"))
        for app in (source, target)
    )
    suffixes = list(old[1].objects.values_list("provider__name", "suffix"))
    for name, is_own in old[0].objects.values_list("name", "is_own"):
        provider = new[0].objects.create(name=name, is_own=is_own)
        rows = [new[1](provider=provider, suffix=text) for owner, text in suffixes if owner == name]
        new[1].objects.bulk_create(rows)


def forward(apps: Any, schema_editor: Any) -> None:
    move(apps, "stats", "tracking")


def back(apps: Any, schema_editor: Any) -> None:
    move(apps, "tracking", "stats")
    apps.get_model("tracking", "Provider").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("stats", "0014_network_reasons"), ("tracking", "0021_providers")]

    operations = [
        migrations.RunPython(forward, back),
        migrations.DeleteModel("ProviderSuffix"),
        migrations.DeleteModel("Provider"),
    ]

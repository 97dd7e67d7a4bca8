"""Who is behind host names and domains: filled by stats, where it was before."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0020_address_case"),
    ]

    operations = [
        migrations.CreateModel(
            name="Provider",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                ("is_own", models.BooleanField(default=False, verbose_name="our own")),
            ],
            options={
                "verbose_name": "mail provider",
                "verbose_name_plural": "mail providers",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="ProviderSuffix",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "suffix",
                    models.CharField(
                        max_length=200, unique=True, verbose_name="suffix of host names and domains"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suffixes",
                        to="tracking.provider",
                        verbose_name="provider",
                    ),
                ),
            ],
            options={
                "verbose_name": "suffix",
                "verbose_name_plural": "suffixes",
                "ordering": ("suffix",),
            },
        ),
    ]

"""Lists of all days are made anew, and the running sums of networks with them."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("stats", "0012_network_running_sums")]

    operations = [
        migrations.RunSQL("UPDATE stats_daystate SET listed = NULL", migrations.RunSQL.noop),
    ]

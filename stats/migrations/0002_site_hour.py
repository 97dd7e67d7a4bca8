"""One row for each hour of the whole site, for pages over many days."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stats', '0001_rollups'),
    ]

    operations = [
        migrations.CreateModel(
            name='SiteHour',
            fields=[
                ('hour', models.DateTimeField(primary_key=True, serialize=False)),
                ('inbound', models.IntegerField()),
                ('outbound', models.IntegerField()),
                ('internal', models.IntegerField()),
                ('rejected', models.IntegerField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name='relayhour',
            name='relay_hour_site',
        ),
    ]

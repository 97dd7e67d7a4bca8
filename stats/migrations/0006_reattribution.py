"""Requests to give history to the owners that the registry names now."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stats', '0005_providers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Reattribution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='waiting', max_length=10, verbose_name='state')),
                ('since', models.DateField(null=True, verbose_name='since')),
                ('until', models.DateField(null=True, verbose_name='until')),
                ('done', models.IntegerField(default=0, verbose_name='days done')),
                ('total', models.IntegerField(default=0, verbose_name='days')),
                ('next_day', models.DateField(null=True)),
                ('registry', models.CharField(blank=True, max_length=64)),
                ('messages', models.BigIntegerField(default=0, verbose_name='mails changed')),
                ('rejections', models.BigIntegerField(default=0, verbose_name='rejections changed')),
                ('requested_at', models.DateTimeField(auto_now_add=True, verbose_name='requested')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
            ],
            options={
                'verbose_name': 're-attribution of history',
                'verbose_name_plural': 're-attributions of history',
                'ordering': ('-pk',),
                'constraints': [models.UniqueConstraint(models.Value(1), condition=models.Q(('state__in', ('waiting', 'running'))), name='one_active_reattribution')],
            },
        ),
    ]

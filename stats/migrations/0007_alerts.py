"""Rules, alerts and the outbox of notices."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stats', '0006_reattribution'),
        ('tracking', '0018_quarantine_deletion'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('kind', models.CharField(choices=[('network_surge', 'A network sends more than usual'), ('bounce_share', 'Too much mail bounces'), ('queue_age', 'Mail waits too long in a queue'), ('provider_refusing', 'A provider starts refusing'), ('source_silent', 'A log source is silent'), ('virus_outbreak', 'One virus in much mail')], max_length=20, verbose_name='kind')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('severity', models.CharField(choices=[('notice', 'Notice'), ('warning', 'Warning'), ('critical', 'Critical')], default='warning', max_length=10, verbose_name='severity')),
                ('raise_at', models.FloatField(verbose_name='raise from')),
                ('clear_at', models.FloatField(verbose_name='clear below')),
                ('minimum', models.PositiveIntegerField(default=0, verbose_name='minimum count')),
                ('window_hours', models.PositiveSmallIntegerField(default=1, verbose_name='hours looked at')),
                ('hold_minutes', models.PositiveSmallIntegerField(default=0, verbose_name='for at least, minutes')),
                ('cooldown_minutes', models.PositiveIntegerField(default=60, verbose_name='cool-down, minutes')),
                ('per', models.CharField(choices=[('site', 'The whole site'), ('customer', 'Each customer'), ('network', 'Each network')], default='site', max_length=10, verbose_name='measured')),
                ('readers', models.JSONField(blank=True, default=list)),
                ('webhook_url', models.CharField(blank=True, max_length=500, verbose_name='webhook')),
                ('webhook_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('evaluated_at', models.DateTimeField(editable=False, null=True)),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tracking.customer')),
            ],
            options={
                'verbose_name': 'alert rule',
                'verbose_name_plural': 'alert rules',
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule_name', models.CharField(max_length=100)),
                ('kind', models.CharField(choices=[('network_surge', 'A network sends more than usual'), ('bounce_share', 'Too much mail bounces'), ('queue_age', 'Mail waits too long in a queue'), ('provider_refusing', 'A provider starts refusing'), ('source_silent', 'A log source is silent'), ('virus_outbreak', 'One virus in much mail')], max_length=20)),
                ('severity', models.CharField(choices=[('notice', 'Notice'), ('warning', 'Warning'), ('critical', 'Critical')], max_length=10)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('open', 'Open'), ('cleared', 'Cleared')], max_length=10)),
                ('subject_kind', models.CharField(choices=[('site', 'Site'), ('customer', 'Customer'), ('network', 'Network'), ('relay', 'Relay'), ('provider', 'Mail provider'), ('source', 'Log source'), ('virus', 'Virus')], max_length=10)),
                ('subject_key', models.CharField(max_length=255)),
                ('subject_label', models.TextField()),
                ('threshold', models.FloatField()),
                ('value', models.FloatField()),
                ('newest_value', models.FloatField()),
                ('peak', models.FloatField()),
                ('usual', models.FloatField(null=True)),
                ('count', models.BigIntegerField(default=0)),
                ('over_since', models.DateTimeField()),
                ('raised_at', models.DateTimeField(null=True)),
                ('cleared_at', models.DateTimeField(null=True)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('evidence', models.TextField()),
                ('without', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('comment', models.TextField(blank=True)),
                ('acknowledged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rule', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='alerts', to='stats.alertrule')),
            ],
            options={
                'verbose_name': 'alert',
                'verbose_name_plural': 'alerts',
                'permissions': (('acknowledge_alert', 'Can acknowledge alerts'),),
            },
        ),
        migrations.CreateModel(
            name='AlertNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('transition', models.CharField(choices=[('raised', 'Raised'), ('cleared', 'Cleared')], max_length=10)),
                ('channel', models.CharField(choices=[('mail', 'Mail'), ('webhook', 'Webhook')], max_length=10)),
                ('target', models.TextField()),
                ('language', models.CharField(blank=True, max_length=8)),
                ('key', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('failed', 'Given up')], default='waiting', max_length=10)),
                ('created_at', models.DateTimeField()),
                ('next_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('ended_at', models.DateTimeField(null=True)),
                ('answer', models.TextField(blank=True)),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='stats.alert')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['next_at'], name='notice_waiting')],
                'constraints': [models.UniqueConstraint(fields=('alert', 'transition', 'channel', 'target'), name='alert_notice_key')],
            },
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['id'], name='alert_open'),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(fields=['rule', 'cleared_at'], name='alert_rule_cleared'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'cleared'), _negated=True), fields=('rule', 'subject_key'), name='alert_one_at_a_time'),
        ),
    ]

"""Who gets reports by mail, and which were sent."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import stats.reports.models


class Migration(migrations.Migration):

    dependencies = [
        ('stats', '0009_network_sums'),
        ('tracking', '0018_quarantine_deletion'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReportSubscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=254, verbose_name='address')),
                ('every', models.CharField(choices=[('day', 'Daily'), ('week', 'Weekly'), ('month', 'Monthly')], max_length=10, verbose_name='every')),
                ('language', models.CharField(choices=[('en', 'English'), ('id', 'Bahasa Indonesia')], max_length=8, verbose_name='language')),
                ('time_zone', models.CharField(default=stats.reports.models.site_time_zone, max_length=64, verbose_name='time zone')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('ended_by_reader_at', models.DateTimeField(editable=False, null=True)),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tracking.customer')),
            ],
            options={
                'verbose_name': 'report',
                'verbose_name_plural': 'reports',
                'ordering': ('address', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='ReportSending',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_day', models.DateField()),
                ('last_day', models.DateField()),
                ('is_extra', models.BooleanField(default=False)),
                ('key', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('failed', 'Given up')], default='waiting', max_length=10)),
                ('created_at', models.DateTimeField()),
                ('next_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('ended_at', models.DateTimeField(null=True)),
                ('answer', models.TextField(blank=True)),
                ('subscription', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sendings', to='stats.reportsubscription')),
            ],
        ),
        migrations.AddConstraint(
            model_name='reportsubscription',
            constraint=models.UniqueConstraint(fields=('address', 'customer', 'every'), name='report_subscription_key', nulls_distinct=False),
        ),
        migrations.AddIndex(
            model_name='reportsending',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['next_at'], name='report_waiting'),
        ),
        migrations.AddConstraint(
            model_name='reportsending',
            constraint=models.UniqueConstraint(condition=models.Q(('is_extra', False)), fields=('subscription', 'first_day'), name='report_sending_once'),
        ),
    ]

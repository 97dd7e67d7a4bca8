"""Rollups of mail and rejections by the hour."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tracking', '0004_groups'),
    ]

    operations = [
        migrations.CreateModel(
            name='CountedClass',
            fields=[
                ('customer_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('service_class', models.CharField(max_length=10)),
            ],
        ),
        migrations.CreateModel(
            name='RejectionHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('kind', models.SmallIntegerField(choices=[(0, 'Other'), (1, 'Greylisting'), (2, 'SPF'), (3, 'Block list'), (4, 'Relay access denied'), (5, 'Unknown recipient'), (6, 'Sender domain'), (7, 'Message size'), (8, 'Policy'), (9, 'Rate limit'), (10, 'TLS required'), (11, 'Protocol error'), (12, 'Content'), (13, 'Content filter')])),
                ('stage', models.SmallIntegerField(choices=[(0, 'Other'), (1, 'Connect'), (2, 'HELO'), (3, 'MAIL FROM'), (4, 'RCPT TO'), (5, 'DATA'), (6, 'End of data')])),
                ('rejections', models.IntegerField()),
                ('network', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.clientnetwork')),
                ('relay', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.relay')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('hour', 'relay', 'kind', 'stage', 'network'), name='rejection_hour_key', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='RelayHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('kind', models.SmallIntegerField(choices=[(0, 'Mail'), (1, 'Non-delivery notification'), (2, 'Delay notification'), (3, 'Delivery confirmation'), (4, 'Filter notification'), (5, 'Quarantine release'), (6, 'Address verification probe')])),
                ('service_class', models.CharField(max_length=10)),
                ('disposition', models.SmallIntegerField(choices=[(0, 'Queued'), (1, 'Delivered'), (2, 'Deferred'), (3, 'Bounced'), (4, 'Expired'), (5, 'Rejected'), (6, 'Greylisted'), (7, 'Blocked'), (8, 'Quarantined'), (9, 'Held'), (10, 'Discarded'), (11, 'Deleted'), (12, 'Lost')])),
                ('quarantine_kind', models.SmallIntegerField(choices=[(0, 'None'), (1, 'Spam'), (2, 'Virus'), (3, 'Attachment'), (4, 'Banned content'), (5, 'Other')])),
                ('messages', models.IntegerField()),
                ('recipients', models.IntegerField()),
                ('bytes', models.BigIntegerField()),
                ('relay', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.relay')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('relay__isnull', True)), fields=['hour'], include=('kind', 'direction', 'messages'), name='relay_hour_site')],
                'constraints': [models.UniqueConstraint(fields=('hour', 'relay', 'direction', 'kind', 'service_class', 'disposition', 'quarantine_kind'), name='relay_hour_key', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='TrafficHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('kind', models.SmallIntegerField(choices=[(0, 'Mail'), (1, 'Non-delivery notification'), (2, 'Delay notification'), (3, 'Delivery confirmation'), (4, 'Filter notification'), (5, 'Quarantine release'), (6, 'Address verification probe')])),
                ('service_class', models.CharField(max_length=10)),
                ('disposition', models.SmallIntegerField(choices=[(0, 'Queued'), (1, 'Delivered'), (2, 'Deferred'), (3, 'Bounced'), (4, 'Expired'), (5, 'Rejected'), (6, 'Greylisted'), (7, 'Blocked'), (8, 'Quarantined'), (9, 'Held'), (10, 'Discarded'), (11, 'Deleted'), (12, 'Lost')])),
                ('quarantine_kind', models.SmallIntegerField(choices=[(0, 'None'), (1, 'Spam'), (2, 'Virus'), (3, 'Attachment'), (4, 'Banned content'), (5, 'Other')])),
                ('messages', models.IntegerField()),
                ('recipients', models.IntegerField()),
                ('bytes', models.BigIntegerField()),
                ('network', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.clientnetwork')),
                ('relay', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.relay')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('hour', 'relay', 'direction', 'kind', 'service_class', 'network', 'disposition', 'quarantine_kind'), name='traffic_hour_key', nulls_distinct=False)],
            },
        ),
    ]

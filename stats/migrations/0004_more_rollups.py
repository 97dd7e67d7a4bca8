"""Rollups of sizes, destinations, verdicts and top lists, and tables of days."""

import django.contrib.postgres.fields
import django.db.models.deletion
import netfields.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stats', '0003_count_again'),
        ('tracking', '0015_share_searches'),
    ]

    operations = [
        migrations.CreateModel(
            name='BlockDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('messages', models.IntegerField()),
                ('recipients', models.IntegerField()),
                ('bytes', models.BigIntegerField()),
                ('deferred', models.IntegerField()),
                ('bounced', models.IntegerField()),
                ('spam', models.IntegerField()),
                ('virus', models.IntegerField()),
                ('block', netfields.fields.CidrAddressField(max_length=43, null=True)),
                ('rank', models.SmallIntegerField()),
                ('senders', models.IntegerField()),
                ('clients', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='CountedBy',
            fields=[
                ('subject', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='DayState',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
                ('changed_at', models.DateTimeField()),
                ('summed', models.DateTimeField(null=True)),
                ('listed', models.DateTimeField(null=True)),
                ('listed_at', models.DateTimeField(null=True)),
                ('list_seconds', models.FloatField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='DomainDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('provider', models.CharField(max_length=100)),
                ('disposition', models.SmallIntegerField(choices=[(0, 'Queued'), (1, 'Delivered'), (2, 'Deferred'), (3, 'Bounced'), (4, 'Expired'), (5, 'Rejected'), (6, 'Greylisted'), (7, 'Blocked'), (8, 'Quarantined'), (9, 'Held'), (10, 'Discarded'), (11, 'Deleted'), (12, 'Lost')])),
                ('recipients', models.IntegerField()),
                ('bytes', models.BigIntegerField()),
                ('retried', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='FlowDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('service_class', models.CharField(max_length=10)),
                ('provider', models.CharField(max_length=100)),
                ('disposition', models.SmallIntegerField(choices=[(0, 'Queued'), (1, 'Delivered'), (2, 'Deferred'), (3, 'Bounced'), (4, 'Expired'), (5, 'Rejected'), (6, 'Greylisted'), (7, 'Blocked'), (8, 'Quarantined'), (9, 'Held'), (10, 'Discarded'), (11, 'Deleted'), (12, 'Lost')])),
                ('recipients', models.IntegerField()),
                ('bytes', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='FlowHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('service_class', models.CharField(max_length=10)),
                ('provider', models.CharField(max_length=100)),
                ('disposition', models.SmallIntegerField(choices=[(0, 'Queued'), (1, 'Delivered'), (2, 'Deferred'), (3, 'Bounced'), (4, 'Expired'), (5, 'Rejected'), (6, 'Greylisted'), (7, 'Blocked'), (8, 'Quarantined'), (9, 'Held'), (10, 'Discarded'), (11, 'Deleted'), (12, 'Lost')])),
                ('recipients', models.IntegerField()),
                ('bytes', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='NetworkDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('messages', models.IntegerField()),
                ('recipients', models.IntegerField()),
                ('bytes', models.BigIntegerField()),
                ('deferred', models.IntegerField()),
                ('bounced', models.IntegerField()),
                ('spam', models.IntegerField()),
                ('virus', models.IntegerField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('senders', models.IntegerField()),
                ('clients', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='NetworkTopDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('messages', models.IntegerField()),
                ('recipients', models.IntegerField()),
                ('bytes', models.BigIntegerField()),
                ('deferred', models.IntegerField()),
                ('bounced', models.IntegerField()),
                ('spam', models.IntegerField()),
                ('virus', models.IntegerField()),
                ('subject', models.SmallIntegerField(choices=[(1, 'Sender'), (2, 'Recipient'), (3, 'Login'), (4, 'Client'), (5, 'Recipient domain')])),
                ('rank', models.SmallIntegerField()),
                ('client', models.GenericIPAddressField(null=True)),
                ('value_count', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Provider',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='name')),
                ('is_own', models.BooleanField(default=False, verbose_name='our own')),
            ],
            options={
                'verbose_name': 'mail provider',
                'verbose_name_plural': 'mail providers',
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='ProviderDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('provider', models.CharField(max_length=100)),
                ('disposition', models.SmallIntegerField(choices=[(0, 'Queued'), (1, 'Delivered'), (2, 'Deferred'), (3, 'Bounced'), (4, 'Expired'), (5, 'Rejected'), (6, 'Greylisted'), (7, 'Blocked'), (8, 'Quarantined'), (9, 'Held'), (10, 'Discarded'), (11, 'Deleted'), (12, 'Lost')])),
                ('recipients', models.IntegerField()),
                ('bytes', models.BigIntegerField()),
                ('retried', models.IntegerField()),
                ('tls', models.IntegerField()),
                ('delay_ms', models.BigIntegerField()),
                ('timed', models.IntegerField()),
                ('delays', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
            ],
        ),
        migrations.CreateModel(
            name='ProviderHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('provider', models.CharField(max_length=100)),
                ('disposition', models.SmallIntegerField(choices=[(0, 'Queued'), (1, 'Delivered'), (2, 'Deferred'), (3, 'Bounced'), (4, 'Expired'), (5, 'Rejected'), (6, 'Greylisted'), (7, 'Blocked'), (8, 'Quarantined'), (9, 'Held'), (10, 'Discarded'), (11, 'Deleted'), (12, 'Lost')])),
                ('recipients', models.IntegerField()),
                ('bytes', models.BigIntegerField()),
                ('retried', models.IntegerField()),
                ('tls', models.IntegerField()),
                ('delay_ms', models.BigIntegerField()),
                ('timed', models.IntegerField()),
                ('delays', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
            ],
        ),
        migrations.CreateModel(
            name='ProviderSuffix',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('suffix', models.CharField(max_length=200, unique=True, verbose_name='suffix of host names and domains')),
            ],
            options={
                'verbose_name': 'suffix',
                'verbose_name_plural': 'suffixes',
                'ordering': ('suffix',),
            },
        ),
        migrations.CreateModel(
            name='ReasonDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('provider', models.CharField(max_length=100)),
                ('disposition', models.SmallIntegerField(choices=[(0, 'Queued'), (1, 'Delivered'), (2, 'Deferred'), (3, 'Bounced'), (4, 'Expired'), (5, 'Rejected'), (6, 'Greylisted'), (7, 'Blocked'), (8, 'Quarantined'), (9, 'Held'), (10, 'Discarded'), (11, 'Deleted'), (12, 'Lost')])),
                ('reason', models.CharField(max_length=40)),
                ('recipients', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='ReasonHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('provider', models.CharField(max_length=100)),
                ('disposition', models.SmallIntegerField(choices=[(0, 'Queued'), (1, 'Delivered'), (2, 'Deferred'), (3, 'Bounced'), (4, 'Expired'), (5, 'Rejected'), (6, 'Greylisted'), (7, 'Blocked'), (8, 'Quarantined'), (9, 'Held'), (10, 'Discarded'), (11, 'Deleted'), (12, 'Lost')])),
                ('reason', models.CharField(max_length=40)),
                ('recipients', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='RejectionDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('kind', models.SmallIntegerField(choices=[(0, 'Other'), (1, 'Greylisting'), (2, 'SPF'), (3, 'Block list'), (4, 'Relay access denied'), (5, 'Unknown recipient'), (6, 'Sender domain'), (7, 'Message size'), (8, 'Policy'), (9, 'Rate limit'), (10, 'TLS required'), (11, 'Protocol error'), (12, 'Content'), (13, 'Content filter')])),
                ('stage', models.SmallIntegerField(choices=[(0, 'Other'), (1, 'Connect'), (2, 'HELO'), (3, 'MAIL FROM'), (4, 'RCPT TO'), (5, 'DATA'), (6, 'End of data')])),
                ('rejections', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='RelayDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('kind', models.SmallIntegerField(choices=[(0, 'Mail'), (1, 'Non-delivery notification'), (2, 'Delay notification'), (3, 'Delivery confirmation'), (4, 'Filter notification'), (5, 'Quarantine release'), (6, 'Address verification probe')])),
                ('service_class', models.CharField(max_length=10)),
                ('disposition', models.SmallIntegerField(choices=[(0, 'Queued'), (1, 'Delivered'), (2, 'Deferred'), (3, 'Bounced'), (4, 'Expired'), (5, 'Rejected'), (6, 'Greylisted'), (7, 'Blocked'), (8, 'Quarantined'), (9, 'Held'), (10, 'Discarded'), (11, 'Deleted'), (12, 'Lost')])),
                ('quarantine_kind', models.SmallIntegerField(choices=[(0, 'None'), (1, 'Spam'), (2, 'Virus'), (3, 'Attachment'), (4, 'Banned content'), (5, 'Other')])),
                ('messages', models.IntegerField()),
                ('recipients', models.IntegerField()),
                ('bytes', models.BigIntegerField()),
                ('delay_ms', models.BigIntegerField(default=0)),
                ('timed', models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='ScoreDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('score', models.SmallIntegerField()),
                ('messages', models.IntegerField()),
                ('recipients', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='ScoreHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('score', models.SmallIntegerField()),
                ('messages', models.IntegerField()),
                ('recipients', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='SizeDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('service_class', models.CharField(max_length=10)),
                ('messages', models.IntegerField()),
                ('bytes', models.BigIntegerField()),
                ('client_tls', models.IntegerField()),
                ('sizes', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
            ],
        ),
        migrations.CreateModel(
            name='SizeHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('service_class', models.CharField(max_length=10)),
                ('messages', models.IntegerField()),
                ('bytes', models.BigIntegerField()),
                ('client_tls', models.IntegerField()),
                ('sizes', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
            ],
        ),
        migrations.CreateModel(
            name='TopDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('messages', models.IntegerField()),
                ('recipients', models.IntegerField()),
                ('bytes', models.BigIntegerField()),
                ('deferred', models.IntegerField()),
                ('bounced', models.IntegerField()),
                ('spam', models.IntegerField()),
                ('virus', models.IntegerField()),
                ('subject', models.SmallIntegerField(choices=[(1, 'Sender'), (2, 'Recipient'), (3, 'Login'), (4, 'Client'), (5, 'Recipient domain')])),
                ('rank', models.SmallIntegerField()),
                ('client', models.GenericIPAddressField(null=True)),
                ('value_count', models.IntegerField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
            ],
        ),
        migrations.CreateModel(
            name='VerdictDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('subject', models.SmallIntegerField(choices=[(1, 'Virus'), (2, 'Filter rule')])),
                ('messages', models.IntegerField()),
                ('recipients', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='VerdictHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('direction', models.SmallIntegerField(choices=[(0, 'Inbound'), (1, 'Outbound'), (2, 'Internal')])),
                ('subject', models.SmallIntegerField(choices=[(1, 'Virus'), (2, 'Filter rule')])),
                ('messages', models.IntegerField()),
                ('recipients', models.IntegerField()),
            ],
        ),
        migrations.AddField(
            model_name='relayhour',
            name='delay_ms',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='relayhour',
            name='timed',
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name='traffichour',
            name='delay_ms',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='traffichour',
            name='timed',
            field=models.IntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name='traffichour',
            index=models.Index(fields=['network', 'hour'], name='traffic_hour_network'),
        ),
        migrations.AddConstraint(
            model_name='blockday',
            constraint=models.UniqueConstraint(fields=('day', 'rank'), name='block_day_key', nulls_distinct=False),
        ),
        migrations.AddField(
            model_name='domainday',
            name='domain',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.domain'),
        ),
        migrations.AddField(
            model_name='flowday',
            name='relay',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.relay'),
        ),
        migrations.AddField(
            model_name='flowhour',
            name='relay',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.relay'),
        ),
        migrations.AddField(
            model_name='networkday',
            name='network',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.clientnetwork'),
        ),
        migrations.AddField(
            model_name='networktopday',
            name='address',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.address'),
        ),
        migrations.AddField(
            model_name='networktopday',
            name='domain',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.domain'),
        ),
        migrations.AddField(
            model_name='networktopday',
            name='network',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.clientnetwork'),
        ),
        migrations.AddConstraint(
            model_name='providerday',
            constraint=models.UniqueConstraint(fields=('day', 'direction', 'provider', 'disposition'), name='provider_day_key', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='providerhour',
            constraint=models.UniqueConstraint(fields=('hour', 'direction', 'provider', 'disposition'), name='provider_hour_key', nulls_distinct=False),
        ),
        migrations.AddField(
            model_name='providersuffix',
            name='provider',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='suffixes', to='stats.provider', verbose_name='provider'),
        ),
        migrations.AddConstraint(
            model_name='reasonday',
            constraint=models.UniqueConstraint(fields=('day', 'direction', 'provider', 'disposition', 'reason'), name='reason_day_key', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='reasonhour',
            constraint=models.UniqueConstraint(fields=('hour', 'direction', 'provider', 'disposition', 'reason'), name='reason_hour_key', nulls_distinct=False),
        ),
        migrations.AddField(
            model_name='rejectionday',
            name='network',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.clientnetwork'),
        ),
        migrations.AddField(
            model_name='rejectionday',
            name='relay',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.relay'),
        ),
        migrations.AddField(
            model_name='relayday',
            name='relay',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.relay'),
        ),
        migrations.AddConstraint(
            model_name='scoreday',
            constraint=models.UniqueConstraint(fields=('day', 'direction', 'score'), name='score_day_key', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='scorehour',
            constraint=models.UniqueConstraint(fields=('hour', 'direction', 'score'), name='score_hour_key', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='sizeday',
            constraint=models.UniqueConstraint(fields=('day', 'direction', 'service_class'), name='size_day_key', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='sizehour',
            constraint=models.UniqueConstraint(fields=('hour', 'direction', 'service_class'), name='size_hour_key', nulls_distinct=False),
        ),
        migrations.AddField(
            model_name='topday',
            name='address',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.address'),
        ),
        migrations.AddField(
            model_name='topday',
            name='domain',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.domain'),
        ),
        migrations.AddField(
            model_name='verdictday',
            name='name',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.name'),
        ),
        migrations.AddField(
            model_name='verdicthour',
            name='name',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tracking.name'),
        ),
        migrations.AddConstraint(
            model_name='domainday',
            constraint=models.UniqueConstraint(fields=('day', 'direction', 'domain', 'provider', 'disposition'), name='domain_day_key', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='flowday',
            constraint=models.UniqueConstraint(fields=('day', 'direction', 'service_class', 'relay', 'provider', 'disposition'), name='flow_day_key', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='flowhour',
            constraint=models.UniqueConstraint(fields=('hour', 'direction', 'service_class', 'relay', 'provider', 'disposition'), name='flow_hour_key', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='networkday',
            constraint=models.UniqueConstraint(fields=('day', 'network', 'direction'), name='network_day_key', nulls_distinct=False),
        ),
        migrations.AddIndex(
            model_name='networktopday',
            index=models.Index(fields=['day'], name='network_top_day'),
        ),
        migrations.AddConstraint(
            model_name='networktopday',
            constraint=models.UniqueConstraint(fields=('network', 'day', 'subject', 'rank'), name='network_top_day_key', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='rejectionday',
            constraint=models.UniqueConstraint(fields=('day', 'relay', 'kind', 'stage', 'network'), name='rejection_day_key', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='relayday',
            constraint=models.UniqueConstraint(fields=('day', 'relay', 'direction', 'kind', 'service_class', 'disposition', 'quarantine_kind'), name='relay_day_key', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='topday',
            constraint=models.UniqueConstraint(fields=('day', 'direction', 'subject', 'rank'), name='top_day_key', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='verdictday',
            constraint=models.UniqueConstraint(fields=('day', 'direction', 'subject', 'name'), name='verdict_day_key', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='verdicthour',
            constraint=models.UniqueConstraint(fields=('hour', 'direction', 'subject', 'name'), name='verdict_hour_key', nulls_distinct=False),
        ),
    ]

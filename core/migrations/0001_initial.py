import core.chain
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from core.database import InitialMigration


class Migration(InitialMigration):
    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditCheckpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.CharField(blank=True, max_length=60)),
                ('number', models.PositiveBigIntegerField(verbose_name='number of the last removed event')),
                ('link', models.CharField(max_length=64, verbose_name='link of the last removed event')),
                ('removed', models.PositiveBigIntegerField(verbose_name='how many were removed')),
                ('older_than', models.DateTimeField(verbose_name='they happened before')),
                ('removed_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'checkpoint of the record',
                'verbose_name_plural': 'checkpoints of the record',
                'ordering': ('area', '-number'),
                'constraints': [models.UniqueConstraint(fields=('area', 'number'), name='one_checkpoint_per_number'), models.CheckConstraint(condition=models.Q(('number__gte', 1), models.Q(('link', ''), _negated=True)), name='checkpoint_has_its_event'), models.CheckConstraint(condition=models.Q(('removed__gte', 1), ('removed__lte', models.F('number'))), name='checkpoint_removes_at_most_all')],
            },
        ),
        migrations.CreateModel(
            name='RetentionNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.CharField(blank=True, max_length=60)),
                ('kind', models.CharField(max_length=20)),
                ('older_than', models.DateTimeField(verbose_name='covers what is older than')),
                ('count', models.PositiveBigIntegerField(verbose_name='how many, when it was announced')),
                ('announced_on', models.DateField()),
                ('deletes_on', models.DateField()),
                ('outcome', models.CharField(blank=True, choices=[('deleted', 'Deleted'), ('cancelled', 'Cancelled')], max_length=10)),
                ('ended_on', models.DateField(null=True)),
                ('deleted', models.PositiveBigIntegerField(default=0, verbose_name='how many were deleted')),
            ],
            options={
                'verbose_name': 'announcement of a deletion',
                'verbose_name_plural': 'announcements of deletions',
                'ordering': ('-announced_on', '-id'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('area', 'kind'), name='one_open_notice_per_kind'), models.CheckConstraint(condition=models.Q(('count__gte', 1)), name='notice_covers_something'), models.CheckConstraint(condition=models.Q(('deletes_on__gt', models.F('announced_on'))), name='notice_comes_before'), models.CheckConstraint(condition=models.Q(models.Q(('ended_on__isnull', True), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), ('ended_on__isnull', False)), _connector='OR'), name='notice_ends_with_an_outcome')],
            },
        ),
        migrations.CreateModel(
            name='StoredObject',
            fields=[
                ('sha256', models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name='SHA-256')),
                ('size', models.PositiveBigIntegerField(verbose_name='size in bytes')),
                ('media_type', models.CharField(max_length=40)),
                ('content', models.BinaryField(null=True)),
                ('unused_since', models.DateTimeField(null=True, verbose_name='no row has used it since')),
            ],
            options={
                'ordering': ('sha256',),
                'constraints': [models.CheckConstraint(condition=models.Q(('media_type', ''), _negated=True), name='stored_object_has_its_type'), models.CheckConstraint(condition=models.Q(('content__isnull', True), ('size', django.db.models.functions.text.Length('content')), _connector='OR'), name='stored_object_has_its_size')],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('name', models.CharField(max_length=150)),
                ('is_staff', models.BooleanField(default=False, verbose_name="may open the operator's admin")),
                ('is_active', models.BooleanField(default=True)),
                ('is_reminded', models.BooleanField(default=True, verbose_name='gets reminders by e-mail')),
                ('is_offered_factor', models.BooleanField(default=True, verbose_name='is offered a second factor on their home page')),
                ('unwanted', models.JSONField(blank=True, default=list, verbose_name='e-mails that are switched off')),
                ('joined_on', models.DateField(default=django.utils.timezone.localdate, editable=False)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='one_user_per_email', violation_error_message='Somebody already signs in with that address.')],
            },
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.CharField(blank=True, max_length=60)),
                ('kind', models.CharField(blank=True, max_length=20)),
                ('why', models.CharField(max_length=300, verbose_name='reason')),
                ('ends_on', models.DateField(null=True, verbose_name='last day')),
                ('state', models.CharField(choices=[('on', 'In force'), ('released', 'Released')], default='on', max_length=10)),
                ('placed_at', models.DateTimeField()),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('released_at', models.DateTimeField(null=True)),
                ('released_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('released_why', models.CharField(blank=True, max_length=300, verbose_name='reason for the release')),
            ],
            options={
                'ordering': ('-placed_at', '-id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='hold_has_its_reason'), models.CheckConstraint(condition=models.Q(models.Q(('released_at__isnull', True), ('released_by__isnull', True), ('released_why', ''), ('state', 'on')), models.Q(('released_at__isnull', False), ('released_by__isnull', False), ('state', 'released'), models.Q(('released_why', ''), _negated=True)), _connector='OR'), name='hold_released_at_by')],
            },
        ),
        migrations.CreateModel(
            name='RetentionRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.CharField(blank=True, max_length=60)),
                ('kind', models.CharField(max_length=20)),
                ('months', models.PositiveSmallIntegerField()),
                ('is_shorter', models.BooleanField()),
                ('why', models.CharField(max_length=300, verbose_name='reason')),
                ('state', models.CharField(choices=[('asked', 'Waiting for a second person'), ('agreed', 'In force'), ('declined', 'Declined')], default='asked', max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_why', models.CharField(blank=True, max_length=300, verbose_name='why it was declined')),
            ],
            options={
                'ordering': ('-asked_at', '-id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('why', ''), _negated=True), ('months__gte', 1)), name='retention_rule_has_its_reason'), models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('area', 'kind'), name='one_open_retention_rule'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='retention_rule_decided_at_by'), models.CheckConstraint(condition=models.Q(models.Q(('decided_by__isnull', True), ('is_shorter', True), ('state', 'asked')), models.Q(('decided_by__isnull', False), ('state', 'agreed')), models.Q(('decided_by__isnull', True), ('is_shorter', False), ('state', 'agreed')), models.Q(('decided_by__isnull', False), ('state', 'declined')), _connector='OR'), name='shorter_retention_needs_another'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), _negated=True), models.Q(('decided_why', ''), _negated=True), _connector='OR'), name='retention_rule_declined_with_reason')],
            },
        ),
        migrations.CreateModel(
            name='LastCode',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='last_code', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('step', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('happened_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('actor_id', models.BigIntegerField(db_index=True, null=True)),
                ('actor', models.CharField(help_text="The person's e-mail address, or “system”.", max_length=254)),
                ('area', models.CharField(blank=True, db_index=True, max_length=60)),
                ('verb', models.CharField(help_text='Dotted and in the past tense: submission.accepted', max_length=60)),
                ('target_type', models.CharField(max_length=60)),
                ('target_id', models.CharField(max_length=60)),
                ('target', models.CharField(max_length=200)),
                ('details', models.JSONField(default=dict)),
                ('erasures', models.PositiveSmallIntegerField(default=0)),
                ('number', models.PositiveBigIntegerField(null=True, verbose_name="its place in the area's chain")),
                ('salt', models.CharField(default=core.chain.make_salt, max_length=32)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('link', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'ordering': ('-happened_at', '-id'),
                'abstract': False,
                'indexes': [models.Index(fields=['target_type', 'target_id'], name='audit_by_target'), models.Index(condition=models.Q(('number__isnull', True)), fields=['area'], name='audit_to_chain')],
                'constraints': [models.UniqueConstraint(fields=('area', 'number'), name='one_event_a_number_of_a_chain'), models.CheckConstraint(condition=models.Q(models.Q(('digest', ''), ('link', ''), ('number__isnull', True)), models.Q(('number__gte', 1), ('number__isnull', False), models.Q(('link', ''), _negated=True), models.Q(('digest', ''), _negated=True)), _connector='OR'), name='chained_event_has_its_link')],
            },
        ),
        migrations.CreateModel(
            name='ReadEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('happened_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('actor_id', models.BigIntegerField(db_index=True, null=True)),
                ('actor', models.CharField(help_text="The person's e-mail address, or “system”.", max_length=254)),
                ('area', models.CharField(blank=True, db_index=True, max_length=60)),
                ('verb', models.CharField(help_text='Dotted and in the past tense: submission.accepted', max_length=60)),
                ('target_type', models.CharField(max_length=60)),
                ('target_id', models.CharField(max_length=60)),
                ('target', models.CharField(max_length=200)),
                ('details', models.JSONField(default=dict)),
                ('erasures', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ('-happened_at', '-id'),
                'abstract': False,
                'indexes': [models.Index(fields=['target_type', 'target_id'], name='reads_by_target')],
            },
        ),
        migrations.CreateModel(
            name='AuditChain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.CharField(blank=True, max_length=60, unique=True)),
                ('number', models.PositiveBigIntegerField(default=0)),
                ('link', models.CharField(blank=True, max_length=64)),
                ('checked_at', models.DateTimeField(null=True)),
                ('checked_number', models.PositiveBigIntegerField(default=0)),
                ('fault', models.CharField(blank=True, max_length=300, verbose_name='what is wrong with it')),
            ],
            options={
                'ordering': ('area',),
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
                ('device', models.CharField(blank=True, help_text='The browser: Firefox on Windows.', max_length=80)),
                ('began_at', models.DateTimeField(null=True)),
                ('seen_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'ordering': ('-seen_at',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='KnownDevice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='devices', to=settings.AUTH_USER_MODEL)),
                ('key', models.CharField(editable=False, max_length=64)),
                ('device', models.CharField(help_text='The browser: Firefox on Windows.', max_length=80)),
                ('first_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('person', '-seen_at'),
                'constraints': [models.UniqueConstraint(fields=('person', 'key'), name='one_known_device_per_key')],
            },
        ),
        migrations.CreateModel(
            name='Limit',
            fields=[
                ('key', models.CharField(max_length=250, primary_key=True, serialize=False)),
                ('value', models.JSONField()),
                ('ends_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='KeptForm',
            fields=[
                ('key', models.CharField(help_text='The session has it.', max_length=43, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kept_forms', to=settings.AUTH_USER_MODEL)),
                ('path', models.CharField(max_length=500)),
                ('typed', models.TextField()),
                ('size', models.PositiveIntegerField()),
                ('kept_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='SentForm',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('led_to', models.CharField(blank=True, max_length=500)),
                ('sent_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='DayLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(blank=True, editable=False, max_length=120, verbose_name='Message-ID')),
                ('tries', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('claimed_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('fault', models.CharField(blank=True, max_length=300, verbose_name='why it was not sent')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='day_letters', to=settings.AUTH_USER_MODEL)),
                ('day', models.DateField()),
            ],
            options={
                'verbose_name': 'letter of a day',
                'verbose_name_plural': 'letters of a day',
                'ordering': ('-day', '-id'),
                'constraints': [models.UniqueConstraint(fields=('person', 'day'), name='one_letter_a_person_a_day')],
            },
        ),
        migrations.CreateModel(
            name='ResetRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.CharField(max_length=254)),
                ('asked_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='AccountLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(blank=True, editable=False, max_length=120, verbose_name='Message-ID')),
                ('tries', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('claimed_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('fault', models.CharField(blank=True, max_length=300, verbose_name='why it was not sent')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='account_letters', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(choices=[('reset', 'Link to a new password'), ('not-set', 'Asked for a new password before setting the first'), ('device', 'Signed in with a new browser'), ('password', 'Password changed'), ('factor', 'Second factor changed'), ('address', 'E-mail address changed'), ('operator', 'Somebody became an operator'), ('provider', 'Single sign-on linked or unlinked')], max_length=20)),
                ('address', models.EmailField(max_length=254)),
                ('about', models.CharField(blank=True, max_length=254)),
                ('happened_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'letter about an account',
                'verbose_name_plural': 'letters about accounts',
                'ordering': ('-happened_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='Alarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(blank=True, editable=False, max_length=120, verbose_name='Message-ID')),
                ('tries', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('claimed_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('fault', models.CharField(blank=True, max_length=300, verbose_name='why it was not sent')),
                ('name', models.CharField(max_length=60, verbose_name='check')),
                ('since', models.DateTimeField()),
                ('is_end', models.BooleanField(default=False)),
                ('sentence', models.CharField(max_length=300)),
                ('told_at', models.DateTimeField(null=True)),
                ('over_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ('-since', '-id'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_end', False), ('over_at', None)), fields=('name',), name='one_open_alarm_a_check'), models.UniqueConstraint(fields=('name', 'since', 'is_end'), name='one_letter_an_alarm')],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('name', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('done_for', models.DateTimeField(null=True, verbose_name='done for')),
                ('started_at', models.DateTimeField(null=True, verbose_name='last started at')),
                ('succeeded_at', models.DateTimeField(null=True, verbose_name='last done at')),
                ('failed_at', models.DateTimeField(null=True, verbose_name='last failed at')),
                ('fault', models.CharField(blank=True, max_length=500, verbose_name='its last error')),
            ],
            options={
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='Clock',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('seen_at', models.DateTimeField()),
                ('doubted_at', models.DateTimeField(null=True)),
                ('trusted_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='there_is_one_clock')],
            },
        ),
    ]

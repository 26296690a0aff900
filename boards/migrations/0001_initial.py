import boards.models.areas
import boards.models.keys
import boards.models.regions
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.database import InitialMigration


class Migration(InitialMigration):
    # What other packages change of their own tables comes before ours. After each such change, Django builds all models
    # anew that are related to it, and ours all are: they have people. Add none here later: Django refuses a
    # database that has a migration, and not all that it depends on.
    dependencies = [
        ('account', '0009_emailaddress_unique_primary_email'),
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('core', '0002_one_subject_per_provider'),
        ('mfa', '0003_authenticator_type_uniq'),
    ]

    operations = [
        migrations.CreateModel(
            name='PartnershipArea',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=40, unique=True, validators=[django.core.validators.RegexValidator('\\A[a-z0-9]+(-[a-z0-9]+)*\\Z', 'Use lower-case letters, digits and single hyphens: drug-arrests.'), boards.models.areas.validate_not_reserved], verbose_name='name in addresses')),
                ('name', models.CharField(max_length=80)),
                ('ons_code', models.CharField(blank=True, help_text='Such as E06000033.', max_length=9, verbose_name='ONS code')),
                ('due_day', models.PositiveSmallIntegerField(default=10, help_text='Day of the following month, 1 to 28.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(28)], verbose_name='returns are due on day')),
                ('check_days', models.PositiveSmallIntegerField(default=5, help_text='How long the coordinator takes at most, from 1 to 20. We tell agencies when they submit.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)], verbose_name='working days to check a return')),
                ('silent_meetings', models.PositiveSmallIntegerField(default=3, help_text='A strand needs attention when a board didn’t discuss it at this many meetings in a row: 1 to 12.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(12)], verbose_name='meetings without a strand')),
                ('longitude', models.FloatField(blank=True, null=True)),
                ('latitude', models.FloatField(blank=True, null=True)),
                ('factor_roles', models.CharField(blank=True, help_text='Their codes, with spaces between. Coordinators and information officers always need one.', max_length=200, verbose_name='roles that need a second factor too')),
                ('has_public_pages', models.BooleanField(default=False, help_text='Whether anybody can read the months that are made public.')),
                ('has_keys', models.BooleanField(default=False, verbose_name='keys for machines work')),
            ],
            options={
                'ordering': ('name',),
                'constraints': [models.CheckConstraint(condition=models.Q(('due_day__gte', 1), ('due_day__lte', 28)), name='area_due_day_exists'), models.CheckConstraint(condition=models.Q(('check_days__gte', 1), ('check_days__lte', 20)), name='area_check_days'), models.CheckConstraint(condition=models.Q(('silent_meetings__gte', 1), ('silent_meetings__lte', 12)), name='area_silent_meetings'), models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__gte', -90), ('latitude__isnull', False), ('latitude__lte', 90), ('longitude__gte', -180), ('longitude__isnull', False), ('longitude__lte', 180)), _connector='OR'), name='area_place_is_whole', violation_error_message='Give both longitude and latitude, in degrees, or neither.')],
            },
        ),
        migrations.CreateModel(
            name='Agency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agencies', to='boards.partnershiparea')),
                ('code', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator('\\A[a-z0-9]+(-[a-z0-9]+)*\\Z', 'Use lower-case letters, digits and single hyphens: drug-arrests.')], verbose_name='code')),
                ('name', models.CharField(max_length=80)),
                ('kind', models.CharField(choices=[('police', 'Police'), ('council', 'Council'), ('nhs', 'NHS or integrated care board'), ('probation', 'Probation'), ('youth-justice', 'Youth justice'), ('fire', 'Fire and rescue'), ('education', 'Education'), ('voluntary', 'Voluntary sector')], max_length=20)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('needs_release', models.BooleanField(default=False, help_text='An approver of the agency releases each return before the coordinator gets it.', verbose_name='releases its own returns')),
                ('domains', models.JSONField(blank=True, default=list, help_text='Nobody with another address can get a role for the agency. Empty: any address.', validators=[boards.models.areas.validate_domains], verbose_name='domains of its people')),
                ('retired', models.BooleanField(default=False, help_text='A retired agency has no more returns to send.')),
            ],
            options={
                'verbose_name_plural': 'agencies',
                'ordering': ('position', 'name'),
                'constraints': [models.UniqueConstraint(fields=('area', 'code'), name='one_agency_per_code', violation_error_message='This area already has an agency with that code.')],
            },
        ),
        migrations.CreateModel(
            name='Board',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='boards', to='boards.partnershiparea')),
                ('code', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator('\\A[a-z0-9]+(-[a-z0-9]+)*\\Z', 'Use lower-case letters, digits and single hyphens: drug-arrests.'), boards.models.areas.validate_no_page], verbose_name='code')),
                ('name', models.CharField(max_length=120)),
                ('short_name', models.CharField(help_text='For links: Community Safety.', max_length=40)),
                ('formerly', models.CharField(blank=True, help_text='An older name that people still use.', max_length=120)),
                ('basis', models.CharField(blank=True, max_length=200, verbose_name='legal basis')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('packs_are_public', models.BooleanField(default=False, help_text='Its packs show only what the public may see. Members get the rest in a partners’ appendix.', verbose_name='packs are public')),
                ('retired', models.BooleanField(default=False)),
            ],
            options={
                'ordering': ('position', 'name'),
                'constraints': [models.UniqueConstraint(fields=('area', 'code'), name='one_board_per_code', violation_error_message='This area already has a board with that code.')],
            },
        ),
        migrations.CreateModel(
            name='Responsibility',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('board', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='responsibilities', to='boards.board')),
                ('text', models.CharField(max_length=300)),
                ('position', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'verbose_name_plural': 'responsibilities',
                'ordering': ('position', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Strand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='strands', to='boards.partnershiparea')),
                ('code', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator('\\A[a-z0-9]+(-[a-z0-9]+)*\\Z', 'Use lower-case letters, digits and single hyphens: drug-arrests.')], verbose_name='code')),
                ('name', models.CharField(max_length=80)),
                ('summary', models.CharField(blank=True, max_length=300)),
                ('position', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ('position', 'name'),
                'constraints': [models.UniqueConstraint(fields=('area', 'code'), name='one_strand_per_code', violation_error_message='This area already has a strand with that code.')],
            },
        ),
        migrations.CreateModel(
            name='PublicAdvice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='advice', to='boards.partnershiparea')),
                ('signs', models.TextField(help_text='The warning signs, one on each line.')),
                ('how_to_report', models.TextField(blank=True, help_text='The area’s own text, as well as 999, 101 and Crimestoppers.')),
                ('is_public', models.BooleanField(default=False, verbose_name='the public can read it')),
                ('revision', models.PositiveIntegerField(default=0)),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'advice for the public',
                'verbose_name_plural': 'advice for the public',
                'constraints': [models.CheckConstraint(condition=models.Q(('signs', ''), _negated=True), name='advice_has_its_signs')],
            },
        ),
        migrations.CreateModel(
            name='Region',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=40, unique=True, validators=[django.core.validators.RegexValidator('\\A[a-z0-9]+(-[a-z0-9]+)*\\Z', 'Use lower-case letters, digits and single hyphens: drug-arrests.'), boards.models.regions.validate_no_region_page], verbose_name='name in addresses')),
                ('name', models.CharField(max_length=80)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='RegionPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='boards.region')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='region_places', to='boards.partnershiparea')),
                ('invited_at', models.DateTimeField()),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('region', 'area__name'),
                'constraints': [models.UniqueConstraint(fields=('region', 'area'), name='area_once_in_a_region', violation_error_message='This area is already invited to the region.')],
            },
        ),
        migrations.CreateModel(
            name='RegionMembership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='region_memberships', to=settings.AUTH_USER_MODEL)),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='boards.region')),
                ('role', models.CharField(choices=[('director', 'Director'), ('analyst', 'Regional analyst')], max_length=20)),
                ('given_at', models.DateTimeField()),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('region', 'role', 'id'),
                'constraints': [models.UniqueConstraint(fields=('user', 'region', 'role'), name='one_region_role', violation_error_message='This person already has that role.')],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='boards.partnershiparea')),
                ('region', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='boards.region')),
                ('shows', models.CharField(choices=[('joint', 'Only the combined result of at least three areas'), ('public', 'What the area has made public'), ('partners', 'Its published months, as its partners see them')], default='joint', max_length=10, verbose_name='what it shows')),
                ('starts_on', models.DateField(verbose_name='first day')),
                ('ends_on', models.DateField(verbose_name='last day')),
                ('given_at', models.DateTimeField()),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('agreed_at', models.DateTimeField(null=True)),
                ('agreed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-starts_on', '-id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gt', models.F('starts_on'))), name='consent_ends_after_its_start'), models.CheckConstraint(condition=models.Q(models.Q(('agreed_at__isnull', True), ('agreed_by__isnull', True)), models.Q(('agreed_at__isnull', False), ('agreed_by__isnull', False)), _connector='OR'), name='consent_agreed_at_by'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at__isnull', True), ('withdrawn_by__isnull', True)), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), _connector='OR'), name='consent_withdrawn_at_by'), models.CheckConstraint(condition=models.Q(('agreed_by__isnull', True), models.Q(('agreed_by', models.F('given_by')), _negated=True), _connector='OR'), name='consent_agreed_to_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('region__isnull', True), ('shows', 'joint')), models.Q(('region__isnull', False), ('shows__in', ['public', 'partners'])), _connector='OR'), name='consent_shows_what_its_region_may')],
            },
        ),
        migrations.CreateModel(
            name='FactorReset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='factor_resets', to='boards.partnershiparea')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='factor_resets', to=settings.AUTH_USER_MODEL)),
                ('why', models.CharField(max_length=300, verbose_name='reason')),
                ('asked_at', models.DateTimeField()),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('refused_at', models.DateTimeField(null=True)),
                ('refused_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'reset of a second factor',
                'verbose_name_plural': 'resets of second factors',
                'ordering': ('-asked_at', '-id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='factor_reset_says_why'), models.CheckConstraint(condition=models.Q(('asked_by', models.F('person')), _negated=True), name='factor_reset_asked_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', True), ('confirmed_by__isnull', True)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='factor_reset_confirmed_at_by'), models.CheckConstraint(condition=models.Q(models.Q(('refused_at__isnull', True), ('refused_by__isnull', True)), models.Q(('refused_at__isnull', False), ('refused_by__isnull', False)), _connector='OR'), name='factor_reset_refused_at_by'), models.CheckConstraint(condition=models.Q(('confirmed_at__isnull', True), ('refused_at__isnull', True), _connector='OR'), name='factor_reset_decided_once'), models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(models.Q(('confirmed_by', models.F('asked_by')), _negated=True), models.Q(('confirmed_by', models.F('person')), _negated=True)), _connector='OR'), name='factor_reset_confirmed_by_another'), models.UniqueConstraint(condition=models.Q(('confirmed_at__isnull', True), ('refused_at__isnull', True)), fields=('area', 'person'), name='one_factor_reset_a_person')],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='boards.partnershiparea')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='keys', to=settings.AUTH_USER_MODEL)),
                ('agency', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='boards.agency')),
                ('name', models.CharField(max_length=80, verbose_name='what uses it')),
                ('prefix', models.CharField(editable=False, max_length=8, unique=True)),
                ('digest', models.CharField(editable=False, max_length=64)),
                ('scopes', models.CharField(help_text='Codes, with spaces between.', max_length=200, validators=[boards.models.keys.validate_scopes], verbose_name='what it opens')),
                ('answers_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ends_on', models.DateField(verbose_name='last day')),
                ('revoked_at', models.DateTimeField(null=True)),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='boards.apikey')),
                ('used_on', models.DateField(editable=False, null=True, verbose_name='last used on')),
            ],
            options={
                'verbose_name': 'key',
                'ordering': ('-made_at', '-id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('agency__isnull', True), ('person__isnull', False)), models.Q(('agency__isnull', False), ('person__isnull', True)), _connector='OR'), name='key_of_a_person_or_an_agency'), models.CheckConstraint(condition=models.Q(('person__isnull', True), ('answers_by', models.F('person')), _connector='OR'), name='person_answers_for_own_key'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='key_revoked_at_by'), models.CheckConstraint(condition=models.Q(('agency__isnull', False), models.Q(('scopes__contains', 'write:return'), _negated=True), _connector='OR'), name='only_an_agency_writes_its_return'), models.CheckConstraint(condition=models.Q(models.Q(('prefix', ''), _negated=True), models.Q(('digest', ''), _negated=True), models.Q(('name', ''), _negated=True), models.Q(('scopes', ''), _negated=True)), name='key_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='KeyUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='boards.apikey')),
                ('hour', models.DateTimeField()),
                ('requests', models.PositiveIntegerField(default=0)),
                ('refused', models.PositiveIntegerField(default=0)),
                ('minute', models.PositiveSmallIntegerField(default=0)),
                ('in_minute', models.PositiveIntegerField(default=0)),
                ('asked', models.PositiveSmallIntegerField(default=0, verbose_name='what it asked for')),
            ],
            options={
                'verbose_name': 'use of a key',
                'verbose_name_plural': 'uses of keys',
                'ordering': ('-hour',),
                'constraints': [models.UniqueConstraint(fields=('key', 'hour'), name='one_count_per_key_and_hour')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='boards.partnershiparea')),
                ('role', models.CharField(choices=[('agency-lead', 'Agency lead'), ('agency-approver', 'Agency approver'), ('agency-contact', 'Agency second contact'), ('board-member', 'Board member'), ('board-chair', 'Board chair'), ('strategic', 'Strategic group member'), ('coordinator', 'Coordinator'), ('analyst', 'Analyst'), ('information', 'Information officer')], max_length=20)),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='boards.agency')),
                ('board', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='boards.board')),
                ('acts_from', models.DateField(blank=True, editable=False, null=True, verbose_name='decides alone from')),
                ('attested_at', models.DateTimeField(editable=False, null=True)),
                ('attested_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kept_at', models.DateTimeField(editable=False, null=True)),
                ('kept_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('area', 'role', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('attested_at__isnull', True), ('attested_by__isnull', True)), models.Q(('attested_at__isnull', False), ('attested_by__isnull', False)), _connector='OR'), name='membership_attested_at_by'), models.CheckConstraint(condition=models.Q(models.Q(('kept_at__isnull', True), ('kept_by__isnull', True)), models.Q(('kept_at__isnull', False), ('kept_by__isnull', False)), _connector='OR'), name='membership_kept_at_by'), models.CheckConstraint(condition=models.Q(models.Q(('agency__isnull', False), ('board__isnull', True), ('role__in', ['agency-approver', 'agency-contact', 'agency-lead'])), models.Q(('agency__isnull', True), ('board__isnull', False), ('role__in', ['board-chair', 'board-member'])), models.Q(('agency__isnull', True), ('board__isnull', True), ('role__in', ['analyst', 'coordinator', 'information', 'strategic'])), _connector='OR'), name='role_has_its_agency_or_board', violation_error_message='A role for an agency needs the agency, and a role for a board needs the board. Other roles need neither.'), models.UniqueConstraint(condition=models.Q(('agency__isnull', False)), fields=('user', 'role', 'agency'), name='one_role_per_agency', violation_error_message='This person already has that role.'), models.UniqueConstraint(condition=models.Q(('board__isnull', False)), fields=('user', 'role', 'board'), name='one_role_per_board', violation_error_message='This person already has that role.'), models.UniqueConstraint(condition=models.Q(('agency__isnull', True), ('board__isnull', True)), fields=('user', 'role', 'area'), name='one_role_per_area', violation_error_message='This person already has that role.'), models.UniqueConstraint(condition=models.Q(('role__in', ['coordinator', 'information'])), fields=('user', 'area'), name='coordinator_or_officer', violation_error_message='Nobody can be both coordinator and information officer of an area.'), models.CheckConstraint(condition=models.Q(models.Q(('acts_from__isnull', False), ('role', 'information')), models.Q(models.Q(('role', 'information'), _negated=True), ('acts_from__isnull', True)), _connector='OR'), name='officer_has_a_first_day')],
            },
        ),
        migrations.CreateModel(
            name='ReportingPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='periods', to='boards.partnershiparea')),
                ('starts_on', models.DateField()),
                ('opened_on', models.DateField(verbose_name='day on which the area opened it')),
                ('due_on', models.DateField()),
                ('for_history', models.BooleanField(default=False, verbose_name='opened for earlier figures')),
                ('status', models.CharField(choices=[('open', 'Open'), ('closed', 'Closed'), ('published', 'Published')], default='open', max_length=10)),
                ('stale_since', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_why', models.CharField(blank=True, max_length=300, verbose_name='reason to close it early')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'month',
                'ordering': ('area', '-starts_on'),
                'indexes': [models.Index(condition=models.Q(('stale_since__isnull', False)), fields=['stale_since'], name='stale_periods')],
                'constraints': [models.UniqueConstraint(fields=('area', 'starts_on'), name='one_period_per_month'), models.CheckConstraint(condition=models.Q(('starts_on__day', 1)), name='period_starts_on_the_first'), models.CheckConstraint(condition=models.Q(('due_on__gt', models.F('starts_on'))), name='period_is_due_after_its_start'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True), ('status', 'open')), models.Q(models.Q(('status', 'open'), _negated=True), ('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='period_closed_at_by'), models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', False), ('published_by__isnull', False), ('status', 'published')), models.Q(models.Q(('status', 'published'), _negated=True), ('published_at__isnull', True), ('published_by__isnull', True)), _connector='OR'), name='period_published_at_by')],
            },
        ),
        migrations.CreateModel(
            name='RoleReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='role_reviews', to='boards.partnershiparea')),
                ('reviewed_at', models.DateTimeField()),
                ('reviewed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kept', models.PositiveIntegerField()),
                ('ended', models.PositiveIntegerField()),
            ],
            options={
                'ordering': ('-reviewed_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='RoleRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField()),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ends_on', models.DateField(verbose_name='last day to decide')),
                ('outcome', models.CharField(blank=True, choices=[('confirmed', 'Confirmed'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn'), ('lapsed', 'Ended without an answer')], max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_why', models.CharField(blank=True, max_length=300, verbose_name='why it was declined')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='role_requests', to='boards.partnershiparea')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('role', models.CharField(choices=[('coordinator', 'Coordinator'), ('information', 'Information officer')], max_length=20)),
                ('gives', models.BooleanField(help_text='Otherwise it takes the role away.', verbose_name='gives the role')),
                ('shortened_at', models.DateTimeField(null=True)),
                ('shortened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('shortened_why', models.CharField(blank=True, help_text='Why a new information officer decides alone before the seven days are over.', max_length=300, verbose_name='reason for ending the wait')),
            ],
            options={
                'verbose_name': 'request about a role',
                'verbose_name_plural': 'requests about roles',
                'ordering': ('-asked_at', '-id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('role__in', ['coordinator', 'information'])), name='role_request_of_these_roles'), models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('area', 'user', 'role'), name='one_open_role_request'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('outcome__in', ('confirmed', 'declined', 'withdrawn'))), models.Q(models.Q(('outcome__in', ('confirmed', 'declined', 'withdrawn')), _negated=True), ('decided_at__isnull', True), ('decided_by__isnull', True)), _connector='OR'), name='role_request_decided_at_by'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'confirmed'), _negated=True), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='role_request_confirmed_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'declined'), _negated=True), models.Q(('decided_why', ''), _negated=True), _connector='OR'), name='role_request_declined_with_reason'), models.CheckConstraint(condition=models.Q(models.Q(('gives', True), ('outcome', 'confirmed'), _negated=True), models.Q(('decided_by', models.F('user')), _negated=True), _connector='OR'), name='role_not_confirmed_for_oneself'), models.CheckConstraint(condition=models.Q(models.Q(('shortened_at__isnull', True), ('shortened_by__isnull', True), ('shortened_why', '')), models.Q(('shortened_at__isnull', False), ('shortened_by__isnull', False), models.Q(('shortened_why', ''), _negated=True)), _connector='OR'), name='wait_shortened_at_by'), models.CheckConstraint(condition=models.Q(('shortened_by__isnull', True), models.Q(('gives', True), ('outcome', 'confirmed'), ('role', 'information'), models.Q(('shortened_by', models.F('user')), _negated=True), models.Q(('shortened_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='wait_shortened_by_another')],
            },
        ),
        migrations.CreateModel(
            name='PublicStatements',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='boards.partnershiparea')),
                ('privacy', models.TextField(blank=True, verbose_name='the privacy notice’s part')),
                ('accessibility', models.TextField(blank=True, verbose_name='the accessibility statement’s part')),
                ('revision', models.PositiveIntegerField(default=0)),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'statements for the public',
                'verbose_name_plural': 'statements for the public',
            },
        ),
        migrations.CreateModel(
            name='Told',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(blank=True, editable=False, max_length=120, verbose_name='Message-ID')),
                ('tries', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('claimed_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('fault', models.CharField(blank=True, max_length=300, verbose_name='why it was not sent')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='told', to='boards.partnershiparea')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='told', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(choices=[('returns', 'Returns that are due, overdue or sent back'), ('releases', 'Returns waiting for my release'), ('corrections', 'Corrections that somebody asks for'), ('challenges', 'Challenges waiting for me'), ('actions', 'My actions and milestones'), ('support', 'Offers of support'), ('meetings', 'Meetings that I am invited to'), ('months', 'Months that are published'), ('packs', 'Packs that are issued'), ('consents', 'Approvals and permissions waiting for me'), ('hooks', 'Webhooks that stopped'), ('record', 'The weekly check code for the record, and records due to be deleted'), ('keys', 'Keys for machines that I or my agency have'), ('roles', 'Who becomes or stops being a coordinator or an information officer')], max_length=20)),
                ('occasion', models.CharField(max_length=80)),
            ],
            options={
                'verbose_name': 'news by e-mail',
                'verbose_name_plural': 'news by e-mail',
                'ordering': ('-claimed_at', '-id'),
                'constraints': [models.UniqueConstraint(fields=('person', 'kind', 'occasion'), name='told_once_of_an_occasion')],
            },
        ),
    ]

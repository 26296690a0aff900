import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0005_hash_of_pictures'),
        ('boards', '0008_advice_has_revisions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ActionMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.CharField(choices=[('open', 'Open'), ('complete', 'Complete'), ('archived', 'Archived')], max_length=10)),
                ('after', models.CharField(choices=[('open', 'Open'), ('complete', 'Complete'), ('archived', 'Archived')], max_length=10)),
                ('why', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-made_at', '-id'),
            },
        ),
        migrations.AddField(
            model_name='challengeentry',
            name='due_on',
            field=models.DateField(null=True, verbose_name='answer due'),
        ),
        migrations.AddField(
            model_name='engagementsession',
            name='brought_back_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='engagementsession',
            name='brought_back_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='engagementsession',
            name='brought_back_why',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='highlight',
            name='brought_back_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='highlight',
            name='brought_back_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='highlight',
            name='brought_back_why',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='meeting',
            name='amended_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='meeting',
            name='amended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='meeting',
            name='changed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='meeting',
            name='changed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='milestone',
            name='undone_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='milestone',
            name='undone_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='milestone',
            name='undone_why',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='subgroup',
            name='brought_back_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='subgroup',
            name='brought_back_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='subgroup',
            name='brought_back_why',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='subgroup',
            name='retired_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='subgroup',
            name='retired_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='subgroup',
            name='retired_why',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='voice',
            name='reopened_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='voice',
            name='reopened_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='voice',
            name='reopened_why',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddConstraint(
            model_name='engagementsession',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('brought_back_at__isnull', True), ('brought_back_by__isnull', True), ('brought_back_why', '')), models.Q(('brought_back_at__isnull', False), ('brought_back_by__isnull', False), models.Q(('brought_back_why', ''), _negated=True)), _connector='OR'), name='session_brought_back_at_by_why'),
        ),
        migrations.AddConstraint(
            model_name='highlight',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('brought_back_at__isnull', True), ('brought_back_by__isnull', True), ('brought_back_why', '')), models.Q(('brought_back_at__isnull', False), ('brought_back_by__isnull', False), models.Q(('brought_back_why', ''), _negated=True)), _connector='OR'), name='highlight_brought_back_at_by_why'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('changed_at__isnull', True), ('changed_by__isnull', True)), models.Q(('changed_at__isnull', False), ('changed_by__isnull', False)), _connector='OR'), name='meeting_changed_at_by'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amended_at__isnull', True), ('amended_by__isnull', True)), models.Q(('amended_at__isnull', False), ('amended_by__isnull', False), ('state', 'held')), _connector='OR'), name='meeting_amended_at_by'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undone_at__isnull', True), ('undone_by__isnull', True), ('undone_why', '')), models.Q(('undone_at__isnull', False), ('undone_by__isnull', False), models.Q(('undone_why', ''), _negated=True)), _connector='OR'), name='milestone_undone_at_by_why'),
        ),
        migrations.AddConstraint(
            model_name='subgroup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('retired_at__isnull', True), ('retired_by__isnull', True), ('retired_why', '')), models.Q(('retired', True), ('retired_at__isnull', False), ('retired_by__isnull', False), models.Q(('retired_why', ''), _negated=True)), _connector='OR'), name='sub_group_retired_at_by_why'),
        ),
        migrations.AddConstraint(
            model_name='subgroup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('brought_back_at__isnull', True), ('brought_back_by__isnull', True), ('brought_back_why', '')), models.Q(('brought_back_at__isnull', False), ('brought_back_by__isnull', False), models.Q(('brought_back_why', ''), _negated=True)), _connector='OR'), name='sub_group_brought_back_at_by_why'),
        ),
        migrations.AddConstraint(
            model_name='voice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reopened_at__isnull', True), ('reopened_by__isnull', True), ('reopened_why', '')), models.Q(('reopened_at__isnull', False), ('reopened_by__isnull', False), models.Q(('reopened_why', ''), _negated=True)), _connector='OR'), name='voice_reopened_at_by_why'),
        ),
        migrations.AddField(
            model_name='actionmove',
            name='action',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='actions.action'),
        ),
        migrations.AddField(
            model_name='actionmove',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='actionmove',
            constraint=models.CheckConstraint(condition=models.Q(('before', models.F('after')), _negated=True), name='action_moves_to_another_state'),
        ),
        migrations.AddConstraint(
            model_name='actionmove',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('why', ''), _negated=True), ('after', 'complete'), _connector='OR'), name='action_move_has_its_reason'),
        ),
    ]

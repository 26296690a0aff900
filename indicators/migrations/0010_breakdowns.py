import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0009_pathways'),
    ]

    operations = [
        migrations.AddField(
            model_name='category',
            name='is_unknown',
            field=models.BooleanField(default=False, verbose_name='for those of whom it isn’t known'),
        ),
        migrations.AddField(
            model_name='category',
            name='population',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='dimension',
            name='population_source',
            field=models.CharField(blank=True, max_length=200, verbose_name='source of its population'),
        ),
        migrations.AddField(
            model_name='dimension',
            name='population_year',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='year of its population'),
        ),
        migrations.AddField(
            model_name='indicator',
            name='breaks_down',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='breakdowns', to='indicators.indicator'),
        ),
        migrations.AddConstraint(
            model_name='category',
            constraint=models.UniqueConstraint(condition=models.Q(('is_unknown', True)), fields=('dimension',), name='one_unknown_per_dimension', violation_error_message='This dimension has a category for those of whom it isn’t known.'),
        ),
        migrations.AddConstraint(
            model_name='category',
            constraint=models.CheckConstraint(condition=models.Q(('is_unknown', False), ('population__isnull', True), _connector='OR'), name='unknown_has_no_population', violation_error_message='Leave the population empty: nobody is counted as unknown there.'),
        ),
        migrations.AddConstraint(
            model_name='dimension',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('population_source', ''), ('population_year__isnull', True)), models.Q(models.Q(('population_source', ''), _negated=True), ('population_year__isnull', False)), _connector='OR'), name='population_has_source_and_year', violation_error_message='Give both the source of its population and the year, or neither.'),
        ),
        migrations.AddConstraint(
            model_name='indicator',
            constraint=models.CheckConstraint(condition=models.Q(('breaks_down__isnull', True), models.Q(('dimension__isnull', False), ('part_of__isnull', True), ('ratio', ''), ('shown_on', 'ratios')), _connector='OR'), name='breakdown_is_split', violation_error_message='A breakdown is split by a dimension, and shown with its whole.'),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0006_totals_of_a_year'),
    ]

    operations = [
        migrations.AlterField(
            model_name='indicatorline',
            name='no_arrow_reason',
            field=models.CharField(blank=True, choices=[('awaited', "This month's figure has not been received"), ('not_available', "This month's figure is not available"), ('not_applicable', "This month's figure doesn't apply"), ('withheld', "This month's figure is not shown"), ('later', "This month's figure is not public yet"), ('no_previous_month', 'There is no earlier month to compare with'), ('previous_awaited', 'The figure for the month before was never received'), ('previous_not_available', 'The figure of the month before is not available'), ('previous_not_applicable', "The figure of the month before doesn't apply"), ('previous_withheld', 'The figure of the month before is not shown'), ('previous_later', 'The figure of the month before is not public yet'), ('new_definition', 'The definition changed this month'), ('new_recording', 'It is recorded in another way from this month on'), ('rounded', 'Figures are rounded'), ('held', "It isn't asked for each month")], max_length=30),
        ),
        migrations.AlterField(
            model_name='indicatorline',
            name='previous_state',
            field=models.CharField(blank=True, choices=[('figure', 'Figure'), ('awaited', 'Awaited'), ('not_available', 'Not available'), ('not_applicable', 'Not applicable'), ('withheld', 'Not shown'), ('later', 'Not public yet')], max_length=20),
        ),
        migrations.AlterField(
            model_name='indicatorline',
            name='revised_state',
            field=models.CharField(blank=True, choices=[('figure', 'Figure'), ('awaited', 'Awaited'), ('not_available', 'Not available'), ('not_applicable', 'Not applicable'), ('withheld', 'Not shown'), ('later', 'Not public yet')], max_length=20),
        ),
        migrations.AlterField(
            model_name='indicatorline',
            name='state',
            field=models.CharField(choices=[('figure', 'Figure'), ('awaited', 'Awaited'), ('not_available', 'Not available'), ('not_applicable', 'Not applicable'), ('withheld', 'Not shown'), ('later', 'Not public yet')], max_length=20),
        ),
        migrations.AlterField(
            model_name='indicatorline',
            name='year_no_arrow_reason',
            field=models.CharField(blank=True, choices=[('awaited', "This month's figure has not been received"), ('not_available', "This month's figure is not available"), ('not_applicable', "This month's figure doesn't apply"), ('withheld', "This month's figure is not shown"), ('later', "This month's figure is not public yet"), ('no_previous_month', 'There is no earlier month to compare with'), ('previous_awaited', 'The figure for the month before was never received'), ('previous_not_available', 'The figure of the month before is not available'), ('previous_not_applicable', "The figure of the month before doesn't apply"), ('previous_withheld', 'The figure of the month before is not shown'), ('previous_later', 'The figure of the month before is not public yet'), ('new_definition', 'The definition changed this month'), ('new_recording', 'It is recorded in another way from this month on'), ('rounded', 'Figures are rounded'), ('held', "It isn't asked for each month")], max_length=30),
        ),
        migrations.AlterField(
            model_name='publicline',
            name='no_arrow_reason',
            field=models.CharField(blank=True, choices=[('awaited', "This month's figure has not been received"), ('not_available', "This month's figure is not available"), ('not_applicable', "This month's figure doesn't apply"), ('withheld', "This month's figure is not shown"), ('later', "This month's figure is not public yet"), ('no_previous_month', 'There is no earlier month to compare with'), ('previous_awaited', 'The figure for the month before was never received'), ('previous_not_available', 'The figure of the month before is not available'), ('previous_not_applicable', "The figure of the month before doesn't apply"), ('previous_withheld', 'The figure of the month before is not shown'), ('previous_later', 'The figure of the month before is not public yet'), ('new_definition', 'The definition changed this month'), ('new_recording', 'It is recorded in another way from this month on'), ('rounded', 'Figures are rounded'), ('held', "It isn't asked for each month")], max_length=30),
        ),
        migrations.AlterField(
            model_name='publicline',
            name='previous_state',
            field=models.CharField(blank=True, choices=[('figure', 'Figure'), ('awaited', 'Awaited'), ('not_available', 'Not available'), ('not_applicable', 'Not applicable'), ('withheld', 'Not shown'), ('later', 'Not public yet')], max_length=20),
        ),
        migrations.AlterField(
            model_name='publicline',
            name='revised_state',
            field=models.CharField(blank=True, choices=[('figure', 'Figure'), ('awaited', 'Awaited'), ('not_available', 'Not available'), ('not_applicable', 'Not applicable'), ('withheld', 'Not shown'), ('later', 'Not public yet')], max_length=20),
        ),
        migrations.AlterField(
            model_name='publicline',
            name='state',
            field=models.CharField(choices=[('figure', 'Figure'), ('awaited', 'Awaited'), ('not_available', 'Not available'), ('not_applicable', 'Not applicable'), ('withheld', 'Not shown'), ('later', 'Not public yet')], max_length=20),
        ),
        migrations.AlterField(
            model_name='publicline',
            name='year_no_arrow_reason',
            field=models.CharField(blank=True, choices=[('awaited', "This month's figure has not been received"), ('not_available', "This month's figure is not available"), ('not_applicable', "This month's figure doesn't apply"), ('withheld', "This month's figure is not shown"), ('later', "This month's figure is not public yet"), ('no_previous_month', 'There is no earlier month to compare with'), ('previous_awaited', 'The figure for the month before was never received'), ('previous_not_available', 'The figure of the month before is not available'), ('previous_not_applicable', "The figure of the month before doesn't apply"), ('previous_withheld', 'The figure of the month before is not shown'), ('previous_later', 'The figure of the month before is not public yet'), ('new_definition', 'The definition changed this month'), ('new_recording', 'It is recorded in another way from this month on'), ('rounded', 'Figures are rounded'), ('held', "It isn't asked for each month")], max_length=30),
        ),
    ]

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("boards", "0001_initial"),
        ("indicators", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IndicatorMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField(verbose_name="first month of the next agency")),
                ("moved_at", models.DateTimeField()),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="boards.agency",
                        verbose_name="agency before",
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="moves", to="indicators.indicator"
                    ),
                ),
                (
                    "moved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "move of an indicator",
                "verbose_name_plural": "moves of indicators",
                "ordering": ("indicator", "since", "id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("since__day", 1)), name="indicator_moves_on_the_first"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="rulerequest",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="boards.agency",
                verbose_name="agency that is to supply it",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("owner__isnull", True), ("indicator__isnull", False), _connector="OR"),
                name="only_an_indicator_moves",
            ),
        ),
    ]

from hashlib import sha256

from django.db import migrations, models


def say_what_they_look_like(apps, schema_editor):
    Highlight = apps.get_model("actions", "Highlight")
    for highlight in Highlight.objects.filter(picture__isnull=False).only("picture").iterator(chunk_size=20):
        highlight.picture_sha256 = sha256(highlight.picture).hexdigest()
        highlight.save(update_fields=["picture_sha256"])


class Migration(migrations.Migration):
    dependencies = [("actions", "0004_notice_of_a_missing_update")]

    operations = [
        migrations.RemoveConstraint(model_name="highlight", name="picture_has_its_words"),
        migrations.AddField(
            model_name="highlight",
            name="picture_sha256",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.RunPython(say_what_they_look_like, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="highlight",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("picture__isnull", True),
                        ("picture_alt", ""),
                        ("picture_height__isnull", True),
                        ("picture_sha256", ""),
                        ("picture_small__isnull", True),
                        ("picture_width__isnull", True),
                    ),
                    models.Q(
                        ("picture__isnull", False),
                        ("picture_height__isnull", False),
                        ("picture_small__isnull", False),
                        ("picture_width__isnull", False),
                        models.Q(("picture_sha256", ""), _negated=True),
                        models.Q(("picture_alt", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="picture_has_its_words",
                violation_error_message="Say in words what the picture shows.",
            ),
        ),
    ]

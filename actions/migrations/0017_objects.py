from hashlib import sha256

import django.db.models.deletion
from django.db import migrations, models

PNG = b"\x89PNG\r\n\x1a\n"


def move_out(apps, schema_editor):
    """Give each picture its object, one after the other: memory stays bounded."""
    Highlight, StoredObject = apps.get_model("actions", "Highlight"), apps.get_model("core", "StoredObject")
    for key in list(Highlight.objects.filter(picture_bytes__isnull=False).values_list("pk", flat=True)):
        row = Highlight.objects.get(pk=key)
        for name in ("picture", "picture_small"):
            content = bytes(getattr(row, f"{name}_bytes"))
            media_type = "image/png" if content.startswith(PNG) else "image/jpeg"
            stored, _ = StoredObject.objects.get_or_create(
                sha256=sha256(content).hexdigest(),
                defaults={"size": len(content), "media_type": media_type, "content": content},
            )
            setattr(row, name, stored)
        row.save(update_fields=["picture", "picture_small"])
    schema_editor.connection.check_constraints()  # PostgreSQL alters no table that has checks to come


def move_back(apps, schema_editor):
    Highlight = apps.get_model("actions", "Highlight")
    for key in list(Highlight.objects.filter(picture__isnull=False).values_list("pk", flat=True)):
        row = Highlight.objects.get(pk=key)
        row.picture_bytes, row.picture_small_bytes = row.picture.content, row.picture_small.content
        row.picture_sha256 = row.picture_id
        row.save(update_fields=["picture_bytes", "picture_small_bytes", "picture_sha256"])


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0016_key_boards'),
        ('core', '0015_objects'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='highlight',
            name='picture_has_its_words',
        ),
        migrations.RenameField(
            model_name='highlight',
            old_name='picture',
            new_name='picture_bytes',
        ),
        migrations.RenameField(
            model_name='highlight',
            old_name='picture_small',
            new_name='picture_small_bytes',
        ),
        migrations.AddField(
            model_name='highlight',
            name='picture',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedobject'),
        ),
        migrations.AddField(
            model_name='highlight',
            name='picture_small',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedobject'),
        ),
        migrations.RunPython(move_out, move_back),
        migrations.RemoveField(
            model_name='highlight',
            name='picture_bytes',
        ),
        migrations.RemoveField(
            model_name='highlight',
            name='picture_small_bytes',
        ),
        migrations.RemoveField(
            model_name='highlight',
            name='picture_sha256',
        ),
        migrations.AddConstraint(
            model_name='highlight',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('picture__isnull', True), ('picture_alt', ''), ('picture_height__isnull', True), ('picture_small__isnull', True), ('picture_width__isnull', True)), models.Q(('picture__isnull', False), ('picture_height__isnull', False), ('picture_small__isnull', False), ('picture_width__isnull', False), models.Q(('picture_alt', ''), _negated=True)), _connector='OR'), name='picture_has_its_words', violation_error_message='Describe what the picture shows.'),
        ),
    ]

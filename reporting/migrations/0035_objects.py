from hashlib import sha256

import django.db.models.deletion
from django.db import migrations, models

# The model, its file, and the file's type.
FILES = (
    ("IssuedPack", "pdf", "application/pdf"),
    ("IssuedRegionPack", "pdf", "application/pdf"),
    ("PackPhoto", "picture", "image/jpeg"),
    ("PackBundle", "file", "application/zip"),
)


def move_out(apps, schema_editor):
    """Give each file its object, one after the other: memory stays bounded. A removed pack has none."""
    StoredObject = apps.get_model("core", "StoredObject")
    for model, name, media_type in FILES:
        rows = apps.get_model("reporting", model).objects
        for key in list(rows.filter(**{f"{name}_bytes__isnull": False}).values_list("pk", flat=True)):
            content = bytes(rows.values_list(f"{name}_bytes", flat=True).get(pk=key))
            if not content:
                continue
            stored, _ = StoredObject.objects.get_or_create(
                sha256=sha256(content).hexdigest(),
                defaults={"size": len(content), "media_type": media_type, "content": content},
            )
            rows.filter(pk=key).update(**{name: stored})
    schema_editor.connection.check_constraints()  # PostgreSQL alters no table that has checks to come


def move_back(apps, schema_editor):
    for model, name, _ in FILES:
        rows = apps.get_model("reporting", model).objects
        for key, stored in list(rows.values_list("pk", name)):
            old = {f"{name}_bytes": rows.values_list(f"{name}__content", flat=True).get(pk=key)}
            if stored is None and model != "PackBundle":
                old = {f"{name}_bytes": b""}
            elif model == "PackPhoto":
                old |= {"sha256": stored}
            rows.filter(pk=key).update(**old)


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0015_objects'),
        ('reporting', '0034_text_of_lines'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='packphoto',
            name='one_photo_per_hash',
        ),
        migrations.RemoveConstraint(
            model_name='packbundle',
            name='bundle_finished_with_file_or_fault',
        ),
        migrations.RenameField(
            model_name='issuedpack',
            old_name='pdf',
            new_name='pdf_bytes',
        ),
        migrations.RenameField(
            model_name='issuedregionpack',
            old_name='pdf',
            new_name='pdf_bytes',
        ),
        migrations.RenameField(
            model_name='packphoto',
            old_name='content',
            new_name='picture_bytes',
        ),
        migrations.RenameField(
            model_name='packbundle',
            old_name='file',
            new_name='file_bytes',
        ),
        # So that the way back can make these columns before it fills them.
        migrations.AlterField(
            model_name='issuedpack',
            name='pdf_bytes',
            field=models.BinaryField(null=True),
        ),
        migrations.AlterField(
            model_name='issuedregionpack',
            name='pdf_bytes',
            field=models.BinaryField(null=True),
        ),
        migrations.AlterField(
            model_name='packphoto',
            name='picture_bytes',
            field=models.BinaryField(null=True),
        ),
        migrations.AlterField(
            model_name='packphoto',
            name='sha256',
            field=models.CharField(max_length=64, null=True, verbose_name='SHA-256'),
        ),
        migrations.AddField(
            model_name='issuedpack',
            name='pdf',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedobject'),
        ),
        migrations.AddField(
            model_name='issuedregionpack',
            name='pdf',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedobject'),
        ),
        migrations.AddField(
            model_name='packphoto',
            name='picture',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedobject'),
        ),
        migrations.AddField(
            model_name='packbundle',
            name='file',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedobject'),
        ),
        migrations.RunPython(move_out, move_back),
        migrations.AlterField(
            model_name='packphoto',
            name='picture',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedobject'),
        ),
        migrations.RemoveField(
            model_name='issuedpack',
            name='pdf_bytes',
        ),
        migrations.RemoveField(
            model_name='issuedregionpack',
            name='pdf_bytes',
        ),
        migrations.RemoveField(
            model_name='packphoto',
            name='picture_bytes',
        ),
        migrations.RemoveField(
            model_name='packphoto',
            name='sha256',
        ),
        migrations.RemoveField(
            model_name='packbundle',
            name='file_bytes',
        ),
        migrations.AddConstraint(
            model_name='packphoto',
            constraint=models.UniqueConstraint(fields=('pack', 'picture'), name='one_photo_per_hash'),
        ),
        migrations.AddConstraint(
            model_name='packbundle',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('fault', ''), ('file__isnull', True), ('finished_at__isnull', True)), models.Q(('fault', ''), ('file__isnull', False), ('finished_at__isnull', False)), models.Q(('file__isnull', True), ('finished_at__isnull', False), models.Q(('fault', ''), _negated=True)), _connector='OR'), name='bundle_finished_with_file_or_fault'),
        ),
        migrations.AddConstraint(
            model_name='issuedpack',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('pdf', models.F('sha256')), ('pdf__isnull', False), ('removed_on__isnull', True)), models.Q(('pdf__isnull', True), ('removed_on__isnull', False)), _connector='OR'), name='pack_has_its_file'),
        ),
        migrations.AddConstraint(
            model_name='issuedregionpack',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('pdf', models.F('sha256')), ('pdf__isnull', False), ('removed_on__isnull', True)), models.Q(('pdf__isnull', True), ('removed_on__isnull', False)), _connector='OR'), name='region_pack_has_its_file'),
        ),
    ]

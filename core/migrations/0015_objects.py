import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0014_alarms_of_state'),
    ]

    operations = [
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
    ]

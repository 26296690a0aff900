import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from uuid import uuid4


# What is carried over as it is: by these, no e-mail is sent twice, and none that waits is lost.
SAME = ("message_id", "tries", "claimed_at", "sent_at", "fault")


def copy(row):
    return {name: getattr(row, name) for name in SAME}


def carry_letters(apps, editor):
    """Carry over the e-mails of a day and those about accounts."""
    outbox = apps.get_model("core", "OutboxEntry").objects
    days = apps.get_model("core", "DayLetter").objects
    outbox.bulk_create(
        (
            outbox.model(
                person_id=letter.person_id, kind="day", occasion=letter.day.isoformat(), written_at=letter.claimed_at,
                **copy(letter),
            )
            for letter in days.order_by("pk").iterator()
        ),
        batch_size=1000,
    )  # fmt: skip
    accounts = apps.get_model("core", "AccountLetter").objects
    outbox.bulk_create(
        (
            outbox.model(
                person_id=letter.person_id, kind=letter.kind, occasion=uuid4().hex, address=letter.address,
                about=letter.about, written_at=letter.happened_at, **copy(letter),
            )
            for letter in accounts.order_by("pk").iterator()
        ),
        batch_size=1000,
    )  # fmt: skip


def carry_alarms(apps, editor):
    """Carry over the e-mails about alarms. An alarm is one row now, and its end an e-mail about it."""
    outbox = apps.get_model("core", "OutboxEntry").objects
    alarms = apps.get_model("core", "Alarm").objects
    begun = {(alarm.name, alarm.since): alarm.pk for alarm in alarms.filter(is_end=False)}
    for alarm in alarms.exclude(message_id="").order_by("pk"):
        if key := begun.get((alarm.name, alarm.since)):
            outbox.create(
                kind="alarm", occasion=f"{key}:{'over' if alarm.is_end else 'wrong'}", about=alarm.sentence,
                written_at=alarm.told_at or alarm.claimed_at, **copy(alarm),
            )  # fmt: skip
    alarms.filter(is_end=True).delete()


def forget_types(apps, editor):
    kinds = apps.get_model("contenttypes", "ContentType").objects
    kinds.filter(app_label="core", model__in=["dayletter", "accountletter"]).delete()  # with their permissions


class Migration(migrations.Migration):
    """Every e-mail leaves by one table: docs/adr/0041."""

    dependencies = [("core", "0002_one_subject_per_provider"), ("contenttypes", "0002_remove_content_type_name")]

    operations = [
        migrations.CreateModel(
            name='OutboxEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('returns', 'Returns that are due, overdue or sent back'), ('releases', 'Returns waiting for my release'), ('corrections', 'Corrections that somebody asks for'), ('challenges', 'Challenges waiting for me'), ('actions', 'My actions and milestones'), ('support', 'Offers of support'), ('meetings', 'Meetings that I am invited to'), ('months', 'Months that are published'), ('packs', 'Packs that are issued'), ('consents', 'Approvals and permissions waiting for me'), ('record', 'The weekly check code for the record, and records due to be deleted'), ('keys', 'Keys for machines that I or my agency have'), ('roles', 'Who becomes or stops being a coordinator or an information officer'), ('reset', 'Link to a new password'), ('not-set', 'Asked for a new password before setting the first'), ('device', 'Signed in with a new browser'), ('password', 'Password changed'), ('factor', 'Second factor changed'), ('address', 'E-mail address changed'), ('operator', 'Somebody became an operator'), ('provider', 'Single sign-on linked or unlinked'), ('day', 'The e-mail of a day, about everything due'), ('alarm', "Something doesn't work, or works again")], max_length=20)),
                ('occasion', models.CharField(max_length=80)),
                ('area', models.CharField(blank=True, help_text='The slug of its area; empty for none.', max_length=60)),
                ('address', models.EmailField(blank=True, help_text="Where it goes, if it isn't the person's e-mail of the day.", max_length=254)),
                ('about', models.CharField(blank=True, help_text='The browser, the new address, the change, or the fault.', max_length=300)),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('message_id', models.CharField(blank=True, editable=False, max_length=120, verbose_name='Message-ID')),
                ('tries', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('claimed_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('fault', models.CharField(blank=True, max_length=300, verbose_name='why it was not sent')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='outbox', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'e-mail',
                'ordering': ('-claimed_at', '-id'),
                'indexes': [models.Index(fields=['message_id'], name='outbox_by_message'), models.Index(condition=models.Q(('sent_at', None)), fields=['claimed_at'], name='outbox_unsent')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'occasion', 'person'), name='one_entry_an_occasion_and_person'), models.UniqueConstraint(condition=models.Q(('person', None)), fields=('kind', 'occasion'), name='one_entry_an_occasion_of_nobody')],
            },
        ),
        migrations.RunPython(carry_letters, migrations.RunPython.noop),
        migrations.RunPython(carry_alarms, migrations.RunPython.noop),
        migrations.RunPython(forget_types, migrations.RunPython.noop),
        migrations.DeleteModel(name='AccountLetter'),
        migrations.DeleteModel(name='DayLetter'),
        migrations.RemoveConstraint(model_name='alarm', name='one_open_alarm_a_check'),
        migrations.RemoveConstraint(model_name='alarm', name='one_letter_an_alarm'),
        migrations.RemoveField(model_name='alarm', name='claimed_at'),
        migrations.RemoveField(model_name='alarm', name='fault'),
        migrations.RemoveField(model_name='alarm', name='is_end'),
        migrations.RemoveField(model_name='alarm', name='message_id'),
        migrations.RemoveField(model_name='alarm', name='sent_at'),
        migrations.RemoveField(model_name='alarm', name='tries'),
        migrations.AddConstraint(
            model_name='alarm',
            constraint=models.UniqueConstraint(condition=models.Q(('over_at', None)), fields=('name',), name='one_open_alarm_a_check'),
        ),
    ]

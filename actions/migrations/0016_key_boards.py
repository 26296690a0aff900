"""Say of each escalation to which board it went. The last of a challenge went to the board that has it now. An earlier
one says so in its text, by the board's name then; if no board has that name now, we can't tell."""

from django.db import migrations


def name_boards(apps, schema_editor):
    Entry, Board = (apps.get_model(*name) for name in (("actions", "ChallengeEntry"), ("boards", "Board")))
    escalated = Entry.objects.filter(act="escalated").select_related("challenge").order_by("-made_at", "-id")
    last = set()
    for entry in escalated:
        challenge, board = entry.challenge, None
        if challenge.pk not in last:
            last.add(challenge.pk)
            board = challenge.escalated_to_id
        else:
            name = entry.text.removeprefix("To the chair of the ").partition(".\n\n")[0]
            found = list(Board.objects.filter(area=challenge.area_id, name=name).values_list("pk", flat=True)[:2])
            board = found[0] if len(found) == 1 else None
        Entry.objects.filter(pk=entry.pk).update(board=board)


class Migration(migrations.Migration):
    dependencies = [("actions", "0015_key")]
    operations = [migrations.RunPython(name_boards, migrations.RunPython.noop, elidable=True)]

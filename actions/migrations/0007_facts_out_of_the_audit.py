"""What only the audit log knew becomes rows and columns of its own (ADR 0020)."""

from collections import defaultdict

from django.db import migrations, models

# Whose columns begin like that, and the verb of the audit that says the same.
LAST_DONE = (
    ("highlight", "brought_back", "highlight.brought_back"),
    ("engagementsession", "brought_back", "session.brought_back"),
    ("subgroup", "brought_back", "sub_group.brought_back"),
    ("voice", "reopened", "voice.reopened"),
    ("milestone", "undone", "milestone.undone"),
    ("meeting", "changed", "meeting.changed"),
)
MOVES = {
    "action.completed": "complete",
    "action.reopened": "open",
    "action.archived": "archived",
    "action.brought_back": "open",
}


def take_over(apps, schema_editor):
    for model, columns, verb in LAST_DONE:
        say_when_last(apps, model, columns, events_of(apps, model, verb))
    retired = set(apps.get_model("actions", "SubGroup").objects.filter(retired=True).values_list("pk", flat=True))
    told = events_of(apps, "subgroup", "sub_group.retired")
    say_when_last(apps, "subgroup", "retired", {key: told[key] for key in retired & told.keys()})
    recorded = events_of(apps, "meeting", "meeting.recorded")
    amended = {key: [event for event in events if "why" in event.details] for key, events in recorded.items()}
    say_when_last(apps, "meeting", "amended", amended)
    add_moves(apps)
    say_when_answers_were_due(apps)


def events_of(apps, model, *verbs):
    """Of each row of a model what people did to it, the oldest first."""
    people = set(apps.get_model("core", "User").objects.values_list("pk", flat=True))
    rows = set(apps.get_model("actions", model).objects.values_list("pk", flat=True))
    found = defaultdict(list)
    told = apps.get_model("core", "AuditEvent").objects.filter(target_type=f"actions.{model}", verb__in=verbs)
    for event in told.order_by("happened_at", "id").iterator():
        if event.actor_id in people and int(event.target_id) in rows:
            found[int(event.target_id)].append(event)
    return found


def say_when_last(apps, model, columns, events):
    rows = apps.get_model("actions", model)
    has_why = any(field.name == f"{columns}_why" for field in rows._meta.fields)
    for key, told in events.items():
        if told:
            last = told[-1]
            fact = {f"{columns}_at": last.happened_at, f"{columns}_by": last.actor_id}
            if has_why:
                fact[f"{columns}_why"] = last.details["why"]
            rows.objects.filter(pk=key).update(**fact)


def add_moves(apps):
    """Those that the audit tells of; where it was pruned, at least the one that led to the action's state."""
    Action, ActionMove = apps.get_model("actions", "Action"), apps.get_model("actions", "ActionMove")
    events, moves = events_of(apps, "action", *MOVES), []
    for action in Action.objects.order_by("pk").iterator():
        state = "open"

        def move(after, at, by, why=""):
            nonlocal state
            if state != after:
                moves.append(
                    ActionMove(action=action, before=state, after=after, why=why, made_at=at, made_by_id=by)
                )
            state = after

        for event in events[action.pk]:
            move(MOVES[event.verb], event.happened_at, event.actor_id, event.details.get("why", ""))
        if state == "open" and action.completed_at is not None:
            move("complete", action.completed_at, action.completed_by_id)
        if action.state == "archived":
            move("archived", action.archived_at, action.archived_by_id, action.archived_why)
    ActionMove.objects.bulk_create(sorted(moves, key=lambda move: move.made_at), batch_size=1000)


def say_when_answers_were_due(apps):
    """Each entry has the day by which an answer was due from then on; the newest has today's."""
    Challenge, ChallengeEntry = (apps.get_model("actions", name) for name in ("Challenge", "ChallengeEntry"))
    entries, events = defaultdict(list), events_of(apps, "challenge", "challenge.pressed", "challenge.escalated")
    for entry in ChallengeEntry.objects.order_by("-made_at", "-id"):
        entries[entry.challenge_id].append(entry)
    for challenge in Challenge.objects.order_by("pk"):
        moved = {}  # the entry with which the day moved, and the day before that
        for event in events[challenge.pk]:
            act = event.verb.removeprefix("challenge.")
            said = [each for each in entries[challenge.pk] if each.act == act and each.made_at <= event.happened_at]
            if said and "due_before" in event.details:
                moved[said[0].pk] = event.details["due_before"]
        due_on = challenge.due_on
        for entry in entries[challenge.pk]:
            ChallengeEntry.objects.filter(pk=entry.pk).update(due_on=due_on)
            due_on = moved.get(entry.pk, due_on)


class Migration(migrations.Migration):
    dependencies = [("actions", "0006_facts_of_their_own"), ("core", "0003_sent_forms")]

    operations = [
        migrations.RunPython(take_over, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="challengeentry",
            name="due_on",
            field=models.DateField(verbose_name="answer due"),
        ),
    ]

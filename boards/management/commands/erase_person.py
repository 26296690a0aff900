"""manage.py erase_person: erase a person's name, where a law wants that."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from boards.deletion import erase_person, find_pseudonym, list_holds_of_names
from boards.management.arguments import Refused
from boards.models import Membership, RegionMembership
from core.models import User


class Command(BaseCommand):
    help = (
        "Erase a person's name and email address from their account and from the audit log and the log of reading. "
        "Everything they did stays, under a pseudonym such as “Person 27”. The audit log's chains still verify. The "
        "person can't sign in afterwards, and no one can undo this. Texts that people wrote and packs that were issued "
        "stay as they are. No name is erased while any record is on hold. Exit status: 0 done; 2 "
        "refused, and nothing changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the email address that the person signs in with")
        parser.add_argument("--why", required=True, help="the reason, without the name: the audit log keeps it")
        parser.add_argument("--also", action="append", default=[], help="a former name or address; may be repeated")
        parser.add_argument(
            "--sure", action="store_true", help="do it; without this, the command only says what it would erase"
        )

    def handle(self, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise Refused(f"No one signs in as {options['email']}.")
        areas = Membership.objects.filter(user=user).order_by("area__slug").values_list("area__slug", flat=True)
        regions = RegionMembership.objects.filter(user=user).order_by("region__slug")
        if places := ", ".join([*areas.distinct(), *regions.values_list("region__slug", flat=True).distinct()]):
            raise Refused(f"{user} still has a role in {places}. End their roles first.")
        # The record under a hold is evidence, with its names.
        for hold in list_holds_of_names(today=timezone.localdate()):
            raise Refused(f"There is a hold on the audit log of {hold.area or 'no area'}. Ask for its release first.")
        if not options["why"].strip():
            raise Refused("Say why with --why.")
        if not options["sure"]:
            raise Refused(f"This erases {user} ({user.email}) permanently. To do it, add --sure.")
        changed = erase_person(user, why=options["why"], also=options["also"], by=None)
        events = f"{changed} event{'' if changed == 1 else 's'}"
        self.stdout.write(f"Erased. The audit log now calls them {find_pseudonym(user)}, in {events}.")

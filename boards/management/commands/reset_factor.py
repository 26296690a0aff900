"""manage.py reset_factor: remove the second factor of somebody for whom no area can do it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from boards.management.arguments import Refused
from boards.selectors import find_outside_areas
from boards.services.factors import reset_on_server
from core.labels import TransitionRefused


class Command(BaseCommand):
    help = (
        "Remove the second factor of an operator, or of someone who works for a region, if they lost their device. "
        "People without a role in an area can't be reset on a page, so someone with access to this machine does it. "
        "For everyone else, two people do it on a page. The person is signed out everywhere and gets an email. Exit "
        "status: 0 done; 2 if no such person has the address."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the person's email address")

    def handle(self, **options: Any) -> None:
        person = find_outside_areas(options["email"])
        if person is None:
            raise Refused(
                f"“{options['email']}” isn't an operator, or someone who works only for a region. For "
                "everyone else, use the area's page “Lost devices”."
            )
        try:
            is_told = reset_on_server(person)
        except TransitionRefused as refused:
            raise Refused(str(refused)) from None
        letter = "We emailed them about it." if is_told else "The email about it could not be sent: tell them."
        self.stdout.write(
            f"{person.email} no longer has a second factor. The person sets up a new one at sign-in. {letter}"
        )

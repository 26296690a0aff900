"""manage.py reset_factor: remove an operator's second factor."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from boards.management.arguments import Refused
from boards.services.factors import reset_operator
from core.models import User
from core.transitions import TransitionRefused


class Command(BaseCommand):
    help = (
        "Remove the second factor of an operator who lost their device. No area can do that for an operator, so it "
        "takes somebody with access to this machine. Everybody else's is reset on a page, by two people. The operator "
        "is signed out everywhere and gets an e-mail. Exit status: 0 done; 2 if the address is no operator's."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the operator's e-mail address")

    def handle(self, **options: Any) -> None:
        person = User.objects.filter(email__iexact=options["email"], is_superuser=True).first()
        if person is None:
            raise Refused(f"There is no operator “{options['email']}”.")
        try:
            is_told = reset_operator(person)
        except TransitionRefused as refused:
            raise Refused(str(refused)) from None
        told = "They have an e-mail about it." if is_told else "The e-mail about it could not be sent: tell them."
        self.stdout.write(f"{person.email} has no second factor now, and sets up a new one at sign-in. {told}")

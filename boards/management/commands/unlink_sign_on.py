"""manage.py unlink_sign_on: let somebody link their account to a provider anew."""

from argparse import ArgumentParser
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.management.base import BaseCommand

from boards.management.arguments import Refused
from core.identity.provider_links import unlink


class Command(BaseCommand):
    help = (
        "Unlink an account from its providers of single sign-on. Use it if a provider gave someone a new subject, so "
        "their sign-in is refused. First make sure that the mailbox is still theirs: the next person who signs in with "
        "its address is linked. The person is signed out everywhere and gets an email. Exit status: 0 done; 2 if the "
        "account isn't linked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the person's email address")
        parser.add_argument("--provider", help="the id of one provider; otherwise all")

    def handle(self, **options: Any) -> None:
        links = SocialAccount.objects.select_related("user").filter(user__email__iexact=options["email"])
        if options["provider"]:
            links = links.filter(provider=options["provider"])
        linked = list(links)
        if not linked:
            raise Refused(f"“{options['email']}” isn't linked to such a provider.")
        for link in linked:
            provider = settings.OIDC_PROVIDERS.get(link.provider)
            unlink(link, name=provider.name if provider else link.provider, by=None)
            self.stdout.write(f"{link.user.email} is no longer linked to {link.provider}.")

"""manage.py reseal_factors: encrypt second factors with the current SECRET_KEY."""

from typing import Any

from django.core.management.base import BaseCommand

from boards.management.arguments import Refused
from core.identity.factors import reseal_factors


class Command(BaseCommand):
    help = (
        "Encrypt the secrets of second factors with the current SECRET_KEY. Run it after you have changed the key, "
        "before you remove the old one from SECRET_KEY_FALLBACKS. Exit status: 0 done; 2 if a secret can't be read "
        "with any of the keys. The others are encrypted all the same."
    )

    def handle(self, **options: Any) -> None:
        number, lost = reseal_factors()
        self.stdout.write(f"{number} secrets are encrypted with the current key.")
        if lost:
            raise Refused(f"No key reads the secrets of {', '.join(lost)}. Each needs a new one.")

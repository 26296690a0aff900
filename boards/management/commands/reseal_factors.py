"""manage.py reseal_factors: encrypt second factors and webhooks' secrets with the current SECRET_KEY."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from boards.management.arguments import Refused


class Command(BaseCommand):
    help = (
        "Encrypt the secrets of second factors and of webhooks with the current SECRET_KEY. Run it after you have "
        "changed the key, before you remove the old one from SECRET_KEY_FALLBACKS. Exit status: 0 done; 2 if a secret "
        "can't be read with any of the keys. The others are encrypted all the same."
    )

    def handle(self, **options: Any) -> None:
        resealed = [import_string(name)() for name in settings.SEALED]
        number, lost = sum(number for number, _ in resealed), [one for _, several in resealed for one in several]
        self.stdout.write(f"{number} secrets are encrypted with the current key.")
        if lost:
            raise Refused(f"No key reads the secrets of {', '.join(lost)}. Each needs a new one.")

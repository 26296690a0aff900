"""manage.py verify_audit: check the chains of the record."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.audit_log.sealing import list_chains, verify
from core.chain import Head, read_head

NO_AREA = "none"


class Command(BaseCommand):
    help = (
        "Check the audit log. Each event has a hash of the event before it, so a chain shows every "
        "change, removal or insertion. Each area has a chain, and so has everything that belongs to no area. Prints a "
        "line for each chain, with its head. It changes nothing. Exit status: 0 every chain is whole; 1 a chain is "
        "broken (the line names the first broken event); 2 wrong arguments."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--area", help=f"check only this area, by its name in addresses; “{NO_AREA}” for no area")
        parser.add_argument(
            "--head",
            metavar="NUMBER:LINK",
            help="a head from an earlier email or pack: check that the area's chain still has it (with --area)",
        )

    def handle(self, **options: Any) -> None:
        areas, kept = self._read(options)
        broken = 0
        for area in areas:
            finding = verify(area, kept=kept)
            name = area or "No area"
            if finding.fault:
                broken += 1
                self.stdout.write(f"{name}: BROKEN after event {finding.head.number}. {finding.fault}")
            else:
                removed = f" The events up to {finding.start.number} were removed." if finding.start.number else ""
                if not finding.has_kept and kept is not None:
                    removed += f" So nothing is left to compare with event {kept.number}."
                self.stdout.write(
                    f"{name}: whole. Head {finding.head}.{removed}"
                    if removed
                    else f"{name}: whole. Head {finding.head}"
                )
        if broken:
            # The lines above say where, so stderr only says how many.
            raise CommandError(f"Broken chains: {broken} of {len(areas)}.", returncode=1)

    def _read(self, options: dict[str, Any]) -> tuple[list[str], Head | None]:
        chains, name = list_chains(), options["area"]
        if options["head"] and name is None:
            raise CommandError("Name the area of the head with --area.", returncode=2)
        if name is None:
            return chains, None
        area = "" if name == NO_AREA else name
        if area not in chains:
            names = ", ".join(chain or NO_AREA for chain in chains) or "none yet"
            raise CommandError(f"There is no audit log of “{name}”. There are: {names}.", returncode=2)
        try:
            return [area], read_head(options["head"]) if options["head"] else None
        except ValueError as fault:
            raise CommandError(str(fault), returncode=2) from None

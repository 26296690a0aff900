from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from boards.management.arguments import Refused
from boards.models import PartnershipArea
from core.audit_log import sealing
from core.calendar import Month
from reporting.management.demo import history, places
from reporting.management.demo.documents import load_documents
from reporting.management.demo.history import DemoKpis, People
from reporting.management.demo.market import add_agency, load_market
from reporting.management.demo.places import load_populations, make_up_residents, set_rules
from reporting.management.demo.plan import AGENCY, count_sessions, load_plan, load_sessions


class Command(BaseCommand):
    help = (
        "Load the demonstration: the area Anytown with 36 made-up months up to October 2026 and November started, "
        "the area Southend for real police data, and demo accounts. It leaves what is already there unchanged."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise Refused(
                "The demonstration can't be loaded in production: it makes an operator whose password everyone knows."
            )
        if Month.of(timezone.localdate()) < history.OCTOBER.next:
            raise Refused(
                f"The demonstration ends with {history.OCTOBER.next.label}, and this machine's clock is before that."
            )
        with transaction.atomic():
            if not PartnershipArea.objects.filter(slug="anytown").exists():
                self.load_anytown()
            if not PartnershipArea.objects.filter(slug="southend").exists():
                self.load_southend()
            places.make_region(by=places.make_operator())
        self.stdout.write(places.account_table())

    def say(self, how_far: str) -> None:
        self.stdout.write(how_far)
        self.stdout.flush()

    def load_southend(self) -> None:
        plan = places.read("southend")
        area = places.set_up(plan)
        places.make_accounts(area, places.SOUTHEND)
        set_rules(area, plan["rule"])
        load_populations(area, plan["population"])

    def load_anytown(self) -> None:
        # In this order: each part needs what the ones before it made.
        self.say("Making the demonstration: its people, boards and indicators …")
        plan = places.read_whole("anytown")
        area = places.set_up(plan)
        add_agency(area)
        people = places.make_accounts(area, places.ANYTOWN)
        make_up_residents(area, plan["population"])
        set_rules(area, plan["rule"])
        by_agency = {
            part: {name.removesuffix(f".{part}"): user for name, user in people.items() if name.endswith(f".{part}")}
            for part in ("lead", "approver")
        }
        acting = People(
            people["coordinator"],
            people["analyst"],
            leads=by_agency["lead"],
            approvers=by_agency["approver"],
        )
        rows = plan["indicator"]
        kpis = DemoKpis(area, people)
        history.load_history(area, rows, people=acting, kpis=kpis, say=self.say)
        history.load_october(area, rows, people=acting, kpis=kpis)
        count_sessions(area, month=history.OCTOBER.next, coordinator=people["coordinator"])
        history.load_november(area, rows, people=acting)
        history.ask_for_recording(area, by=people["analyst"])
        self.say(f"{area.name}: its public pages, plan and packs …")
        history.load_editions(
            area, newest=history.OCTOBER, coordinator=people["coordinator"], officer=people["information"]
        )
        history.load_signs(area, coordinator=people["coordinator"])
        load_plan(area, month=history.OCTOBER, people=people)
        load_sessions(area, month=history.OCTOBER.next, lead=acting.leads[AGENCY])
        load_market(area, coordinator=people["coordinator"], lead=people["public-health.lead"])
        history.load_packs(area, month=history.OCTOBER, coordinator=people["coordinator"])
        load_documents(area, people=people)
        # The minute's job does it elsewhere; where the product is tried out, nothing runs by the clock.
        sealing.seal_each()

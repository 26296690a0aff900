"""Reference data for tests. State that has a life (returns, months, snapshots) is made through
services: see tests.scenarios."""

from datetime import date
from itertools import count
from typing import Any

from boards.models import Agency, Board, Membership, PartnershipArea
from boards.rules import Role
from core.models import User
from indicators.models import (
    Category,
    Dimension,
    Indicator,
    IndicatorBoard,
    IndicatorDefinition,
    Pathway,
    PathwayStep,
    Section,
    ValidationRule,
)

numbers = count(1)
FIRST_DEFINITION = date(2020, 1, 1)


def make_area(slug: str = "", **fields: Any) -> PartnershipArea:
    slug = slug or f"area-{next(numbers)}"
    return PartnershipArea.objects.create(slug=slug, name=fields.pop("name", slug.capitalize()), **fields)


def make_agency(area: PartnershipArea, code: str = "police", **fields: Any) -> Agency:
    fields = {"name": code.replace("-", " ").capitalize(), "kind": Agency.Kind.POLICE} | fields
    return Agency.objects.create(area=area, code=code, **fields)


def make_board(area: PartnershipArea, code: str = "csp", **fields: Any) -> Board:
    fields = {"name": f"Board {code}", "short_name": code.upper()} | fields
    return Board.objects.create(area=area, code=code, **fields)


def make_section(area: PartnershipArea, code: str = "arrests", **fields: Any) -> Section:
    return Section.objects.create(area=area, code=code, **({"title": code.capitalize()} | fields))


def make_dimension(area: PartnershipArea, code: str, categories: list[str]) -> Dimension:
    dimension = Dimension.objects.create(area=area, code=code, name=code.replace("-", " ").capitalize())
    for position, name in enumerate(categories):
        Category.objects.create(dimension=dimension, code=name, name=name.capitalize(), position=position)
    return dimension


def make_validation_rule(area: PartnershipArea, code: str, **fields: Any) -> ValidationRule:
    """One that fewer are charged than arrested, unless the fields say otherwise. Raises ValidationError."""
    usual = {"name": "A rule", "left": ["charges"], "right": ["arrests"], "why": "It is so."}
    rule = ValidationRule(area=area, code=code, **usual | fields)
    rule.full_clean()
    rule.save()
    return rule


def make_pathway(area: PartnershipArea, code: str, agency: Agency, *, uncounted: str, **fields: Any) -> Pathway:
    """Those who were arrested, those who were charged, and a step that nobody counts."""
    pathway = Pathway.objects.create(
        area=area, code=code, **{"title": "People arrested", "question": "What became of them?"} | fields
    )
    steps: dict[str, dict[str, Any]] = {
        "arrested": {"indicator": Indicator.objects.get(area=area, code="arrests")},
        "charged": {"indicator": Indicator.objects.get(area=area, code="charges")},
        uncounted: {"nobody_counts": "how many of them have a plan"},
    }
    for position, (step, counted) in enumerate(steps.items()):
        name = step.replace("-", " ").capitalize()
        row = PathwayStep(pathway=pathway, code=step, name=name, agency=agency, position=position, **counted)
        row.full_clean()
        row.save()
    return pathway


def make_indicator(
    owner: Agency,
    code: str,
    *,
    boards: tuple[Board, ...] = (),
    defined_from: date = FIRST_DEFINITION,
    section: Section | None = None,
    **fields: Any,
) -> Indicator:
    title = code.replace("-", " ").capitalize()
    fields = {
        "title": title,
        "question": f"How many {title.lower()}?",
        "unit_one": "one",
        "unit_many": "many",
        "polarity_reason": "Nothing can be said either way.",
        "openness": "month",
        "openness_why": "The town’s agreement says so.",
    } | fields
    section = section or Section.objects.filter(area=owner.area).first() or make_section(owner.area)
    indicator = Indicator.objects.create(area=owner.area, owner=owner, section=section, code=code, **fields)
    IndicatorDefinition.objects.create(indicator=indicator, applies_from=defined_from, text=f"What {code} counts.")
    for position, board in enumerate(boards):
        IndicatorBoard.objects.create(indicator=indicator, board=board, position=position)
    return indicator


def make_user(email: str = "", **fields: Any) -> User:
    email = email or f"person-{next(numbers)}@test.example"
    return User.objects.create_user(email, None, name=fields.pop("name", email.partition("@")[0]), **fields)


def make_users(emails: list[str]) -> list[User]:
    """Several people at once, without a password."""
    users = [User(email=email, name=email.partition("@")[0]) for email in emails]
    for user in users:
        user.set_unusable_password()
    return User.objects.bulk_create(users)


def make_member(
    area: PartnershipArea, role: Role, *, agency: Agency | None = None, board: Board | None = None, email: str = ""
) -> User:
    user = make_user(email or f"{role}-{next(numbers)}@test.example")
    make_membership(user, area, role, agency=agency, board=board).save()
    return user


def make_membership(
    user: User, area: PartnershipArea, role: Role, *, agency: Agency | None, board: Board | None
) -> Membership:
    """One that isn't saved yet."""
    # An officer of long standing: tests of the first days name their own.
    acts_from = FIRST_DEFINITION if role is Role.INFORMATION else None
    return Membership(user=user, area=area, role=role.value, agency=agency, board=board, acts_from=acts_from)

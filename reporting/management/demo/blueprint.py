"""Set an area up from a TOML file: its boards, agencies, sections, indicators."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from boards.models import Agency, Board, PartnershipArea, Responsibility, Strand
from indicators.judgement.tokens import Counted
from indicators.models import (
    Category,
    Collection,
    Dimension,
    Indicator,
    IndicatorBoard,
    IndicatorDefinition,
    Section,
)
from indicators.ratios import Asked, RatioKind, ShownOn

FOLDER = Path(__file__).parent
FIRST_DAY = date(2023, 11, 1)  # of the demonstration's figures, and so of its definitions


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def read_with_kpis(name: str) -> dict[str, Any]:
    """A blueprint together with what its KPIs are about."""
    plan = read(name)
    for part, rows in read(f"{name}-kpis").items():
        plan[part] = [*plan.get(part, []), *rows]
    return plan


def set_up(blueprint: dict[str, Any]) -> PartnershipArea:
    """Make the area and everything in it but people and figures."""
    area = PartnershipArea.objects.create(**blueprint["area"])
    common = read("boards")
    for position, row in enumerate(common["board"]):
        board = Board.objects.create(
            area=area, position=position, **{key: row[key] for key in row if key != "responsibilities"}
        )
        Responsibility.objects.bulk_create(
            Responsibility(board=board, text=text, position=place) for place, text in enumerate(row["responsibilities"])
        )
    Strand.objects.bulk_create(
        Strand(area=area, position=position, **row) for position, row in enumerate(common["strand"])
    )
    for model, rows in ((Agency, blueprint["agency"]), (Section, blueprint["section"])):
        for position, row in enumerate(rows):
            model._default_manager.create(area=area, position=position, **row)
    for row in blueprint.get("dimension", []):
        dimension = Dimension.objects.create(area=area, code=row["code"], name=row["name"])
        Category.objects.bulk_create(
            Category(dimension=dimension, position=position, **category)
            for position, category in enumerate(row["category"])
        )
    for position, row in enumerate(blueprint["indicator"]):
        make_indicator(area, row, position)
    return area


def ratio_fields(area: PartnershipArea, row: dict[str, Any]) -> dict[str, Any]:
    if "ratio" not in row:
        return {}
    counts = {name: Indicator.objects.get(area=area, code=row[name]) for name in TWO if name in row}
    per = row.get("per", 100 if row["ratio"] == RatioKind.SHARE else 1)
    return {"ratio": row["ratio"], "ages": row.get("ages", ""), "per": per, **counts}


TWO = ("numerator", "denominator")


def make_indicator(area: PartnershipArea, row: dict[str, Any], position: int) -> None:
    indicator = Indicator.objects.create(
        area=area,
        section=Section.objects.get(area=area, code=row["section"]),
        code=row["code"],
        position=position,
        title=row["title"],
        short_title=row.get("short_title", ""),
        question=row["question"],
        unit_one=row["unit"][0],
        unit_many=row["unit"][1],
        polarity=row["polarity"],
        polarity_reason=row["reason"],
        counts_as=row.get("counts_as", Counted.FLOW.value),
        why_it_matters=row["why"],
        source=row["source"],
        owner=Agency.objects.get(area=area, code=row["owner"]),
        dimension=Dimension.objects.get(area=area, code=row["dimension"]) if "dimension" in row else None,
        part_of=Indicator.objects.get(area=area, code=row["part_of"]) if "part_of" in row else None,
        collection=row.get("collection", Collection.RATIO.value if "ratio" in row else Collection.RETURN.value),
        asked=row.get("asked", Asked.MONTHLY.value),
        shown_on=row.get("shown_on", ShownOn.MONTH.value),
        **ratio_fields(area, row),
    )
    first = row.get("defined_from", FIRST_DAY)
    if "redefined" in row:
        IndicatorDefinition.objects.create(indicator=indicator, applies_from=first, text=row["redefined"]["before"])
        first = row["redefined"]["from"]
    IndicatorDefinition.objects.create(indicator=indicator, applies_from=first, text=row["definition"])
    # The strategic group is drawn from all the boards, and looks at the whole month.
    whole = [] if "shown_on" in row else ["strategic"]
    for code in dict.fromkeys([*row["boards"], *whole]):
        board = Board.objects.get(area=area, code=code)
        IndicatorBoard.objects.create(indicator=indicator, board=board, position=position)

"""How long does a pack take, from the database to the bytes of its PDF?"""

import io

from bench.speed.making import AREAS_OF_A_REGION, LINES_OF_A_REGION, make_region
from bench.speed.report import Report, wall


def bench_packs(report: Report) -> None:
    """From the database to the bytes of the PDF, each time another month."""
    import pikepdf

    from boards.models import Board, ReportingPeriod
    from core.months import Month, months_between
    from reporting.packs.pdf.typesetting import build_pack
    from reporting.packs.presenters.order import make_pack
    from reporting.packs.presenters.sources import Order

    boards = list(Board.objects.filter(area__slug="anytown").order_by("position"))
    of_area = ReportingPeriod.objects.select_related("area").filter(area__slug="anytown")
    periods = {period.month: period for period in of_area}

    def one(month: Month, board: Board) -> bytes:
        return build_pack(make_pack(Order(periods[month], board), include_drafts=False).pack)

    demo = Month(2026, 10)
    pages = len(pikepdf.open(io.BytesIO(one(demo, boards[0]))).pages)
    months = list(months_between(Month(2024, 1), demo.previous))
    some = iter(months)
    what = f"a pack as PDF, {pages} pages, {boards[0].code}"
    report.median(what, wall, lambda: one(next(some), boards[0]), target=400)
    some = iter(months)
    report.median(
        "packs of all four boards",
        wall,
        lambda: [one(month, b) for month in [next(some)] for b in boards[:4]],
        target=1500,
    )
    bench_region_pack(report)


def bench_region_pack(report: Report) -> None:
    """The pack of a region: from the database to its PDF, and how many pages that has."""
    import pikepdf

    from boards.region_permissions import find_region_access
    from core.models import User
    from core.months import Month
    from reporting.packs.pdf.typesetting import build_pack
    from reporting.region_packs.presenters.gather import gather_sources
    from reporting.region_packs.presenters.pack import make_pack

    director = User.objects.get(email=make_region())

    def one() -> bytes:
        return build_pack(make_pack(gather_sources(find_region_access(director, "bench"), Month(2026, 10))))

    what = f"a region's pack ({AREAS_OF_A_REGION} areas × {LINES_OF_A_REGION} lines)"
    report.line(f"pages of {what}", len(pikepdf.open(io.BytesIO(one())).pages), "pages", target=16)
    report.median(what, wall, one, target=4000)

"""How long does a pack take, from the database to the bytes of its PDF?"""

import io

from bench.speed.report import Report, wall


def bench_packs(report: Report) -> None:
    """From the database to the bytes of the PDF, each time another month."""
    import pikepdf

    from boards.models import Board, ReportingPeriod
    from core.calendar import Month, months_between
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

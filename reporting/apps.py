from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"
    triggers = "reporting.freeze.triggers"

    def ready(self) -> None:
        from actions import month_figures  # noqa: PLC0415  # models are there from now on
        from indicators import public_pages  # noqa: PLC0415
        from reporting.impact.presenters.outcomes import FiguresWithOutcomes  # noqa: PLC0415
        from reporting.public.tasks import EditionsAndPacks  # noqa: PLC0415

        month_figures.provide(FiguresWithOutcomes())
        public_pages.provide(EditionsAndPacks())

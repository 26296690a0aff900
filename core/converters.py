"""Which part of an address is a month? `<month:month>` in a route."""

from django.urls import register_converter

from core.months import Month


class MonthConverter:
    """Matches 2026-10. An impossible month (2026-13) matches no route, so the answer is 404."""

    regex = "[0-9]{4}-[0-9]{2}"

    def to_python(self, value: str) -> Month:
        return Month.parse(value)

    def to_url(self, value: Month) -> str:
        return str(value)


register_converter(MonthConverter, "month")

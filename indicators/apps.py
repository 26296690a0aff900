from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "indicators"
    triggers = "indicators.freeze.triggers"

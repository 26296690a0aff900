from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "actions"
    triggers = "actions.freeze.triggers"

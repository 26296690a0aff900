from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "boards"
    triggers = "boards.one_area.triggers"

    def ready(self) -> None:
        from boards import checks  # noqa: F401, PLC0415

from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "boards"
    triggers = "boards.one_area.triggers"

    def ready(self) -> None:
        from boards import one_area  # noqa: F401, PLC0415

from django.apps import AppConfig


class VvdashConfig(AppConfig):
    name = "vvdash"

    def ready(self) -> None:
        from vvdash import checks  # noqa: F401, PLC0415

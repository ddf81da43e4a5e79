from django.apps import AppConfig


class FleetConfig(AppConfig):
    name = "fleet"

    def ready(self) -> None:
        from fleet.console import registrations  # needs the models, which are loaded by now

        registrations.install()

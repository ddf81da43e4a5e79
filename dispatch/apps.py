from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "dispatch"

    def ready(self) -> None:
        from dispatch.assignments.owner import RideMissionOwner
        from dispatch.rides import board
        from fleet.missions import owners

        owners.register("ride", RideMissionOwner())
        board.install()

"""Many drives in one table of figures, each with its interval."""

from collections.abc import Sequence

from autonomy.scoring.drive import DriveScore
from autonomy.scoring.intervals import Figure, mean, poisson_rate, wilson


def summary(drives: Sequence[DriveScore]) -> dict[str, Figure]:
    """Keys as release manifests have them. Drives without way still count as runs."""
    km = sum(drive.km for drive in drives)
    windows = [window for drive in drives for window in drive.windows]
    stops = [drive.stopped_right for drive in drives if drive.stopped_right is not None]
    right, asked = sum(drive.causes_right for drive in drives), sum(drive.causes_asked for drive in drives)
    comfort = [drive.comfort for drive in drives if drive.windows]
    return {
        "route_completion": wilson(sum(drive.completed for drive in drives), len(drives)),
        "way_driven": mean([drive.completion for drive in drives]),
        "km": Figure(value=km, low=None, high=None, n=len(drives)),
        "collisions_per_1000km": poisson_rate(sum(len(drive.collisions) for drive in drives), km),
        "at_fault_per_1000km": poisson_rate(sum(drive.at_fault for drive in drives), km),
        "red_lights_per_1000km": poisson_rate(sum(drive.red_lights for drive in drives), km),
        "without_leave_per_1000km": poisson_rate(sum(drive.without_leave for drive in drives), km),
        "off_road_per_1000km": poisson_rate(sum(drive.off_road for drive in drives), km),
        "wrong_way_per_1000km": poisson_rate(sum(drive.wrong_way for drive in drives), km),
        "hard_brakes_per_1000km": poisson_rate(sum(drive.hard_brakes for drive in drives), km),
        "helps_per_1000km": poisson_rate(sum(drive.helps for drive in drives), km),
        "stops_at_stop": wilson(sum(stops), len(stops)),
        "pdms": mean(windows),
        "comfort": mean(comfort),
        "right_cause": wilson(right, asked),
    }

"""A broken dispatcher that keeps what it has to do outside the database: in its memory, or in a Redis set.

`SABOTAGE=memory` or `SABOTAGE=redis`. It opens requested rides like the real one, and then matches only those that its
own list holds; what the list loses is never matched.
"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")

import django

django.setup()

import redis
from django.conf import settings
from django.core.management import execute_from_command_line

from dispatch.assignments import dispatcher
from dispatch.rides import selectors as rides
from dispatch.rides.domain.machine import RideState
from dispatch.rides.models import Ride

_in_states = rides.in_states
_memory: set[str] = set()
_redis = redis.Redis.from_url(settings.HANSOM_REDIS_URL)
KEY = "broken:open"


def _remember(ride: Ride) -> None:
    if os.environ["SABOTAGE"] == "redis":
        _redis.sadd(KEY, str(ride.id))
    else:
        _memory.add(str(ride.id))


def _known() -> set[str]:
    if os.environ["SABOTAGE"] == "redis":
        return {member.decode() for member in _redis.smembers(KEY)}  # type: ignore[union-attr]  # not awaited here
    return _memory


def forgetful(states: set[RideState]) -> list[Ride]:
    found = list(_in_states(states))
    if RideState.REQUESTED in states:
        for ride in found:
            _remember(ride)
        return found
    return [ride for ride in found if str(ride.id) in _known()]


for module in (rides, dispatcher):
    vars(module)["in_states"] = forgetful  # the sabotage

if __name__ == "__main__":
    execute_from_command_line([sys.argv[0], "run_dispatcher"])

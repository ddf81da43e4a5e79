"""The doorbell: Redis tells that something is new, PostgreSQL tells what.

Ringing never fails and listening never ends: without Redis the listener still wakes up every `every_s`, so that losing
Redis costs a second of delay and nothing else.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from functools import cache
from types import TracebackType
from typing import Self

import redis
import redis.asyncio
from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.HANSOM_REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)


def scoped(channel: str) -> str:
    """The channel's name on the wire. Redis numbers its databases and not its channels: without the number, two
    Hansoms on one Redis would hear each other's cars."""
    return f"{settings.HANSOM_REDIS_URL.rsplit('/', 1)[1]}:{channel}"


def ring_now(channel: str, message: bytes | str = b"") -> None:
    """Ring at once. A missing Redis is logged, not raised: listeners poll as well."""
    try:
        _client().publish(scoped(channel), message)
    except redis.RedisError as error:
        log.warning("doorbell %s not rung: %s", channel, error)


def ring(channel: str, message: bytes | str = b"") -> None:
    """Ring after the current transaction commits, or at once without one."""
    transaction.on_commit(lambda: ring_now(channel, message), robust=True)


class Bell:
    """Rings from an event loop, with one connection. Without Redis nothing is heard and nothing raised."""

    def __init__(self) -> None:
        self._client = redis.asyncio.Redis.from_url(
            settings.HANSOM_REDIS_URL, socket_timeout=1.0, socket_connect_timeout=0.5
        )

    async def ring(self, channel: str, message: bytes | str = b"") -> bool:
        """Whether Redis took it."""
        try:
            await self._client.publish(scoped(channel), message)
        except (redis.RedisError, OSError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        with contextlib.suppress(redis.RedisError, OSError):
            await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def listen(channels: list[str], *, every_s: float = 1.0) -> AsyncIterator[tuple[str, bytes] | None]:
    """Yield (channel, message) for every ring, and None at least every `every_s` seconds; never ends by itself."""
    while True:
        client = redis.asyncio.Redis.from_url(settings.HANSOM_REDIS_URL, socket_connect_timeout=0.5)
        try:
            async with client.pubsub(ignore_subscribe_messages=True) as pubsub:
                names = {scoped(channel).encode(): channel for channel in channels}
                await pubsub.subscribe(*names)
                while True:
                    message = await pubsub.get_message(timeout=every_s)
                    yield (names[message["channel"]], message["data"]) if message else None
        except (redis.RedisError, OSError) as error:
            log.warning("doorbell out of order: %s", error)
            yield None
            await asyncio.sleep(every_s)
        finally:
            with contextlib.suppress(redis.RedisError, OSError):
                await client.aclose()

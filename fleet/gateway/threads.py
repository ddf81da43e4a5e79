"""Threads with database connections of their own, for work that may not run on the event loop.

Connections are kept between jobs, checked before each, and closed with the pool: an ASGI server has no request whose
end would close them.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections
from django.db.backends.base.base import BaseDatabaseWrapper

T = TypeVar("T")


class DatabaseThreads:
    def __init__(self, size: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(size, thread_name_prefix=name)
        self._local = threading.local()
        self._lock = threading.Lock()
        self._connections: list[BaseDatabaseWrapper] = []

    async def run(self, function: Callable[[], T], /) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._job, function)

    def close(self) -> None:
        """Wait for the jobs that run, then close every connection."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for wrapper in self._connections:
            wrapper.close()
        self._connections.clear()

    def _job(self, function: Callable[[], T]) -> T:
        self._register()
        close_old_connections()
        try:
            return function()
        finally:
            close_old_connections()

    def _register(self) -> None:
        if getattr(self._local, "known", False):
            return
        self._local.known = True
        wrapper = connections[DEFAULT_DB_ALIAS]
        with self._lock:
            wrapper.inc_thread_sharing()  # close() runs in another thread
            self._connections.append(wrapper)

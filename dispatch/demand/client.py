"""A rider's app: patient with a server that is away for a moment, and never booking twice."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from uuid import uuid4

import httpx
import websockets

RETRY_STATUS = {502, 503, 504}


class Refused(Exception):
    """The server said no; `code` says why."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('code')}: {body.get('detail')}")
        self.status = status
        self.code = str(body.get("code", status))


class App:
    """Calls of one run over shared connections; `retries` counts those that had to be repeated."""

    def __init__(self, http: httpx.AsyncClient, *, patience_s: float = 120.0) -> None:
        self.http = http
        self.patience_s = patience_s
        self.retries = 0

    async def call(self, method: str, path: str, *, token: str | None = None, body: Any = None) -> dict[str, Any]:
        """One call until it is answered: repeated with the same Idempotency-Key while the server is away.

        Raises Refused, and TimeoutError after `patience_s` without an answer.
        """
        headers = {"Idempotency-Key": str(uuid4())} if method == "POST" else {}
        if token:
            headers["Authorization"] = f"Token {token}"
        async with asyncio.timeout(self.patience_s):
            pause_s = 0.2
            while True:
                try:
                    answer = await self.http.request(method, path, headers=headers, json=body)
                except httpx.TransportError:
                    answer = None
                if answer is not None and answer.status_code < 500:
                    return _body(answer)
                if answer is not None and answer.status_code not in RETRY_STATUS | {500}:
                    raise Refused(answer.status_code, {})
                self.retries += 1
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, 5.0)

    async def sign_up(self, username: str, password: str) -> str:
        """A new rider's token. A name that is taken is one of ours, from a repeated call."""
        credentials = {"username": username, "password": password}
        try:
            await self.call("POST", "/api/riders", body=credentials)
        except Refused as refusal:
            if refusal.code != "username_taken":
                raise
        return str((await self.call("POST", "/api/auth/token", body=credentials))["token"])

    async def follow(
        self, ride_id: str, token: str, *, every_s: float, ws_url: str | None = None
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The ride as it changes, until it has ended: by websocket when `ws_url` is given, else by asking."""
        while True:
            ride = await self.call("GET", f"/api/rides/{ride_id}", token=token)
            yield ride
            if ride["ended"]:
                return
            if ws_url is None:
                await asyncio.sleep(every_s)
                continue
            async with aclosing(_listen(ws_url, ride_id, token, str(self.http.base_url))) as heard:
                async for ride in heard:
                    yield ride
            await asyncio.sleep(every_s)  # the socket ended: look, and connect again


def _body(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json() if answer.content else {}
    except ValueError:
        body = {"detail": answer.text[:200]}
    if answer.status_code >= 400:
        raise Refused(answer.status_code, body if isinstance(body, dict) else {})
    return dict(body)


async def _listen(ws_url: str, ride_id: str, token: str, origin: str) -> AsyncGenerator[dict[str, Any], None]:
    """Rides as the socket tells them, and the last one again every few seconds; ends with the socket."""
    headers = {"Authorization": f"Token {token}"}
    url = f"{ws_url.rstrip('/')}/ws/rides/{ride_id}"
    try:
        async with websockets.connect(url, additional_headers=headers, origin=websockets.Origin(origin)) as socket:
            known: dict[str, Any] | None = None
            while True:
                try:
                    message = json.loads(await asyncio.wait_for(socket.recv(), 2.0))
                except TimeoutError:
                    message = {}
                known = message.get("ride", known)
                if known is not None:
                    yield known
    except (OSError, websockets.WebSocketException):
        return

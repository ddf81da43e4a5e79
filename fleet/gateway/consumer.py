"""The cars' socket, a bare ASGI application: cars bring a key of their own and no cookie, and a stock consumer would
cost a thread hop before every message."""

from typing import Any

from autonomy.link.messages import SUBPROTOCOL
from fleet.access.permissions import Access, public
from fleet.gateway.connection import Receive, Send
from fleet.gateway.plane import plane


class VehicleSocket:
    """`/ws/vehicle`. Who may stay is decided by the challenge that the car answers with its own key."""

    device_identity = True
    access: type[Access] = public("each car proves its identity by Ed25519 before anything it says is heard").access

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        first = await receive()
        if first["type"] != "websocket.connect":
            return
        if any(name == b"origin" for name, _ in scope["headers"]):
            # A browser, led here by some page: cars send no Origin.
            await send({"type": "websocket.close", "code": 4403, "reason": "cars only"})
            return
        offered = scope.get("subprotocols") or []
        if offered and SUBPROTOCOL not in offered:
            await send({"type": "websocket.close", "code": 4426, "reason": "unsupported subprotocol"})
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if offered else None})
        await plane().serve(receive, send)


vehicle_socket = VehicleSocket()

"""The fingerprint of a set of zones: the same areas and rules give the same digest, anything else another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import shapely
from shapely.geometry import Polygon


@dataclass(frozen=True)
class ZoneContent:
    """What a zone says, without its history; `params` is the JSON object as stored."""

    id: UUID
    kind: str
    name: str
    params: Mapping[str, Any]
    polygon: Polygon


def digest_of(zones: Iterable[ZoneContent]) -> str:
    """Return sha256 (hex) over the canonical content of `zones`, whatever their order.

    Coordinates enter as little-endian WKB, so that not a bit of them is left out.
    """
    hasher = hashlib.sha256()
    for zone in sorted(zones, key=lambda z: z.id.bytes):
        area = shapely.to_wkb(zone.polygon, hex=True, byte_order=1)
        content = {"id": str(zone.id), "kind": zone.kind, "name": zone.name, "params": zone.params, "area": area}
        hasher.update(json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode() + b"\n")
    return hasher.hexdigest()

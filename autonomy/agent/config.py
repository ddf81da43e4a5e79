"""A car's folder: `car.json`, `key.pem`, and the journal that the agent keeps there."""

from pathlib import Path
from typing import Annotated

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from autonomy.link.messages import Id, Lat, Lon
from autonomy.link.signing import BadKey, load_key, parse_public

PolicyName = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[a-z0-9._-]*$")]


class BadCar(Exception):
    """A car folder that can't be used; the text names the file and what is wrong with it."""


class CarFile(msgspec.Struct, frozen=True, kw_only=True):
    """`car.json`. `start` is [lon, lat] where the car stands when it has no journal yet; `fleet_key` is base64;
    `policy`: what drives it ("rules" or a release), empty: as the process is told; `shadow`: a release that rides
    along without driving."""

    vehicle_id: Id
    platform: str
    fleet_key: str
    start: tuple[Lon, Lat]
    soc_pct: Annotated[float, msgspec.Meta(ge=0, le=100)] = 80.0
    seats: int = 4
    policy: PolicyName = ""
    shadow: PolicyName = ""


class CarConfig(msgspec.Struct, frozen=True, kw_only=True):
    folder: Path
    file: CarFile
    key: Ed25519PrivateKey
    fleet_key: Ed25519PublicKey

    @property
    def vehicle_id(self) -> str:
        return self.file.vehicle_id

    @property
    def journal_path(self) -> Path:
        return self.folder / "journal.db"


def load_car(folder: Path) -> CarConfig:
    """Raises `BadCar`."""
    path = folder / "car.json"
    try:
        file = msgspec.json.decode(path.read_bytes(), type=CarFile)
    except (OSError, msgspec.DecodeError) as error:
        raise BadCar(f"{path}: {error}") from error
    try:
        return CarConfig(
            folder=folder, file=file, key=load_key(folder / "key.pem"), fleet_key=parse_public(file.fleet_key)
        )
    except BadKey as error:
        raise BadCar(f"{path}: {error}") from error


def load_cars(folder: Path) -> list[CarConfig]:
    """Every sub-folder with a `car.json`, in order of name; raises `BadCar`, also when there is none."""
    if not folder.is_dir():
        raise BadCar(f"{folder}: no such folder")
    cars = [load_car(entry) for entry in sorted(folder.iterdir()) if (entry / "car.json").exists()]
    if not cars:
        raise BadCar(f"{folder}: no car in it (a car is a folder with car.json and key.pem)")
    ids = [car.vehicle_id for car in cars]
    if len(set(ids)) != len(ids):
        raise BadCar(f"{folder}: two cars with the same vehicle_id")
    return cars

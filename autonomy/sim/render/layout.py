"""Names of the columns of the renderer's arrays. Machine code knows numbers only."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F4 = NDArray[np.float32]
I4 = NDArray[np.int32]

# a thing to draw: bodies of the scene, signal heads, and what always stands beside the roads
T_KIND, T_X, T_Y, T_COS, T_SIN, T_HALF_L, T_HALF_W, T_Z, T_H, T_R, T_G, T_B, T_LIGHTS, T_SEED, T_OWNER = range(15)
THING = 15
KIND_SIGNAL, KIND_LAMP_POST = 100, 101  # beyond BodyKind

# a camera of a car
(
    C_X, C_Y, C_Z, C_FX, C_FY, C_FOCAL, C_HORIZON, C_CAR_X, C_CAR_Y, C_CAR_COS, C_CAR_SIN, C_FRONT, C_SEED, C_OWNER,
) = range(14)  # fmt: skip
CAMERA = 14

# light and air
(
    E_FOG, E_FOG_R, E_FOG_G, E_FOG_B, E_AMB_R, E_AMB_G, E_AMB_B, E_SUN, E_SUN_X, E_SUN_Y, E_SUN_Z, E_NIGHT, E_RAIN,
    E_WET, E_TIME, E_TOP_R, E_TOP_G, E_TOP_B, E_LOW_R, E_LOW_G, E_LOW_B, E_CLOUD, E_LAMPS, E_HEAD, E_RANGE,
) = range(25)  # fmt: skip
ENVIRONMENT = 25

# a wall of a building
W_X, W_Y, W_DX, W_DY, W_LENGTH, W_HEIGHT, W_R, W_G, W_B, W_SEED = range(10)
WALL = 10

# what all pixels of one picture row share: depth on the ground in its middle and at its lower edge, the row's reach,
# level of detail, samples, clearness of the air, mirror of wet ground, the sky's colour and waves of its clouds
(
    R_T, R_DEEP, R_LEVEL, R_SAMPLES, R_CLEAR, R_MIRROR, R_RISE, R_SKY_R, R_SKY_G, R_SKY_B, R_SIN, R_COS, R_SIN13,
    R_COS13, R_SIN23, R_COS23, R_NEAR,
) = range(17)  # fmt: skip
ROW = 17

TILE_M = 51.2
TILE_TEXELS = 256
TEXEL_M = 0.2
LEVELS = 3  # 0.2, 0.4 and 0.8 m
TILE_SIZE = TILE_TEXELS**2 * 21 // 16


class Ground(NamedTuple):
    """pool: u4[slots, TILE_SIZE], texels as R | G << 8 | B << 16, finest level first; slot_of: i4[rows, columns] of
    tiles, -1 where not painted; coarse: u4[rows, columns] of the whole map, lamps: u1 of the same shape, the light of
    street lamps at night; frame: f8[4], x and y of the map's corner, tile and coarse texel in metres."""

    pool: NDArray[np.uint32]
    slot_of: I4
    coarse: NDArray[np.uint32]
    lamps: NDArray[np.uint8]
    frame: NDArray[np.float64]


class Walls(NamedTuple):
    """table: f4[W, WALL]; cells of `frame` (x, y, cell in metres, reach in metres): those of cell c are
    `member[start[c]:start[c + 1]]`; shape: i4[2], rows and columns of cells."""

    table: F4
    start: I4
    member: I4
    shape: I4
    frame: NDArray[np.float64]

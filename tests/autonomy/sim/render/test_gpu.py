"""The CUDA path, where there is no GPU: numba's simulator runs the same kernels thread by thread."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba.cuda
import numpy as np
import pytest

from autonomy.sim.render import Renderer
from autonomy.sim.roads import RoadMap

SCRIPT = Path(__file__).with_name("on_a_simulated_gpu.py")
ROOT = Path(__file__).resolve().parents[4]


def drawn(device: str, out: Path, **environment: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    subprocess.run(
        [sys.executable, str(SCRIPT), device, str(out)],
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
    pictures: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] = np.load(out)
    return pictures


def test_the_kernels_draw_what_the_cpu_draws(tmp_path: Path) -> None:
    cpu = drawn("cpu", tmp_path / "cpu.npy").astype(int)
    gpu = drawn("cuda", tmp_path / "gpu.npy", NUMBA_ENABLE_CUDASIM="1", NUMBA_DISABLE_JIT="1").astype(int)
    assert cpu.shape == (2, 5, 3, 16, 24)
    assert cpu.std() > 20
    assert np.abs(cpu - gpu).max() <= 2  # single and double precision round differently


def test_without_a_gpu_the_device_is_refused(town: RoadMap) -> None:
    cuda: Any = numba.cuda
    if cuda.is_available():
        pytest.skip("this machine has one")
    with pytest.raises(RuntimeError, match="cuda is not available"):
        Renderer(town, device="cuda")

"""How the renderer's functions are compiled: once per source of the whole package, kept on disk.

The same functions serve both machines: numba's CUDA compiler takes what is compiled here as device functions.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])
_DIGEST = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))).hexdigest()


def compiled(function: F) -> F:
    """Compile to machine code at the first call. Releases the interpreter's lock while it runs."""
    dispatcher: Any = numba.njit(cache=True, fastmath=True, error_model="numpy", nogil=True)(function)
    # numba renews a kept function when its own file changes, not when a file does whose functions it calls
    file: Any = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if file is not None and hasattr(file, "_source_stamp"):
        file._source_stamp = _DIGEST
    return dispatcher  # type: ignore[no-any-return]

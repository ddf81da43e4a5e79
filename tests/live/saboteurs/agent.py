"""A broken agent: its cars begin without a journal each time, as if nothing had been written down."""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    cars = Path(sys.argv[sys.argv.index("--cars") + 1])
    for journal in cars.glob("*/journal.db*"):
        journal.unlink()
    sys.argv[0] = "autonomy"
    runpy.run_module("autonomy", run_name="__main__")

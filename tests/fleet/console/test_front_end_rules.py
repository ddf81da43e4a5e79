"""The browser's own rules (reducer, reading of places and shapes, words) under Node's test runner."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_front_ends_own_tests_pass() -> None:
    done = subprocess.run(
        [str(ROOT / "ops" / "npm.sh"), "test", "--silent"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout

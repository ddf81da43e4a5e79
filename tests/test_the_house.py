"""The house checks its own floors: imports, file sizes, names."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MEANINGLESS = {"utils.py", "helpers.py", "misc.py", "common.py"}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def lint_imports(config: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--config", str(config), "--no-cache"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_nobody_imports_whom_he_must_not() -> None:
    done = lint_imports(ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_forbidden_import_is_found(tmp_path: Path) -> None:
    """The control: a contract that the code breaks on purpose must fail."""
    config = tmp_path / "broken.toml"
    config.write_text(
        '[tool.importlinter]\nroot_packages = ["fleet", "geofence"]\n'
        '[[tool.importlinter.contracts]]\nname = "upside down"\ntype = "layers"\nlayers = ["geofence", "fleet"]\n'
    )
    assert lint_imports(config).returncode == 1


def test_no_source_file_is_longer_than_500_lines() -> None:
    sources = [path for path in tracked("*.py", "*.js", "*.css", "*.html") if "migrations" not in path.parts]
    assert [str(path) for path in sources if len(path.read_text().splitlines()) > 500] == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in tracked("*.py") if path.name in MEANINGLESS] == []


@pytest.mark.parametrize("needle", ["import pickle", "@receiver(", "torch.load("])
def test_what_the_house_has_forsworn_is_not_there(needle: str) -> None:
    """No pickle (it runs what it reads), no Django signals (nobody sees them), no torch.load (it unpickles)."""
    sources = [path for path in tracked("*.py") if "tests" not in path.parts]
    assert [str(path) for path in sources if needle in path.read_text()] == []

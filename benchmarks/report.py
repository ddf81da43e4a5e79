"""Where benchmark results go: flat JSON for comparison over time, and a dated page for people."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"
_PACKAGES = (
    "numpy",
    "scipy",
    "shapely",
    "routingkit_cch",
    "osmium",
    "ortools",
    "Django",
    "psycopg",
    "msgspec",
    "torch",
)

Figure = float | int | str


def write(name: str, figures: Mapping[str, Figure], notes: str) -> tuple[Path, Path]:
    """Write `results/<name>.json` (the latest) and `results/<name>_<date>.md`; returns both paths.

    Names of figures carry their unit (`route_p50_us`); date, machine, versions and revision are added.
    """
    now = datetime.now(UTC)
    facts = machine()
    RESULTS.mkdir(parents=True, exist_ok=True)
    data = RESULTS / f"{name}.json"
    flat: dict[str, Figure] = {"date": now.isoformat(timespec="seconds"), **facts, **figures}
    data.write_text(json.dumps(flat, indent=2, ensure_ascii=False) + "\n")
    page = RESULTS / f"{name}_{now:%Y-%m-%d}.md"
    page.write_text(_page(name, now, facts, figures, notes))
    return data, page


def machine() -> dict[str, Figure]:
    """What the figures depend on: processor, cores, memory, system, versions, revision of the code."""
    facts: dict[str, Figure] = {
        "cpu": _field("/proc/cpuinfo", "model name") or platform.processor() or "unknown",
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int((_field("/proc/meminfo", "MemTotal") or "0").split()[0]) / 2**20, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "revision": _revision(),
    }
    for package in _PACKAGES:
        try:
            facts[f"version_{package}"] = version(package)
        except PackageNotFoundError:
            continue
    return facts


def _field(path: str, key: str) -> str | None:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), None)


def _revision() -> str:
    try:
        asked = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            capture_output=True,
            text=True,
            check=True,
            cwd=RESULTS.parent,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return asked.stdout.strip()


def _page(name: str, now: datetime, facts: Mapping[str, Figure], figures: Mapping[str, Figure], notes: str) -> str:
    def table(rows: Mapping[str, Figure]) -> str:
        body = "".join(f"| {key.replace('_', ' ')} | {_shown(value)} |\n" for key, value in rows.items())
        return f"| figure | value |\n|---|---:|\n{body}"

    title = name.replace("_", " ").capitalize()
    return (
        f"# {title}, {now:%d %B %Y}\n\n{notes.strip()}\n\n{table(figures)}\n## Machine\n\n{table(facts)}\n"
        f"Repeat: `make bench NAME={name}`\n"
    )


def _shown(value: Figure) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) or abs(value) >= 1_000 else f"{value:.4g}"

"""What a figure was measured on: facts of the machine and of the versions, and nothing that names either of them."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from models.sqlite import sqlite_library
from tests.postgres_cluster import NoPostgres, find_programs

PACKAGES: Final = (
    "flask",
    "gunicorn",
    "granian",
    "sqlalchemy",
    "psycopg",
    "redis",
    "huey",
    "msgspec",
    "requests",
    "pyjwt",
)
BUSY: Final = 0.5
"""Load a core, averaged over a minute before the benchmark began, from which on others are said to have been at work."""


def facts() -> dict[str, Any]:
    """What the machine is and runs."""
    cores = os.cpu_count() or 1
    return {
        "cores": cores,
        "memory_gigabytes": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "sqlite": ".".join(map(str, sqlite_library().version)),
        "postgresql": _postgresql(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "load_before": round(os.getloadavg()[0], 1),
        "is_busy": os.getloadavg()[0] / cores > BUSY,
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "is_changed": bool(
            _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs", ":!bench/results")
        ),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _postgresql() -> str | None:
    try:
        told = subprocess.run([find_programs() / "postgres", "--version"], capture_output=True, text=True, check=True)
    except (NoPostgres, OSError, subprocess.CalledProcessError):
        return None
    return told.stdout.split()[2]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git(*arguments: str) -> str | None:
    told = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return told.stdout.strip() if told.returncode == 0 else None

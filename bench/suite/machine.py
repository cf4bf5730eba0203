"""What a figure was measured on: facts of the machine and of the versions, and nothing that names either of them."""

from __future__ import annotations

import os
import platform
import subprocess
import threading
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
BUSY: Final = 0.1
"""Share of the processors in use just before the benchmark began, from which on others are said to have been at work."""
LOOK_SECONDS: Final = 3.0


def facts() -> dict[str, Any]:
    """What the machine is and runs."""
    in_use = _share_in_use()
    return {
        "cores": os.cpu_count() or 1,
        "memory_gigabytes": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "sqlite": ".".join(map(str, sqlite_library().version)),
        "postgresql": _postgresql(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "in_use_before": round(in_use, 2),
        "is_busy": in_use > BUSY,
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "is_changed": bool(
            _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs", ":!bench/results")
        ),
    }


def _share_in_use() -> float:
    """The share of all processors that somebody uses. Not the load average: it remembers the benchmark before for minutes."""
    before = _ticks()
    threading.Event().wait(LOOK_SECONDS)
    (idle, every) = (after - earlier for earlier, after in zip(before, _ticks(), strict=True))
    return 1 - idle / every if every else 0.0


def _ticks() -> tuple[int, int]:
    """Ticks since the start in which processors had nothing to do, and all; proc(5)."""
    first = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0]
    # user, nice, system, idle, iowait, irq, softirq, steal; what guests use is in the first two.
    ticks = [int(one) for one in first.split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


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

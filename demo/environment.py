"""The environment of the children: what the demo decides, and of the caller's only what a program needs to run."""

from __future__ import annotations

import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from demo.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Mapping

# Everything else stays outside: a developer's BITTERN_* or FLASK_* settings, a proxy that would see loopback calls.
INHERITED = ("HOME", "LANG", "LC_ALL", "LOGNAME", "TERM", "TZ", "USER")


@dataclass(frozen=True)
class Addresses:
    """Where the two sides listen."""

    simulator_port: int
    bittern_port: int

    @property
    def simulator_url(self) -> str:
        return f"http://{HOST}:{self.simulator_port}"

    @property
    def bittern_url(self) -> str:
        return f"http://{HOST}:{self.bittern_port}"


def base_environment(inherited: Mapping[str, str], *, state_directory: Path) -> dict[str, str]:
    """What every child gets. Temporary files go below `state_directory`, which is removed at the end."""
    temporary = state_directory / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    kept = {name: inherited[name] for name in INHERITED if name in inherited}
    programs = str(Path(sys.executable).parent)
    return kept | {
        "PATH": f"{programs}:{inherited.get('PATH', '/usr/local/bin:/usr/bin:/bin')}",
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(temporary),
    }


def bittern_environment(base: Mapping[str, str], *, addresses: Addresses, state_directory: Path) -> dict[str, str]:
    """The settings of Bittern beside the simulator: fresh keys, an embedded database, the simulator as Bitbucket."""
    return dict(base) | {
        "PORT": str(addresses.bittern_port),
        "BITTERN_DEMO": "true",
        "BITTERN_BASE_URL": addresses.bittern_url,
        "BITTERN_API_URL": addresses.simulator_url,
        "BITTERN_SITE_URL": addresses.simulator_url,
        "BITTERN_SECRET_KEYS": secrets.token_urlsafe(48),
        "BITTERN_DATABASE_URL": f"sqlite:///{state_directory / 'bittern.db'}",
        # The simulator sets no limit, and nobody at a demo waits for hours until a history is whole.
        "BITTERN_CALLS_PER_HOUR": "10000",
    }

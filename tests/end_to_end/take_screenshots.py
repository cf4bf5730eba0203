"""`make screenshots`: takes the pictures in docs/screenshots anew, of every surface and every state.

Both sides start at one fixed moment with one seeded team, and the browser says that it is that moment too. `ONLY="flow state-quiet"` takes
those whose names begin so, and no others.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from tests.chromium import find_chromium, open_chromium
from tests.end_to_end.pictures.camera import FOLDER, Camera
from tests.end_to_end.pictures.reading import wait_until_read
from tests.end_to_end.pictures.states import take_states
from tests.end_to_end.pictures.surfaces import take_surfaces
from tests.local_system import local_system

# A Monday in working hours, so that the team's waiting times are those of a working week.
MOMENT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
FIXED_CLOCK = Path(__file__).parent / "fixed_clock"
SEED = "1"


def main() -> int:
    if find_chromium() is None:
        sys.stderr.write("Chromium is needed to take pictures, and none was found on PATH.\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    environment = {"PYTHONPATH": str(FIXED_CLOCK), "FIXED_CLOCK": MOMENT.isoformat()}
    say = Console(stderr=True).print
    with open_chromium() as browser:
        camera = Camera(browser, moment=MOMENT, wanted=sys.argv[1:])
        if camera.takes_any("state-"):
            say("Taking the states, each in a system of its own …")
            take_states(camera, environment)
        if camera.wants_only("state-"):
            return 0
        with local_system(simulator_arguments=("--seed", SEED), environment=environment) as system:
            page = system.control.main_page()
            system.control.install(descriptor_url=system.descriptor_url, workspace=page.workspace)
            say("Reading a year of history …")
            wait_until_read(system)
            say("Taking the surfaces …")
            take_surfaces(camera, system, page)
    return 0


if __name__ == "__main__":
    sys.exit(main())

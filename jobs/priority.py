"""The worker gives way to the web processes of its machine: somebody waits for a page or an acknowledgement, nobody for a backlog.

Where both want the processor, the worker gets a quarter of it; where nobody else does, all of it.
"""

import contextlib
import os
from pathlib import Path
from typing import Final

NICENESS: Final = 5
_AUTOGROUP: Final = Path("/proc/self/autogroup")
"""Linux shares the processor between sessions before it looks at the niceness of processes."""


def give_way() -> None:
    """Lower the priority of this process. Where the machine does not know how, it stays as it is."""
    with contextlib.suppress(OSError):
        os.nice(max(0, NICENESS - os.nice(0)))
    # Of a session that is not its own, the web processes may be part.
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            _AUTOGROUP.write_text(str(NICENESS), encoding="ascii")

"""granian in its WSGI mode: one worker process with as many threads as gunicorn has.

    python -m bench.panel_requests.granian_server MODULE:FACTORY PORT

Not by granian's own command, which is a click command as Flask's is: within one, `create_app` takes itself to be asked for commands.
"""

from __future__ import annotations

import sys
from typing import Final

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

THREADS: Final = 8


def serve(factory: str, port: int) -> None:
    """Serve until the process is told to stop."""
    Granian(
        factory,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
        factory=True,
    ).serve()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))

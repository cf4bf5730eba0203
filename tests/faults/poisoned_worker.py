"""A worker in which some deliveries are poison, by their member `poison`.

`raises` fails, `kills` takes the process with it, `hangs` never ends, `freezes` never ends either and lets no other thread run,
`eats` wants two gibibytes of memory, which is more than it may have where it is started under a limit.
Otherwise it is the real one. `python -m tests.faults.poisoned_worker`
"""

from __future__ import annotations

import os
import re
import sys
import threading

import worker
from sync import events

wholesome = events.apply


def apply(session, installation, delivery, *, now):
    if '"poison":"kills"' in delivery.payload:
        os._exit(1)
    if '"poison":"hangs"' in delivery.payload:
        threading.Event().wait()
    if '"poison":"freezes"' in delivery.payload:
        re.match("(a+)+$", "a" * 64 + "b")
    if '"poison":"eats"' in delivery.payload:
        return len(bytearray(2 << 30))
    if '"poison":"raises"' in delivery.payload:
        raise ZeroDivisionError("this is poison")
    return wholesome(session, installation, delivery, now=now)


if __name__ == "__main__":
    events.apply = apply
    sys.exit(worker.main())

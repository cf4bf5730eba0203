"""A worker in which some deliveries are poison: `"poison": "raises"` fails, `"poison": "kills"` takes the process with it.

Otherwise it is the real one. `python -m tests.faults.poisoned_worker`
"""

from __future__ import annotations

import os
import sys

import worker
from sync import events

wholesome = events.apply


def apply(session, installation, delivery, *, now):
    if '"poison":"kills"' in delivery.payload:
        os._exit(1)
    if '"poison":"raises"' in delivery.payload:
        raise ZeroDivisionError("this is poison")
    return wholesome(session, installation, delivery, now=now)


if __name__ == "__main__":
    events.apply = apply
    sys.exit(worker.main())

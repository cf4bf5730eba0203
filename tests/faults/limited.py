"""Starts a program under a limit: `python -m tests.faults.limited NAME=NUMBER PROGRAM …`, such as `NOFILE=64`."""

from __future__ import annotations

import os
import resource
import sys

if __name__ == "__main__":
    name, _, number = sys.argv[1].partition("=")
    limit = (int(number), int(number))
    resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), limit)
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 -- the program takes this one's place

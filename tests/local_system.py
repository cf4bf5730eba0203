"""Bittern beside the simulator as real processes, for tests that need the whole: started as the demo starts them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from demo.children import Children, last_lines
from demo.environment import Addresses
from demo.errors import StepFailed
from demo.ports import any_free_port
from demo.system import LocalSystem, Plan
from demo.warden import Warden
from tests.house_figures import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextlib.contextmanager
def local_system(
    *,
    bittern_settings: Mapping[str, str | None] | None = None,
    simulator_arguments: tuple[str, ...] = ("--small",),
    environment: Mapping[str, str] | None = None,
) -> Iterator[LocalSystem]:
    """Both sides, ready, on free ports; everything is stopped and removed at the end, whatever happens.

    `environment` is what both sides get beside their own. Raises StepFailed with the end of the log that says why.
    """
    with contextlib.ExitStack() as stack:
        warden = stack.enter_context(Warden(root=ROOT))
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bittern-test-")))
        warden.watch_directory(directory)
        logs = directory / "logs"
        children = Children(root=ROOT, log_directory=logs, warden=warden, shield=contextlib.nullcontext)
        stack.callback(children.stop)
        addresses = Addresses(any_free_port(), any_free_port())
        plan = Plan(ROOT, directory, logs, addresses, simulator_arguments, bittern_settings or {}, environment or {})
        system = LocalSystem(plan, children, inherited=os.environ)
        try:
            system.start_bitbucket()
            system.migrate()
            system.start_bittern()
        except StepFailed as problem:
            lines = last_lines(problem.log_path, count=30) if problem.log_path else []
            raise StepFailed("\n".join([str(problem), *lines])) from problem
        yield system

"""`python -m demo`: starts everything, says where to look, and stays until it is told to stop. See `--help`."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from demo.check import open_panels
from demo.children import Children
from demo.environment import Addresses
from demo.errors import Interrupted, OptionRefused, StepFailed
from demo.interruption import Interruption
from demo.options import Options, parse_options
from demo.ports import HeldPorts
from demo.progress import Progress
from demo.system import LocalSystem, Plan
from demo.warden import Warden

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from demo.bitbucket_control import RepositoryPage

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 7990
DEFAULT_BITTERN_PORT = 7991
EXIT_FAILED, EXIT_MISUSED = 1, 2
# Asked for at once: it may be gone before we are up.
PARENT = os.getppid()


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 after a good check or a wanted end by Ctrl-C, 1 for a failure, 2 for a bad argument."""
    progress = Progress()
    try:
        return _run(parse_options(arguments), progress)
    except OptionRefused as problem:
        progress.say(str(problem))
        return EXIT_MISUSED
    except StepFailed as problem:
        progress.failure(problem)
        return EXIT_FAILED
    except Interrupted as problem:
        progress.say("Stopped. Nothing is left running.")
        # What a shell expects of a process that a signal ended; Ctrl-C is the way to end the demo and no failure.
        return 0 if problem.signal_number == signal.SIGINT else 128 + problem.signal_number


def _run(options: Options, progress: Progress) -> int:
    with contextlib.ExitStack() as stack:
        interruption = stack.enter_context(Interruption())
        addresses = _choose_addresses(options, stack.enter_context(HeldPorts()))
        warden = stack.enter_context(Warden(root=ROOT))
        state = stack.enter_context(tempfile.TemporaryDirectory(prefix="bittern-demo-", ignore_cleanup_errors=True))
        warden.watch_directory(Path(state))
        logs = options.log_directory
        _forget_old_logs(logs)
        children = Children(root=ROOT, log_directory=logs, warden=warden, shield=interruption.shielded)
        # Last in, first out: from here on signals change nothing, the children go, then their files.
        stack.callback(children.stop)
        stack.callback(interruption.ignore_from_now_on)
        plan = Plan(ROOT, Path(state), logs, addresses, options.simulator_arguments)
        system = LocalSystem(plan, children, inherited=os.environ)
        return _demonstrate(system, children, options, progress)


def _demonstrate(system: LocalSystem, children: Children, options: Options, progress: Progress) -> int:
    with progress.step("Starting a local Bitbucket"):
        system.start_bitbucket()
    with progress.step("Preparing the database"):
        system.migrate()
    with progress.step("Starting Bittern and its worker"):
        system.start_bittern()
    page = system.control.main_page()
    with progress.step(f"Installing Bittern into the workspace {page.workspace}"):
        client_key = system.control.install(descriptor_url=system.descriptor_url, workspace=page.workspace)
    if not options.is_check:
        _say_what_can_be_done(progress, page.url, options.log_directory)
        children.stay(still_worth_it=_parent_check(options))
    return _check(system, client_key, page, progress)


def _choose_addresses(options: Options, ports: HeldPorts) -> Addresses:
    simulator_port = ports.choose(options.port, default=DEFAULT_PORT)
    return Addresses(simulator_port, ports.choose(options.bittern_port, default=DEFAULT_BITTERN_PORT))


def _parent_check(options: Options) -> Callable[[], None]:
    """A check that raises Interrupted once our parent is gone, which a killed `make` cannot tell us itself."""

    def check() -> None:
        if options.ends_with_parent and os.getppid() != PARENT:
            raise Interrupted(signal.SIGHUP)

    return check


def _forget_old_logs(directory: Path) -> None:
    for path in directory.glob("*.log"):
        path.unlink(missing_ok=True)


def _check(system: LocalSystem, client_key: str, page: RepositoryPage, progress: Progress) -> int:
    with progress.step("Opening every panel through its signed address"):
        panels = system.control.panels(workspace=page.workspace, repository=page.repository)
        opened = open_panels(panels, shield=system.shield)
    for answer in opened:
        progress.say(answer.line)
    with progress.step("Uninstalling"):
        system.control.uninstall(client_key)
    if not opened:
        progress.say("The descriptor declares no panel that applies to this repository.")
    return 0 if opened and all(answer.is_good for answer in opened) else EXIT_FAILED


def _say_what_can_be_done(progress: Progress, url: str, logs: Path) -> None:
    progress.address(url)
    progress.say("  That page is a repository of a local Bitbucket, with Bittern's panel on it.")
    progress.say("  Open, approve, comment on, merge and decline pull requests there, or push a commit:")
    progress.say("  the webhooks that Bitbucket would send go to Bittern. Nothing leaves this machine.")
    progress.say()
    progress.say(f"  Logs   {os.path.relpath(logs)}/*.log")
    progress.say("  Stop   Ctrl-C")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

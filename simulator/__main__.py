"""`python -m simulator`: a local Bitbucket Cloud until Ctrl-C. See `--help`."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from simulator.app import create_app, simulator_of
from simulator.connect.installations import RegisteredApp
from simulator.rest.representations.links import repository_site
from simulator.server import Server, free_port
from simulator.world import World
from simulator.world.errors import WorldError
from simulator.world.reading import read_repository
from simulator.world.story import tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from flask import Flask

HOST = "127.0.0.1"
DEFAULT_PORT = 7990
DESCRIPTION = "A local Bitbucket Cloud: pages with embedded apps, REST, OAuth, webhooks. Nothing leaves this machine."
EPILOG = """examples:
  python -m simulator                          a seeded team that works through the last twelve months
  python -m simulator --repo .                 this git repository, pull requests read from its merge commits
  python -m simulator --small --port 0         ten weeks of one repository, on any free port
  python -m simulator --registered bittern=... an app of "Develop apps" with its app-wide secret

Apps are installed at /site/addons/authorize?descriptor_uri=... or by POST /_simulator/install.
"""


class Stopped(BaseException):
    """Somebody wants the simulator to end; unwinds through everything that must be cleaned up."""


def main(arguments: Sequence[str]) -> int:
    """Run until a signal; the exit code. 1: the port is taken or the repository cannot be read."""
    options = _parser().parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        _run(options)
    except Stopped:
        return 0
    except WorldError as error:
        print(error.message, file=sys.stderr)
    except OSError as error:
        print(f"The simulator cannot listen on {HOST}:{options.port}: {error.strerror}.", file=sys.stderr)
    return 1


def _run(options: argparse.Namespace) -> NoReturn:
    port = options.port or free_port(HOST)
    with contextlib.ExitStack() as stack:
        url = f"http://{HOST}:{port}"
        world = World(seed=options.seed, site_url=url, api_url=url)
        app = create_app(
            world,
            registered=[RegisteredApp(key=key, secret=secret) for key, secret in options.registered],
            quota=options.quota,
            latency_seconds=options.latency_ms / 1000,
        )
        stack.callback(simulator_of(app).close)
        _fill(world, options)
        with Server(app, host=HOST, port=port) as server:
            _say_where(app, server.url)
            while True:
                signal.pause()


def _fill(world: World, options: argparse.Namespace) -> None:
    if options.repo:
        for path in options.repo:
            read_repository(world, path)
    else:
        tell(world, today=options.today or datetime.now(UTC).date(), small=options.small, large=options.large)


def _say_where(app: Flask, url: str) -> None:
    world = simulator_of(app).world
    print(f"Local Bitbucket is ready at {url}/")
    for repository in world.repositories.values():
        pull_requests = len(repository.pull_requests)
        print(f"  repository  {repository_site(world, repository)}/  ({pull_requests:,} pull requests)")
    print(f"  REST        {url}/2.0")
    print(f"  control     {url}/_simulator")
    print("Ctrl-C stops it.", flush=True)


def _stop(_number: int, _frame: FrameType | None) -> None:
    # From here on a second signal changes nothing: what has begun to end, ends.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=_port, default=DEFAULT_PORT, help=f"where to listen (default {DEFAULT_PORT}; 0: any free port)")
    add("--repo", type=Path, action="append", metavar="PATH", help="show this git repository; may be given again")
    add("--seed", type=int, default=1, help="another number makes another team (default 1)")
    add("--today", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the day on which the team's year ends")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--small", action="store_true", help="one repository and ten weeks instead of three and a year")
    sizes.add_argument("--large", action="store_true", help="one repository and a year, with 1,200 pull requests")
    add(
        "--registered",
        type=_registration,
        action="append",
        default=[],
        metavar="APPKEY=SECRET",
        help="an app that Bitbucket knows beforehand, with its app-wide secret; may be given again",
    )
    add("--quota", type=int, metavar="N", help="API calls per rolling hour and caller (default: no limit)")
    add("--latency-ms", type=_latency, default=0.0, metavar="N", help="added to every API call (default 0)")
    return parser


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is no port; a port is between 0 and 65535")
    return number


def _latency(text: str) -> float:
    milliseconds = float(text)
    if milliseconds < 0:
        raise argparse.ArgumentTypeError("the latency cannot be negative")
    return milliseconds


def _registration(text: str) -> tuple[str, str]:
    key, separator, secret = text.partition("=")
    if not (key and separator and secret):
        raise argparse.ArgumentTypeError(f"{text!r} must be APPKEY=SECRET")
    return key, secret


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

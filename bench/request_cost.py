"""What a request costs inside the application: calls of Python functions and processor time, beside Flask's hello-world.

    python -m bench.request_cost [webhook] [pulse] [panel] [hello] [--requests 5000] [--threads 1] [--profile 40] [--postgres]

No server and no network: the WSGI application is called in this process. Calls do not depend on what else the machine does;
processor time does a little, so the quickest of some windows is told. Everything is committed as in earnest. With --profile, where the
calls and the time go. Log entries are written, into the void; WARNING is the least severe, as for the other benchmarks, unless --log-level says otherwise.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import secrets
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, redirect_stderr
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import atlassian_jwt
from flask import Flask
from werkzeug.test import EnvironBuilder

from bench.databases import durable_postgres
from bench.panel_requests import addresses
from bench.webhooks.senders import WEBHOOK, payload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Environ = dict[str, Any]

WHAT: Final = ("hello", "panel", "pulse", "webhook")
WINDOWS: Final = 5
COUNTED: Final = 200
PANELS: Final = 200


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m bench.request_cost", description=__doc__)
    parser.add_argument("what", nargs="*", default=WHAT)
    parser.add_argument("--requests", type=int, default=5_000, help="in all windows together (5,000)")
    parser.add_argument("--threads", type=int, default=1, help="that call the application at the same time (1)")
    parser.add_argument("--log-level", default="WARNING")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server that is started for it")
    parser.add_argument("--profile", type=int, default=0, metavar="LINES")
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="bittern-cost-") as folder,
        Path(os.devnull).open("w") as void,
        durable_postgres() if options.postgres else nullcontext(f"sqlite:///{folder}/bittern.db") as url,
    ):
        os.environ |= {
            "BITTERN_BASE_URL": "https://bittern.example.com",
            "BITTERN_SECRET_KEYS": secrets.token_urlsafe(32),
            "BITTERN_DATABASE_URL": url,
            "BITTERN_DATABASE_CONNECTIONS": str(2 * options.threads + 2),
            "BITTERN_LOG_LEVEL": options.log_level,
            "PROMETHEUS_MULTIPROC_DIR": folder,
        }
        for what in options.what:
            with redirect_stderr(void):
                application, environs, status = _subject(what)
                calls, profile = _counted(application, environs, status)
                microseconds = _timed(application, environs, status, options)
            sys.stdout.write(f"{what}: {calls:.0f} calls of functions, {microseconds:.0f} µs of processor time\n")
            if options.profile:
                pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(options.profile)


def _subject(what: str) -> tuple[Any, Iterator[Environ], str]:
    """The application, requests without end, and the status that each must get."""
    if what == "hello":
        return hello(), _repeated([EnvironBuilder("/").get_environ()]), "200"
    # Here: how counts are kept is decided when this is imported.
    from bench.panel_requests.applications import bittern

    _install()
    return (
        bittern(),
        _requests(what),
        "202" if what == "webhook" else "200",
    )


@cache
def _install() -> None:
    """Make the database, once."""
    from settings import load_settings

    addresses.install(load_settings())


def _requests(what: str) -> Iterator[Environ]:
    if what == "webhook":
        return _webhooks()
    pages = addresses.bench_pages(PANELS) if what == "panel" else addresses.pulses()
    encoding = {} if what == "panel" else {"HTTP_ACCEPT_ENCODING": "gzip"}
    return _repeated([one | encoding for one in _pages(pages)])


def hello() -> Flask:
    """Plain Flask."""
    made = Flask("hello")
    made.add_url_rule("/", view_func=lambda: "Hello, world")
    return made


def _repeated(environs: Sequence[Environ]) -> Iterator[Environ]:
    while True:
        for environ in environs:
            yield dict(environ)


def _pages(pages: Iterable[str]) -> Iterator[Environ]:
    for page in pages:
        target = addresses.signed(page)
        path, _, query = target.partition("?")
        yield EnvironBuilder(path, query_string=query).get_environ() | {"RAW_URI": target}


def _webhooks() -> Iterator[Environ]:
    token = atlassian_jwt.encode_token(
        "POST", WEBHOOK, addresses.CLIENT_KEY, addresses.SHARED_SECRET, timeout_secs=addresses.LIFETIME_SECONDS
    )
    body = payload().encode()
    headers = {"Authorization": f"JWT {token}", "X-Event-Key": "pullrequest:updated", "X-Attempt-Number": "1"}
    base = EnvironBuilder(WEBHOOK, method="POST", headers=headers, content_type="application/json").get_environ()
    while True:
        yield base | {
            "HTTP_X_REQUEST_UUID": str(uuid4()),
            "CONTENT_LENGTH": str(len(body)),
            "RAW_URI": WEBHOOK,
            "wsgi.input": BytesIO(body),
        }


def _ask(application: Any, environ: Environ, status: str) -> None:  # noqa: ANN401 - any WSGI application
    told = []
    answer = application(environ, lambda line, *_: told.append(line))
    for _piece in answer:
        pass
    if hasattr(answer, "close"):
        answer.close()
    if not told[0].startswith(status):
        raise RuntimeError(f"answered {told[0]}")


def _counted(application: Any, environs: Iterator[Environ], status: str) -> tuple[float, cProfile.Profile]:  # noqa: ANN401
    some = [next(environs) for _ in range(2 * COUNTED)]
    for environ in some[:COUNTED]:
        _ask(application, environ, status)
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    for environ in some[COUNTED:]:
        _ask(application, environ, status)
    profile.disable()
    return pstats.Stats(profile).total_calls / COUNTED, profile  # type: ignore[attr-defined]


def _timed(application: Any, environs: Iterator[Environ], status: str, options: argparse.Namespace) -> float:  # noqa: ANN401
    """Microseconds of a request, in the quickest window."""
    count = max(1, options.requests // WINDOWS)
    windows = [[next(environs) for _ in range(count)] for _ in range(WINDOWS)]
    ask: Callable[[Environ], None] = lambda environ: _ask(application, environ, status)  # noqa: E731
    took = []
    with ThreadPoolExecutor(options.threads) as threads:
        for window in windows:
            parts = [window[number :: options.threads] for number in range(options.threads)]
            began = time.process_time()
            list(threads.map(lambda part: [ask(environ) for environ in part], parts))
            took.append((time.process_time() - began) / count)
    return 1e6 * min(took)


if __name__ == "__main__":
    main()

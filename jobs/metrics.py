"""What a worker counts: the work that has ended, and how long it took. Labels are the names of the tasks."""

import contextlib
from collections.abc import Iterator
from time import perf_counter
from typing import Final

from prometheus_client import Counter, Histogram, start_http_server

from jobs.errors import MetricsUnreachable

SCRAPE_HOST: Final = "127.0.0.1"

JOBS: Final = Counter("bittern_jobs_total", "Work that has ended, by how.", ["task", "outcome"])
SECONDS: Final = Histogram(
    "bittern_job_seconds",
    "Time that a piece of work took.",
    ["task"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0),
)


@contextlib.contextmanager
def counted(task: str) -> Iterator[None]:
    """Count a piece of work, and how long it takes. One that raises has failed."""
    began, outcome = perf_counter(), "failed"
    try:
        yield
        outcome = "done"
    finally:
        JOBS.labels(task=task, outcome=outcome).inc()
        SECONDS.labels(task=task).observe(perf_counter() - began)


def serve(port: int) -> None:
    """Serve the counts of this worker on a port of this machine, from threads that end with it. Raises MetricsUnreachable."""
    try:
        start_http_server(port, addr=SCRAPE_HOST)
    except OSError as error:
        raise MetricsUnreachable(
            f"BITTERN_WORKER_METRICS_PORT: nothing can be served at {SCRAPE_HOST}:{port} ({error.strerror})."
        ) from error

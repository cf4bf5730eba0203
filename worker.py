"""The worker: runs the tasks of the queue on threads, and the sweep, until it is told to stop. No Flask here.

Start it with `python worker.py`. It works on whatever the database holds, so any number of workers may run, anywhere.
"""

import signal
import sys
import threading
from typing import Final

import structlog
from huey.consumer import Consumer

import logs
from jobs import metrics
from jobs.backfiller import Backfiller
from jobs.errors import JobsError
from jobs.night_watch import NightWatch
from jobs.priority import give_way
from jobs.sweeper import Sweeper
from jobs.tasks import Jobs
from models.errors import ModelsError
from models.schema import require_current_schema
from services import create_services
from settings import Settings, SettingsInvalid, load_settings
from sync.deliveries import let_others_first

log = structlog.get_logger()

# How often an empty queue is looked at, where it cannot call us: seldom enough to idle cheaply, often enough to be quick.
FIRST_POLL_SECONDS: Final = 0.05
LONGEST_POLL_SECONDS: Final = 0.5
POLL_GROWTH: Final = 1.2

HEALTH_CHECK_SECONDS: Final = 10.0
STOP_SECONDS: Final = 20.0
"""For the work under way when the worker is told to stop. What takes longer is taken up again when its lease has ended."""


def main() -> int:
    """Work until SIGTERM or SIGINT. Returns the exit code; a non-zero one comes with a sentence that says what to mend."""
    try:
        settings = load_settings()
        logs.configure(level=settings.log_level, log_format=settings.log_format)
        give_way()
        work(settings, stopping=stop_on_signals())
    except (SettingsInvalid, ModelsError, JobsError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


def stop_on_signals() -> threading.Event:
    """An event that the signals to stop will set."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def work(settings: Settings, *, stopping: threading.Event) -> None:
    """Work until `stopping` is set, then finish what is under way. Raises ModelsError or JobsError before anything has begun."""
    if settings.worker_metrics_port is not None:
        metrics.serve(settings.worker_metrics_port)
    jobs = Jobs(settings)
    services = create_services(settings, wake=jobs)
    require_current_schema(services.engine)
    consumer = Worker(
        jobs.serve(services),
        workers=settings.worker_threads,
        periodic=False,
        initial_delay=FIRST_POLL_SECONDS,
        max_delay=LONGEST_POLL_SECONDS,
        backoff=POLL_GROWTH,
        scheduler_interval=60,  # nothing is ever scheduled: what is due later stands in the database
        shutdown_timeout=STOP_SECONDS,
    )
    sweeper = Sweeper(services)
    night_watch = NightWatch(services)
    backfiller = Backfiller(services, threads=backfill_threads(settings))
    let_others_first(services)
    consumer.start()
    sweeper.start()
    backfiller.start()
    night_watch.start()
    jobs.watchdog.start()
    log.info("worker.started", threads=settings.worker_threads)
    while not stopping.wait(HEALTH_CHECK_SECONDS):
        consumer.check_worker_health()
    log.info("worker.stopping")
    jobs.watchdog.stop()
    sweeper.stop()
    night_watch.stop(within_seconds=STOP_SECONDS)
    backfiller.stop(within_seconds=STOP_SECONDS)
    consumer.stop(graceful=True)
    services.engine.dispose()
    log.info("worker.stopped")


def backfill_threads(settings: Settings) -> int:
    """How many threads read histories, beside those that wait for events: half as many."""
    return max(1, settings.worker_threads // 2)


class Worker(Consumer):  # type: ignore[misc]  # huey has no types
    """huey's consumer, leaving the signals to this module: huey would take one of the two as "drop everything"."""

    def _set_signal_handlers(self) -> None:
        return


if __name__ == "__main__":
    sys.exit(main())

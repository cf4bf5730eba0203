"""How gunicorn serves Bittern. What differs between machines comes from the environment; the settings are checked first.

PORT                where to listen (8080); on all interfaces where it is set, as platforms that set it expect
WEB_CONCURRENCY     worker processes (2); WEB_THREADS threads in each (8)
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from gunicorn import glogging
from gunicorn.http import wsgi

import logs
from settings import SettingsInvalid, load_settings

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# More than all counts of one kind ever take.
METRICS_FILE_BYTES = 1024 * 1024

try:
    _settings = load_settings()
except SettingsInvalid as invalid:
    sys.stderr.writelines(f"{problem}\n" for problem in invalid.problems)
    sys.exit(2)

# Set before anything imports the metrics: it decides how they are kept.
if not os.environ.get(METRICS_FOLDER):
    os.environ[METRICS_FOLDER] = tempfile.mkdtemp(prefix="bittern-metrics-")
    _made_metrics_folder = True
else:
    Path(os.environ[METRICS_FOLDER]).mkdir(parents=True, exist_ok=True)
    _made_metrics_folder = False

_host = "0.0.0.0" if os.environ.get("PORT") and not _settings.demo else "127.0.0.1"  # noqa: S104 - see above
bind = f"{_host}:{os.environ.get('PORT') or 8080}"
worker_class = "web.patient_worker.PatientWorker"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = int(os.environ.get("WEB_THREADS") or 8)
timeout = 30
# Bitbucket waits ten seconds for an answer; whoever was being answered is answered.
graceful_timeout = 12
keepalive = 15

# The worker takes in no more than web.arrivals.MAX_HEAD_BYTES; what is too long for us, the application refuses as it would
# anything else that is forged. Headers are few and short.
limit_request_line = 0
limit_request_fields = 60
limit_request_field_size = 8190

# Our own entries say what was answered, without the query: it holds tokens.
accesslog = None
control_socket_disable = True
wsgi.SERVER = "bittern"


class logger_class(glogging.Logger):  # noqa: N801 - gunicorn's name for the setting
    """gunicorn's own messages, through the processors that everything goes through."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn has no types
        """Take gunicorn's handlers away: the root logger has the right one."""
        super().setup(cfg)
        logs.configure(level=_settings.log_level, log_format=_settings.log_format)
        self.error_log.handlers[:] = []
        self.error_log.propagate = True


def on_starting(_server: Any) -> None:  # noqa: ANN401
    """Stop here, with a sentence, where Bitbucket would refuse the descriptor or the database is not the one we need."""
    from app import create_app
    from connect.errors import DescriptorInvalid
    from models.errors import ModelsError
    from models.schema import require_current_schema
    from services import create_services

    for left_over in Path(os.environ[METRICS_FOLDER]).glob("*.db"):
        left_over.unlink()
    services = create_services(_settings)
    try:
        create_app(services=services)
        require_current_schema(services.engine)
    except DescriptorInvalid as invalid:
        sys.stderr.writelines(f"{problem}\n" for problem in invalid.problems)
        sys.exit(2)
    except ModelsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    finally:
        # No connection may be inherited by the workers.
        services.engine.dispose()


def post_fork(_server: Any, worker: Any) -> None:  # noqa: ANN401
    """Take the room for this process's counts now: they are in memory that is a file, and where a disk is full that kills a process."""
    for kind in ("counter", "histogram"):
        counts = Path(os.environ[METRICS_FOLDER], f"{kind}_{worker.pid}.db")
        if not counts.exists():  # or a process before had this number, and its counts stay
            counts.write_bytes(bytes(METRICS_FILE_BYTES))


def post_worker_init(worker: Any) -> None:  # noqa: ANN401
    """Say how many proxies are in front; note from now on that webhooks are taken in; serve the counts where the settings say so."""
    from web.attendant import Attendant
    from web.services import EXTENSION

    worker.proxy_hops = _settings.proxy_hops
    Attendant(worker.wsgi.extensions[EXTENSION]).start()
    if _settings.metrics_port is not None:
        from web.metrics import serve_on_own_port

        serve_on_own_port(_settings.metrics_port)


def child_exit(_server: Any, worker: Any) -> None:  # noqa: ANN401
    """Close the books of a worker that has ended."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(_server: Any) -> None:  # noqa: ANN401
    """Leave no files behind."""
    if _made_metrics_folder:
        shutil.rmtree(os.environ[METRICS_FOLDER], ignore_errors=True)

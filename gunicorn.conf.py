"""How gunicorn serves Bittern. What differs between machines comes from the environment (serving.py); the settings are checked first."""

from typing import Any

from gunicorn import glogging
from gunicorn.http import wsgi

import logs
import serving
from web import answers

_settings = serving.settings_or_exit()
_counts = serving.CountsFolder()
_listening = serving.listening(_settings)

bind = f"{_listening.host}:{_listening.port}"
worker_class = "web.patient_worker.PatientWorker"
workers = _listening.processes
threads = _listening.threads
timeout = 30
graceful_timeout = serving.GRACEFUL_SECONDS
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
wsgi.Response = answers.Answer


class logger_class(glogging.Logger):  # noqa: N801 - gunicorn's name for the setting
    """gunicorn's own messages, through the processors that everything goes through."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn has no types
        """Take gunicorn's handlers away: the root logger has the right one."""
        super().setup(cfg)
        logs.configure(level=_settings.log_level, log_format=_settings.log_format)
        self.error_log.handlers[:] = []
        self.error_log.propagate = True


def on_starting(server: Any) -> None:  # noqa: ANN401
    """Make the application here, which all workers share; stop, with a sentence, where it could not be served."""
    _counts.empty()
    serving.exit_unless_servable(server.app.wsgi)
    serving.keep()


def on_reload(server: Any) -> None:  # noqa: ANN401
    """Have the workers make it anew, each its own, with the settings as they are then."""
    server.app.callable = None


def post_fork(_server: Any, worker: Any) -> None:  # noqa: ANN401
    """Take the room for this process's counts."""
    _counts.take_room(worker.pid)


def post_worker_init(worker: Any) -> None:  # noqa: ANN401
    """Say how many proxies are in front; note from now on that webhooks are taken in; serve the counts where the settings say so."""
    worker.proxy_hops = _settings.proxy_hops
    serving.accompany(worker.wsgi, _settings)


def child_exit(_server: Any, worker: Any) -> None:  # noqa: ANN401
    """Close the books of a worker that has ended."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(_server: Any) -> None:  # noqa: ANN401
    """Leave no files behind."""
    _counts.remove()

"""Log entries of the web server, the worker and the command line: one event name, keywords, one JSON object a line, no secrets.

Event names are constants (`security.refused`), values are keywords, and what identifies somebody is an opaque id.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, Final

import structlog

HIDDEN: Final = "***"
_OURS: Final = logging.getLogger("bittern")
_least: Final = [logging.NOTSET]
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
# One variable, and not one for each value as structlog has it: it is set in every request.
_context: ContextVar[Mapping[str, object]] = ContextVar("log_context", default=_NOTHING)

# A member whose name says that its value is a secret. `page_token_issued` and the like are not meant: whole words only.
_SECRET_NAME = re.compile(
    r"(?:^|[_.-])(?:authorization|cookie|jwt|token|secret|secrets|password|passwd|private_key|api_key|sharedsecret)$",
    re.IGNORECASE,
)
# What gives a secret away inside other text: a JSON Web Token, a scheme with its credential, a query parameter, a URL's password.
_SECRET_TEXT: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]+\.?[A-Za-z0-9_-]*"), HIDDEN),
    (re.compile(r"\b(JWT|Bearer|Basic) +[^\s\"',;]{6,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"\b(jwt|access_token|client_secret|sharedSecret|token)=[^\s&\"']+", re.IGNORECASE), rf"\1={HIDDEN}"),
    (re.compile(r"(\"sharedSecret\"\s*:\s*)\"[^\"]*\""), rf'\1"{HIDDEN}"'),
    (re.compile(r"(\w://[^/\s:@]+):[^@/\s]+@"), rf"\1:{HIDDEN}@"),
)


def configure(*, level: str, log_format: str) -> None:
    """Set up logging for this process: our own events and those of the libraries go through the same processors."""
    shared: list[structlog.typing.Processor] = [
        with_context,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.StackInfoRenderer(),
        # A plain traceback: the structured ones carry the local variables of every frame, secrets among them.
        structlog.processors.format_exc_info,
        scrub,
    ]
    _least[0] = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(_least[0]),
        logger_factory=_ours,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(log_format, shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Libraries speak at WARNING and above, whatever our own level is: theirs name addresses, ours name events.
    for noisy in ("urllib3", "sqlalchemy.engine", "huey", "alembic", "werkzeug"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def is_said(level: int) -> bool:
    """Whether entries of this level are written at all: what is said in every request is not put together for nobody."""
    return _least[0] <= level


def begin_context(**values: object) -> None:
    """Say these with every entry of this thread from now on, and nothing that was said with those before."""
    _context.set(values)


def add_context(**values: object) -> None:
    """Say these too."""
    _context.set({**_context.get(), **values})


def with_context(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put them into a log entry, which may say one of them otherwise."""
    return {**_context.get(), **entry}


def _ours(*_: object) -> logging.Logger:
    """The one logger behind our own events. To name it for its module would look through the stack at each entry, and no name is written."""
    return _OURS


def scrub(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide secrets in a log entry, by the name of a member and by the look of a text. The last processor before rendering."""
    for name, value in entry.items():
        entry[name] = HIDDEN if _SECRET_NAME.search(name) and value else _scrubbed(value)
    return entry


def scrub_text(text: str) -> str:
    """Hide what looks like a secret in a text."""
    for pattern, replacement in _SECRET_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _scrubbed(value: object) -> object:
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if _SECRET_NAME.search(str(name)) and inner else _scrubbed(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_scrubbed(inner) for inner in value]
    return value if isinstance(value, int | float | bool | None) else scrub_text(str(value))


def _formatter(log_format: str, shared: list[structlog.typing.Processor]) -> logging.Formatter:
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if log_format == "console"
        else structlog.processors.JSONRenderer(sort_keys=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )

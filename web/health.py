"""Is the process alive, and can it do its work? Both answer in under three seconds, whatever the database does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from functools import cache
from typing import Final

import structlog
from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from models.errors import ModelsError
from models.schema import is_fit, schema_version
from services import Services
from web import services

log = structlog.get_logger()
blueprint = Blueprint("health", __name__)

PATIENCE_SECONDS: Final = 2.0


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process answers. It asks nobody, so nobody can hold it up."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say whether requests can be served: the database answers, and its schema is one that this code can serve from."""
    current = services.current()
    problem = _within(PATIENCE_SECONDS, lambda: _problem(current))
    if problem is None:
        return jsonify(status="ready"), 200
    log.warning("health.not_ready", problem=problem)
    return jsonify(status="not_ready", problem=problem), 503


def _problem(current: Services) -> str | None:
    try:
        found = schema_version(current.engine)
    except (SQLAlchemyError, ModelsError):
        return "database_unreachable"
    return None if is_fit(found) else "schema_differs"


def _within(seconds: float, check: Callable[[], str | None]) -> str | None:
    try:
        return _pool().submit(check).result(timeout=seconds)
    except FutureTimeout:
        return "database_slow"


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="health")

"""The address of the present request as it was sent: what a query string hash covers."""

from flask import request


def raw_target() -> str:
    """The path and query as they were sent, percent signs and all."""
    environ = request.environ
    target = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or request.path)
    query = environ.get("QUERY_STRING", "")
    return f"{target}?{query}" if query and "?" not in target else target

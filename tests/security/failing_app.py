"""The application with every view replaced by a failure whose text must not be seen; and a list of its routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from app import create_app

if TYPE_CHECKING:
    from flask import Flask

FAILURE = "failure-that-nobody-may-see-4711"


def create_failing_app() -> Flask:
    """Each route fails where its view would begin, past everything that surrounds a request."""
    app = create_app()
    rules = sorted(
        {(method, rule.rule) for rule in app.url_map.iter_rules() for method in (rule.methods or ()) & {"GET", "POST"}}
    )

    def fail(**_arguments: object) -> NoReturn:
        raise RuntimeError(FAILURE)

    for endpoint in app.view_functions:
        app.view_functions[endpoint] = fail
    app.add_url_rule("/_routes", "_routes", lambda: "\n".join(f"{method} {rule}" for method, rule in rules))
    return app

"""The web application: assembly only. `create_app` is what gunicorn, the tests and the command line call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from flask import Flask

import logs
from services import create_services
from settings import load_settings
from web import (
    assets,
    compression,
    descriptor,
    errors,
    front,
    health,
    language,
    lifecycle,
    metrics,
    quick_pages,
    webhooks,
)
from web import services as service_extension
from web.json_bodies import MAX_READ_BYTES
from web.language import Templates
from web.panels import pages
from web.surroundings import surrounded

if TYPE_CHECKING:
    from collections.abc import Callable

    from services import Services
    from settings import Settings

BLUEPRINTS = (
    front.blueprint,
    assets.blueprint,
    descriptor.blueprint,
    lifecycle.blueprint,
    webhooks.blueprint,
    pages.blueprint,
    health.blueprint,
    metrics.blueprint,
)


def create_app(settings: Settings | None = None, services: Services | None = None) -> Flask:
    """Return the application. Raises SettingsInvalid or DescriptorInvalid, each with every problem in a sentence."""
    if settings is None and services is None and _is_for_commands():
        return _with_commands(Flask("bittern"))
    settings = settings or (services.settings if services else load_settings())
    logs.configure(level=settings.log_level, log_format=settings.log_format)
    app = Flask("bittern", root_path=str(assets.STATIC_FOLDER.parent), static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_READ_BYTES)
    app.jinja_environment = Templates
    # None of ours is a coroutine, and to ask each one in each request costs as much as to route it.
    app.ensure_sync = _as_it_is  # type: ignore[method-assign, assignment]
    service_extension.install(app, services or create_services(settings))
    quick_pages.install(app)
    compression.install(app)
    errors.install(app)
    language.install(app, settings)
    metrics.install(app, settings)
    assets.install(app)
    pages.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    descriptor.install(app, settings)
    pages.install_quick_pages(app)
    webhooks.install(app)
    app.wsgi_app = surrounded(app, settings)  # type: ignore[method-assign, assignment]
    return app if click.get_current_context(silent=True) is None else _with_commands(app)


def _as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
    return function


def _with_commands(app: Flask) -> Flask:
    # Here, and not above: whoever serves has no use for them.
    import cli

    app.cli.add_command(cli.group_for(create_app))
    return app


def _is_for_commands() -> bool:
    """Whether `flask bittern …` asks: its commands read the settings themselves, and some must work before any are set."""
    context = click.get_current_context(silent=True)
    return context is not None and context.info_name not in {"run", "routes", "shell"}

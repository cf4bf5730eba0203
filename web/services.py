"""The services of this process, as the views find them."""

from typing import Final

from flask import Flask

from services import Services
from web import at_hand

EXTENSION: Final = "bittern.services"


def install(app: Flask, services: Services) -> None:
    """Hand the services to the views of an application."""
    app.extensions[EXTENSION] = services


def current() -> Services:
    """Return the services of the application at hand."""
    services: Services = at_hand.extensions()[EXTENSION]
    return services


def epoch_seconds() -> int:
    """Return the injected clock's time as the protocol wants it: whole seconds since 1970-01-01 UTC."""
    return int(current().now().timestamp())

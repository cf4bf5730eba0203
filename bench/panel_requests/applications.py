"""The WSGI applications that are compared: Bittern with one more page, and plain Flask."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, render_template
from jinja2 import ChoiceLoader, FileSystemLoader

import app
from web.authentication import caller_of_page, parameters

TEMPLATES = Path(__file__).parent / "templates"


def bittern() -> Flask:
    """Bittern with the page that the Express framework is asked for: verified as every panel is, and rendered."""
    made = app.create_app()
    assert made.jinja_loader is not None
    made.jinja_loader = ChoiceLoader([made.jinja_loader, FileSystemLoader(TEMPLATES)])

    @made.get("/bench/panel")
    def panel() -> str:
        caller_of_page()
        return render_template("bench_panel.html", repository=parameters().get("repository"))

    return made


def hello() -> Flask:
    """Plain Flask: what the server can do at the most."""
    made = Flask(__name__)

    @made.get("/")
    def say() -> str:
        return "Hello, World!"

    return made

"""The WSGI applications that are compared: Bittern with one more page, the same page made live, and plain Flask."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import requests
from flask import Flask, render_template
from jinja2 import ChoiceLoader, FileSystemLoader

import app
from services import create_services
from settings import load_settings
from web import quick_pages, services
from web.authentication import caller_of_page, parameters
from web.quick_pages import QuickPage

TEMPLATES = Path(__file__).parent / "templates"
UPSTREAM = "BENCH_UPSTREAM"


def bittern() -> Flask:
    """Bittern with the page that the Express framework is asked for: verified as every panel is, and rendered."""
    made = _with_templates()
    template = made.jinja_env.get_template("bench_panel.html")

    def page() -> str:
        caller_of_page()
        return template.render(repository=parameters().get("repository"))

    # As Pulse and Turn are: looked for before Flask unpacks the request; what is refused is Flask's to word.
    made.add_url_rule("/bench/panel", view_func=page, endpoint="bench.panel")
    quick_pages.add(made, "bench.panel", lambda: QuickPage(page().encode()))
    return made


def live() -> Flask:
    """The same page, made as most add-ons make theirs: Bitbucket's API is asked for what it shows, in each request."""
    made, upstream, kept = _with_templates(), os.environ[UPSTREAM], threading.local()

    @made.get("/bench/panel")
    def panel() -> str:
        caller_of_page()
        if not hasattr(kept, "session"):
            kept.session = requests.Session()
        asked = kept.session.get(upstream, timeout=10)
        asked.raise_for_status()
        return render_template("bench_panel.html", repository=asked.json()["full_name"])

    return made


def hello() -> Flask:
    """Plain Flask: what the server can do at the most. Our configuration of gunicorn wants services beside it, and asks them nothing here."""
    made = Flask(__name__)
    services.install(made, create_services(load_settings()))

    @made.get("/")
    def say() -> str:
        return "Hello, World!"

    return made


def _with_templates() -> Flask:
    made = app.create_app()
    assert made.jinja_loader is not None
    made.jinja_loader = ChoiceLoader([made.jinja_loader, FileSystemLoader(TEMPLATES)])
    return made

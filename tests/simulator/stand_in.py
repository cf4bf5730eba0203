"""A tiny Connect app that the tests install: it remembers what it was sent, and answers what it is told to."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request

from simulator.server import Server, free_port

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<script src="{site}/atlassian-connect/all.js"></script>
<link rel="stylesheet" href="/style.css"></head>
<body><div class="ac-content" data-title="{title}"><p id="says">{title}</p><div id="filler"></div>
<pre id="address">{query}</pre></div><script src="/page.js"></script></body></html>
"""
STYLE = """
body { margin: 0; font: 14px/20px sans-serif; background: #fff; color: #222; }
html[data-color-mode="dark"] body { background: #1f1f21; color: #eee; }
.ac-content { display: flow-root; }
#address { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 11px; }
"""
SCRIPT = """
const filler = document.getElementById("filler");
const height = new URLSearchParams(location.search).get("height") || 40;
filler.style.height = `${height}px`;
window.grow = (pixels) => { filler.style.height = `${pixels}px`; };
if (window.AP && AP.theming) AP.theming.initializeTheming();
"""


@dataclass
class Received:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class StandIn:
    """`statuses` answers the next calls in turn, then 200; `inside` is called while a call is open."""

    key: str = "stand-in"
    changes: dict[str, Any] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    inside: Any = None
    site_url: str = ""
    url: str = ""
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def descriptor(self) -> dict[str, Any]:
        return {**descriptor(self.key, self.url), **self.changes}

    @property
    def descriptor_url(self) -> str:
        return f"{self.url}/atlassian-connect.json"

    def calls(self, path: str) -> list[Received]:
        return [one for one in self.received if one.path == path]

    def wait_for(self, path: str, count: int = 1, *, seconds: float = 10) -> list[Received]:
        """The calls to `path` once there are `count` of them; fails where they do not come."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.calls(path)) >= count, seconds), self.received
        return self.calls(path)


def descriptor(key: str, base_url: str) -> dict[str, Any]:
    panel = {"name": {"value": "Stand-in"}, "url": "/panel?repository={repository.uuid}&user={user.uuid}&height=200"}
    return {
        "key": key,
        "name": "Stand-in",
        "description": "An app for tests.",
        "vendor": {"name": "Tests", "url": "https://example.com"},
        "baseUrl": base_url,
        "authentication": {"type": "jwt"},
        "lifecycle": {"installed": "/installed", "uninstalled": "/uninstalled"},
        "contexts": ["account"],
        "scopes": ["account", "repository", "pullrequest"],
        "modules": {
            "webPanels": [
                {**panel, "key": "overview", "location": "org.bitbucket.repository.overview.informationPanel"},
                {
                    "key": "turn",
                    "name": {"value": "Stand-in turn"},
                    "url": "/panel?pr={pullrequest.id}&state={pullrequest.state}&height=120",
                    "location": "org.bitbucket.pullrequest.overview.informationPanel",
                },
            ],
            "repoPages": [
                {
                    "key": "whole",
                    "name": {"value": "Stand-in page"},
                    "url": "/page?repository={repository.uuid}&height=900",
                    "location": "org.bitbucket.repository.navigation",
                }
            ],
            "configurePage": {"key": "configure", "name": {"value": "Configure"}, "url": "/page?p={principal.uuid}"},
            "webhooks": [{"event": "*", "url": "/hook"}],
        },
    }


def create_stand_in(app: StandIn) -> Flask:
    flask = Flask("stand_in")

    @flask.get("/atlassian-connect.json")
    def document() -> Response:
        return Response(json.dumps(app.descriptor()), content_type="application/json")

    @flask.get("/style.css")
    def style() -> Response:
        return Response(STYLE, content_type="text/css")

    @flask.get("/page.js")
    def script() -> Response:
        return Response(SCRIPT, content_type="text/javascript")

    @flask.get("/panel")
    @flask.get("/page")
    @flask.get("/welcome")
    def page() -> Response:
        note(app)
        query = request.query_string.decode()
        return Response(PAGE.format(title=app.key, site=app.site_url, query=query), content_type="text/html")

    @flask.post("/<path:path>")
    def call(path: str) -> Response:
        received = note(app)
        status = app.statuses.pop(0) if app.statuses else 200
        if app.inside is not None:
            app.inside(received)
        return Response(status=status)

    return flask


def note(app: StandIn) -> Received:
    query = request.query_string.decode()
    received = Received(request.method, request.path, query, dict(request.headers), request.get_data())
    with app.arrived:
        app.received.append(received)
        app.arrived.notify_all()
    return received


def serve_stand_in(app: StandIn) -> Server:
    """A server for the app that is not yet started; the app knows its address."""
    server = Server(create_stand_in(app), port=free_port())
    app.url = server.url
    return server

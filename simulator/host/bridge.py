"""Serves the JavaScript bridge from where apps load it: `/atlassian-connect/all.js` and `all-debug.js`.

Both are `iframe.js` of the npm package atlassian-connect-js, unchanged on disk. That file has the host of its theme
stylesheets built in (connect-cdn.atl-paas.net), which a machine without a network cannot reach; what is sent out has
this Bitbucket's own address there, as Atlassian's FedRAMP build has another one.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
from pathlib import Path

from flask import Blueprint, Response, abort, request, send_from_directory

VENDORED = Path(__file__).parent / "static" / "atlassian-connect-js"
ADDRESS = "/atlassian-connect"
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")
_CDN_LINES = b'var CDN_DOMAIN = "connect-cdn.atl-paas.net";\n  var CDN_URL = "https://" + CDN_DOMAIN;'


def register_bridge(blueprint: Blueprint) -> None:
    """Serve the bridge and its stylesheets."""

    def all_js() -> Response:
        if not _HOST.fullmatch(request.host):
            abort(400)
        return _script(_for_apps(request.scheme, request.host))

    def host_js() -> Response:
        return _script(_packed("connect-host.js"))

    def style(name: str) -> Response:
        if not name.endswith(".css"):
            abort(404)
        # Apps load these from their own origin, as they would from the CDN.
        response = send_from_directory(VENDORED, name, max_age=3600)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    blueprint.add_url_rule(f"{ADDRESS}/all.js", "all_js", all_js)
    blueprint.add_url_rule(f"{ADDRESS}/all-debug.js", "all_debug_js", all_js)
    blueprint.add_url_rule(f"{ADDRESS}/connect-host.js", "connect_host_js", host_js)
    blueprint.add_url_rule(f"{ADDRESS}/<path:name>", "bridge_style", style)


@functools.lru_cache(maxsize=16)
def _for_apps(scheme: str, host: str) -> tuple[bytes, str]:
    here = f'var CDN_DOMAIN = "{host}{ADDRESS}";\n  var CDN_URL = "{scheme}://" + CDN_DOMAIN;'
    source = (VENDORED / "iframe.js").read_bytes()
    if _CDN_LINES not in source:
        raise RuntimeError("iframe.js does not name its CDN where it used to")
    return _pack(source.replace(_CDN_LINES, here.encode()))


@functools.lru_cache(maxsize=4)
def _packed(name: str) -> tuple[bytes, str]:
    return _pack((VENDORED / name).read_bytes())


def _pack(source: bytes) -> tuple[bytes, str]:
    """Compressed source, and a tag that changes with it."""
    return gzip.compress(source, 6, mtime=0), hashlib.sha256(source).hexdigest()[:20]


def _script(packed: tuple[bytes, str]) -> Response:
    compressed, tag = packed
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(
        compressed if takes_gzip else gzip.decompress(compressed), content_type="text/javascript; charset=utf-8"
    )
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=300"
    response.set_etag(tag)
    response.make_conditional(request)
    return response

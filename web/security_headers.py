"""Security headers as data: one policy for what Bitbucket frames, one for our own pages, one for everything else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import Flask, Response, request

from settings import Settings

# The design system's themes, which the bridge loads when a panel takes on the host's theme.
THEMES_ORIGIN: Final = "https://connect-cdn.atl-paas.net"
# Where Bitbucket keeps pictures of accounts. Anybody else's (Gravatar's) would learn who looks at which page.
AVATAR_ORIGINS: Final = (
    "https://bitbucket.org",
    "https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net",
)

FRAMED_BLUEPRINT: Final = "panels"
PAGE_BLUEPRINT: Final = "front"
STATIC_ENDPOINT: Final = "assets.static_file"

NEVER_STORED: Final = "no-cache, no-store, private"
TWO_YEARS_SECONDS: Final = 63_072_000


ALWAYS: Final = (
    ("Referrer-Policy", "no-referrer"),
    ("Strict-Transport-Security", f"max-age={TWO_YEARS_SECONDS}"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)
"""Nobody else sets these, so that they are added without a look for them."""


@dataclass(frozen=True, slots=True)
class Policies:
    """The Content-Security-Policy of each kind of answer."""

    framed: str
    page: str
    other: str


def policies(*, site_origin: str, themes_origin: str = THEMES_ORIGIN) -> Policies:
    """Return the policies of a service that this Bitbucket may frame."""
    images = " ".join(dict.fromkeys(("'self'", "data:", site_origin, *AVATAR_ORIGINS)))
    framed = {
        "default-src": "'none'",
        "script-src": " ".join(dict.fromkeys(("'self'", site_origin, themes_origin))),
        "style-src": f"'self' {themes_origin}",
        "img-src": images,
        "connect-src": "'self'",
        "frame-ancestors": site_origin,
        "base-uri": "'none'",
        "form-action": "'self'",
    }
    page = {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    other = {"default-src": "'none'", "frame-ancestors": "'none'", "base-uri": "'none'", "form-action": "'none'"}
    return Policies(framed=_policy(framed), page=_policy(page), other=_policy(other))


def allowed_image_origins(*, site_origin: str) -> tuple[str, ...]:
    """Return the origins that a picture on a panel may come from, besides our own."""
    return tuple(dict.fromkeys((site_origin, *AVATAR_ORIGINS)))


def install(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer of the application, errors included."""
    # The local Bitbucket of the demo is its own content delivery network.
    themes_origin = settings.site_url if settings.demo else THEMES_ORIGIN
    app.after_request(_adder(policies(site_origin=settings.site_url, themes_origin=themes_origin)))


def _adder(chosen: Policies) -> Callable[[Response], Response]:
    def add(response: Response) -> Response:
        headers = response.headers
        headers.add("Content-Security-Policy", _policy_for(response, chosen))
        headers.extend(ALWAYS)
        if request.endpoint != STATIC_ENDPOINT or response.status_code >= 400:
            headers["Cache-Control"] = NEVER_STORED
        return response

    return add


def _policy_for(response: Response, chosen: Policies) -> str:
    if request.blueprint == FRAMED_BLUEPRINT:
        return chosen.framed
    return chosen.page if response.mimetype == "text/html" else chosen.other


def _policy(directives: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in directives.items())

"""Security headers as data: one policy for what Bitbucket frames, one for our own pages, one for everything else."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from settings import Settings
from web.routes import Route

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
_POLICY: Final = "Content-Security-Policy"
_NEVER_STORED: Final = ("Cache-Control", NEVER_STORED)


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


class SecurityHeaders:
    """The headers that every answer of the application gets, errors included."""

    def __init__(self, settings: Settings) -> None:
        # The local Bitbucket of the demo is its own content delivery network.
        themes_origin = settings.site_url if settings.demo else THEMES_ORIGIN
        chosen = policies(site_origin=settings.site_url, themes_origin=themes_origin)
        self._framed, self._page, self._other = (
            ((_POLICY, policy), *ALWAYS) for policy in (chosen.framed, chosen.page, chosen.other)
        )

    def added_to(self, headers: list[tuple[str, str]], *, route: Route, status: int) -> list[tuple[str, str]]:
        """Return these headers of an answer and ours."""
        if route.endpoint == STATIC_ENDPOINT and status < HTTPStatus.BAD_REQUEST:
            return [*headers, *self._other]
        kept = [header for header in headers if header[0] != _NEVER_STORED[0]]
        return [*kept, *self._of(headers, route), _NEVER_STORED]

    def _of(self, headers: list[tuple[str, str]], route: Route) -> tuple[tuple[str, str], ...]:
        if route.blueprint == FRAMED_BLUEPRINT:
            return self._framed
        for name, value in headers:
            if name == "Content-Type" and value.startswith("text/html"):
                return self._page
        return self._other


def _policy(directives: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in directives.items())

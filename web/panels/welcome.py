"""The page after an install. Only a verified token says whose install it was; a client key in the address says nothing.

It shows how the history fills, and goes on doing so with a token of its own that is good for nothing else.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from flask import Response, make_response, render_template, request, url_for

from connect.tokens import PageClaims
from models.installations import Installation
from sync.progress import progress_of_installation
from web import page_tokens, services
from web.authentication import TOKEN_PARAMETER, active_installation, caller_of_page
from web.language import _
from web.panels.filling import FillingView, filling_view
from web.panels.surfaces import blueprint

PURPOSE: Final = "welcome"
MOST_REPOSITORIES: Final = 8


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the page says. `filling` is there once the install is proved."""

    title: str
    text: str
    filling: FillingView | None = None


@blueprint.get("/connect/welcome", strict_slashes=False)
def welcome() -> Response:
    """Show what happens next. Sources differ on what Bitbucket sends here: without a token the page names nobody."""
    installation = _verified_installation()
    page = render_template(
        "panels/welcome.html",
        welcome=_words(installation),
        page_token=_token(installation) if installation is not None and installation.is_active else None,
        refresh_url=url_for("panels.welcome_progress"),
    )
    return make_response(page)


@blueprint.get("/pages/welcome/progress")
def welcome_progress() -> Response:
    """Show the page's own script how far the history is, or a 304 where it is as far as it was."""
    claims = page_tokens.claims_of_request(purpose=PURPOSE)
    installation = active_installation(claims.client_key).installation
    body = render_template("panels/_welcome.html", welcome=_words(installation))
    entity_tag = hashlib.sha256(body.encode()).hexdigest()[:24]
    is_known = request.if_none_match.contains_weak(entity_tag)
    response = Response(status=304) if is_known else make_response(body)
    response.set_etag(entity_tag, weak=True)
    response.headers[page_tokens.HEADER] = _token(installation)
    return response


def _verified_installation() -> Installation | None:
    """The installation that the token speaks for; None where there is none. One that does not verify is refused, as anywhere."""
    if TOKEN_PARAMETER not in request.args and "Authorization" not in request.headers:
        return None
    return caller_of_page().installation


def _token(installation: Installation) -> str:
    return page_tokens.issue(PageClaims(installation.client_key, None, None, PURPOSE))


def _words(installation: Installation | None) -> Welcome:
    if installation is None:
        return Welcome(
            _("Bittern is installed"),
            _("Open the overview of any repository of the workspace: the panel is in the side bar."),
        )
    name = installation.principal_name or _("your workspace")
    if not installation.is_active:
        return Welcome(
            _("Bittern is being installed in %(name)s", name=name),
            _("Bitbucket's answer to our first call is still awaited. That takes a few seconds as a rule."),
        )
    return Welcome(
        _("Bittern is installed in %(name)s", name=name),
        _("Open the overview of any repository of the workspace: the panel is in the side bar."),
        _filling(installation),
    )


def _filling(installation: Installation) -> FillingView:
    current = services.current()
    with current.readers() as session:
        filled = progress_of_installation(
            session, installation, now=current.now(), calls_per_hour=current.settings.calls_per_hour
        )
        return filling_view(filled, at_most=MOST_REPOSITORIES)

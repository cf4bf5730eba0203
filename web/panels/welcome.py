"""The page after an install. Only a verified token says whose install it was; a client key in the address says nothing."""

from dataclasses import dataclass

from flask import Response, make_response, render_template, request

from connect.errors import TokenRefused
from models.installations import Installation
from web import services
from web.authentication import TOKEN_PARAMETER, caller_of_page
from web.errors import log_refusal
from web.language import _
from web.panels.surfaces import blueprint


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the page says."""

    title: str
    text: str


@blueprint.get("/connect/welcome", strict_slashes=False)
def welcome() -> Response:
    """Show what happens next. Sources differ on what Bitbucket sends here, so a token is used where there is one."""
    installation = _verified_installation()
    settings = services.current().settings
    page = render_template("panels/welcome.html", welcome=_words(installation), workspaces_url=settings.site_url)
    return make_response(page)


def _verified_installation() -> Installation | None:
    if TOKEN_PARAMETER not in request.args:
        return None
    try:
        return caller_of_page().installation
    except TokenRefused as refused:
        # The general page gives nothing away, and is better than an error right after an install.
        log_refusal(refused.reason)
        return None


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
    )

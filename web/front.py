"""The service's own front page: what this is, and the button that installs it."""

from urllib.parse import quote

from flask import Blueprint, render_template, url_for

from settings import Settings
from web import services

blueprint = Blueprint("front", __name__)


def descriptor_url(settings: Settings) -> str:
    """Return the public address of the descriptor."""
    return f"{settings.base_url}/atlassian-connect.json"


def install_url(settings: Settings) -> str:
    """Return the address that starts an installation: by key for a registered app, else by the descriptor's address."""
    if settings.app_secret is not None:
        return f"{settings.site_url}/site/addons/authorize?addon_key={quote(settings.app_key, safe='')}"
    return f"{settings.site_url}/site/addons/authorize?descriptor_uri={quote(descriptor_url(settings), safe='')}"


@blueprint.get("/")
def front() -> str:
    """Show what this is."""
    settings = services.current().settings
    return render_template(
        "front.html",
        install_url=install_url(settings),
        descriptor_url=url_for("descriptor.descriptor_document"),
        descriptor_address=descriptor_url(settings),
    )

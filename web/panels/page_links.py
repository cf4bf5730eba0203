"""Links of our own pages that need no script: each carries a token, which proves for a while who was shown it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import request, url_for

from connect.errors import Reason, TokenRefused
from web import page_tokens
from web.authentication import TOKEN_PARAMETER
from web.panels import visits
from web.panels.visits import Visit

LINK_PARAMETER: Final = "link"
LINK_HEADER: Final = "X-Page-Link"
"""What a refresh brings: the token that the page's script puts into the links which the page has already."""


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file that a page offers."""

    label: str
    url: str


def address(endpoint: str, query: Mapping[str, str]) -> str:
    """Return an address of ours."""
    return f"{url_for(endpoint)}?{urlencode(query)}"


def signed(endpoint: str, query: Mapping[str, str], *, token: str) -> str:
    """Return an address of ours that a link may have."""
    return address(endpoint, {**query, LINK_PARAMETER: token})


def visit_of_link(*, purpose: str) -> Visit:
    """Return the visit that the link of this request is for. Raises TokenRefused, and as ``visits.resume``."""
    tokens = request.args.getlist(LINK_PARAMETER)
    if len(tokens) > 1 or TOKEN_PARAMETER in request.args or "Authorization" in request.headers:
        raise TokenRefused(Reason.AUTH_AMBIGUOUS)
    if not tokens:
        raise TokenRefused(Reason.AUTH_MISSING)
    return visits.of_claims(page_tokens.claims_of(tokens[0], purpose=purpose))

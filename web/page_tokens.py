"""The tokens of our own pages: made when a verified page is served, sent back in a header by that page, renewed as it goes.

Signed with keys of ours that sign nothing else. Bitbucket's tokens are not taken here, nor these anywhere else.
"""

from typing import Final

from connect.errors import Reason, TokenRefused
from connect.tokens import PageClaims, issue_page_token, verify_page_token
from web import at_hand, services

HEADER: Final = "X-Page-Token"
LIFETIME_SECONDS: Final = 900
_KEYS: Final = "page-token"


def issue(claims: PageClaims) -> str:
    """Return a fresh token for these claims."""
    key = services.current().secret_box.derived_keys(_KEYS)[0]
    return issue_page_token(claims, key=key, now=services.epoch_seconds(), lifetime_seconds=LIFETIME_SECONDS)


def claims_of_request(*, purpose: str) -> PageClaims:
    """Return what the request's `Authorization: Bearer` token claims. Raises TokenRefused."""
    scheme, _, token = at_hand.current().environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise TokenRefused(Reason.AUTH_MISSING)
    return claims_of(token, purpose=purpose)


def claims_of(token: str, *, purpose: str) -> PageClaims:
    """Return what a token of ours claims. Raises TokenRefused."""
    keys = services.current().secret_box.derived_keys(_KEYS)
    return verify_page_token(token, keys=keys, purpose=purpose, now=services.epoch_seconds())

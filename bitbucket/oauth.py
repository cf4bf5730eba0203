"""The OAuth 2.0 token endpoint: what every grant sends there, and how its answer is read."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from bitbucket.answers import decode, grant_error_from
from bitbucket.errors import UnexpectedShape
from bitbucket.messages import Headers, Request, Response

MOST_ANSWER_BYTES: Final = 64 * 1024
_TOKEN_PATTERN: Final = re.compile(r"[\x21-\x7e]{1,8192}")


class TokenAnswer(msgspec.Struct, frozen=True):
    """What the token endpoint answers. Bitbucket says `scopes` where RFC 6749 says `scope`; either is read.

    `expires_in` is in seconds; an hour is taken where it is missing, the shorter of the two lives that are documented.
    """

    access_token: str
    expires_in: int = 3600
    scopes: str | None = None
    scope: str | None = None
    refresh_token: str | None = None

    def granted_scopes(self) -> frozenset[str]:
        """The scopes that the token has."""
        return frozenset((self.scopes or self.scope or "").split())

    def __repr__(self) -> str:
        return f"TokenAnswer(access_token=***, expires_in={self.expires_in})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("expires_in", self.expires_in)]


def token_endpoint(site_url: str) -> str:
    """Where tokens are given out; `site_url` is https://bitbucket.org."""
    return f"{site_url}/site/oauth2/access_token"


def token_request(endpoint: str, form: Mapping[str, str], *, authorization: str) -> Request:
    """A token request. The body is a form: the endpoint does not read JSON."""
    headers = {
        "Authorization": authorization,
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    return Request("POST", endpoint, Headers(headers), urlencode(form).encode())


def token_answer_from(response: Response, *, now: datetime) -> TokenAnswer:
    """The token in an answer, of any grant.

    Raises GrantRefused for the endpoint's "no", another BitbucketError for anything else that is not a token.
    """
    if response.status != 200:
        raise grant_error_from(response, now=now)
    answer = decode(response.body, TokenAnswer)
    if not _TOKEN_PATTERN.fullmatch(answer.access_token) or answer.expires_in <= 0:
        raise UnexpectedShape("The token endpoint answered with something that cannot be a token.")
    return answer

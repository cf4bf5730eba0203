"""Signs requests as Bitbucket does, with third-party code: the query string hash is atlassian-jwt's, the signature PyJWT's."""

import jwt
from atlassian_jwt.url_utils import hash_url

from tests.tenants import ALICE_KEY, ALICE_SECRET, NOON


def token(method, target, *, client_key=ALICE_KEY, secret=ALICE_SECRET, at=NOON, **claims):
    """A token for one request; a claim given as None is left out."""
    issued_at = int(at.timestamp())
    standard = {
        "iss": client_key,
        "aud": client_key,
        "iat": issued_at,
        "exp": issued_at + 3600,
        "qsh": hash_url(method, target),
    }
    merged = {name: value for name, value in (standard | claims).items() if value is not None}
    return jwt.encode(merged, secret, algorithm="HS256")


def signed_url(target, **options):
    """The address of a page as Bitbucket frames it: with its token in the query."""
    separator = "&" if "?" in target else "?"
    return f"{target}{separator}jwt={token('GET', target, **options)}"


def signed_headers(target, *, method="POST", **options):
    """The header of a lifecycle call or a webhook."""
    return {"Authorization": f"JWT {token(method, target, **options)}"}

"""The tenants of these tests, and a signer that shares no code with the one under test (nor with PyJWT)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

APP_KEY = "bittern"
NOW = 1_795_000_000

ALICE_WORKSPACE = "{aaaaaaaa-0000-4000-8000-000000000001}"
CHARLIE_WORKSPACE = "{cccccccc-0000-4000-8000-000000000001}"
ALICE_KEY = f"ari:cloud:bitbucket::app/{ALICE_WORKSPACE}/{APP_KEY}"
CHARLIE_KEY = f"ari:cloud:bitbucket::app/{CHARLIE_WORKSPACE}/{APP_KEY}"
NUMBERED_KEY = "connection:479"

SECRET = "alice-alice-alice-alice-alice-alice-1"
NEW_SECRET = "alice-alice-alice-alice-alice-alice-2"
OLD_SECRET = "alice-alice-alice-alice-alice-alice-0"
CHARLIE_SECRET = "charlie-charlie-charlie-charlie-charl"
ATTACKER_SECRET = "mallory-mallory-mallory-mallory-mallor"
APP_SECRET = "app-wide-app-wide-app-wide-app-wide-1"

HEADER = {"alg": "HS256", "typ": "JWT"}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def qsh(canonical_request: str) -> str:
    return hashlib.sha256(canonical_request.encode()).hexdigest()


def claims_for(canonical_request: str, *, client_key: str = ALICE_KEY, now: int = NOW, **changes: object) -> dict:
    """What Bitbucket puts into a token. A claim that is changed to `...` is left out."""
    claims = {"iss": client_key, "aud": client_key, "iat": now, "exp": now + 3600, "qsh": qsh(canonical_request)}
    return {name: value for name, value in (claims | changes).items() if value is not ...}


def signature(signing_input: str, secret: str | bytes, digest: str = "sha256") -> str:
    key = secret.encode() if isinstance(secret, str) else secret
    return b64(hmac.new(key, signing_input.encode(), digest).digest())


def sign(payload: dict | bytes, *, secret: str | bytes = SECRET, header: dict | bytes = HEADER) -> str:
    """A token. Bytes are taken as the raw header or payload."""
    parts = (part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload))
    signing_input = ".".join(map(b64, parts))
    return f"{signing_input}.{signature(signing_input, secret)}"

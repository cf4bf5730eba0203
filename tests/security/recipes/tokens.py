"""Builds the token that a recipe describes, byte for byte: no library in between that would refuse to build a bad one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from tests.security.recipes.errors import NotUnderstood
from tests.security.recipes.mutations import mutate
from tests.security.recipes.values import expand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.security.recipes.cast import Cast
    from tests.security.recipes.values import Scope

HMAC_DIGESTS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
KEY_PAIR_DIGESTS = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
# Written before the claims are known, so a raw segment stands in for the JSON that would be there.
RAW_FORMS = ("", "_hex", "_repeat", "_dup")
KNOWN_MEMBERS = {
    "alg",
    "signed_with",
    "header",
    "claims",
    "mutate",
    "via",
    "signed_request",
    "replay",
    "raw",
    "session",
} | {f"raw_{segment}{form}" for segment in ("header", "payload") for form in RAW_FORMS}


def encode_segment(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def decode_segment(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def to_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def build_token(recipe: Mapping[str, object], scope: Scope) -> str:
    """The token of a recipe that has claims or a literal one; raises NotUnderstood for a member it does not know."""
    for member in recipe:
        if member not in KNOWN_MEMBERS:
            raise NotUnderstood("member of a token", member)
    if "raw" in recipe:
        token = str(expand(recipe["raw"], scope))
    else:
        header = _segment("header", recipe.get("header", {"typ": "JWT", "alg": "HS256"}), recipe, scope)
        payload = _segment("payload", recipe.get("claims", {}), recipe, scope)
        signing_input = f"{encode_segment(header)}.{encode_segment(payload)}"
        token = f"{signing_input}.{encode_segment(_signature(signing_input.encode(), recipe, scope.cast))}"
    return apply_mutations(token, recipe, scope)


def apply_mutations(token: str, recipe: Mapping[str, object], scope: Scope) -> str:
    """The token after the recipe's `mutate`, in order. Bytes of a raw recipe are literal, so nothing expands in them."""
    operations = recipe.get("mutate", [])
    if not isinstance(operations, list):
        raise NotUnderstood("list of mutations", operations)
    for operation in operations:
        token = mutate(token, str(operation), scope)
    return token


def _segment(name: str, value: object, recipe: Mapping[str, object], scope: Scope) -> bytes:
    """The bytes of one segment: as JSON, or as the recipe's raw form of it says."""
    if (text := recipe.get(f"raw_{name}")) is not None:
        return str(expand(text, scope)).encode()
    if (digits := recipe.get(f"raw_{name}_hex")) is not None:
        return bytes.fromhex(str(digits))
    if (repeated := recipe.get(f"raw_{name}_repeat")) is not None:
        opening, count, closing = _list(repeated)
        return (str(opening) * int(str(count)) + str(closing) * int(str(count))).encode()
    expanded = expand(value, scope)
    if (doubled := recipe.get(f"raw_{name}_dup")) is not None:
        return _with_repeated_members(_mapping(expanded), _mapping(expand(doubled, scope)))
    return to_json(expanded)


def _with_repeated_members(members: Mapping[str, object], repeated: Mapping[str, object]) -> bytes:
    """JSON in which some names occur several times, where the first of them would have stood."""
    rows = [(name, value) for name, value in members.items() if name not in repeated]
    rows = [(name, value) for name, values in repeated.items() for value in _list(values)] + rows
    return b"{" + b",".join(to_json(name) + b":" + to_json(value) for name, value in rows) + b"}"


def _signature(signing_input: bytes, recipe: Mapping[str, object], cast: Cast) -> bytes:
    signer = recipe.get("signed_with")
    algorithm = str(recipe.get("alg", "HS256"))
    if signer is None or algorithm.lower() == "none":
        return b""
    if algorithm in HMAC_DIGESTS:
        return hmac.new(signing_key(str(signer), cast), signing_input, HMAC_DIGESTS[algorithm]).digest()
    return _key_pair_signature(algorithm, signing_input, cast)


def signing_key(signer: str, cast: Cast) -> bytes:
    """The HMAC key that a recipe names; raises NotUnderstood."""
    if signer == "empty":
        return b""
    kind, _, text = signer.partition(":")
    if kind == "literal":
        return text.encode()
    if kind == "rsa":
        # HMAC with the public key of a pair: the classic confusion of algorithms.
        return cast.rsa_public_pem
    return cast.secret(signer).encode()


def _key_pair_signature(algorithm: str, signing_input: bytes, cast: Cast) -> bytes:
    family, size = algorithm[:2], algorithm[2:]
    if size not in KEY_PAIR_DIGESTS:
        raise NotUnderstood("algorithm", algorithm)
    digest = KEY_PAIR_DIGESTS[size]()
    if family == "RS":
        return cast.rsa_key.sign(signing_input, padding.PKCS1v15(), digest)
    if family == "PS":
        return cast.rsa_key.sign(signing_input, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    if family == "ES":
        return cast.elliptic_key.sign(signing_input, ec.ECDSA(digest))
    raise NotUnderstood("algorithm", algorithm)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise NotUnderstood("list", value)
    return value


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise NotUnderstood("object", value)
    return value

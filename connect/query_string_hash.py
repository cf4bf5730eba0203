"""The query string hash (`qsh`): what of a request a Connect token covers, and its SHA-256.

The recipe is Atlassian's, checked against three values inside captured Bitbucket tokens and two published libraries:
`METHOD & path & query`, the path verbatim without the app's base path, the query decoded, sorted and encoded again.
The body is never covered.
"""

# https://developer.atlassian.com/cloud/bitbucket/query-string-hash/

from functools import lru_cache
from hashlib import sha256
from typing import Final
from urllib.parse import quote, unquote_plus


def query_string_hash(method: str, target: str, *, base_path: str = "") -> str:
    """The `qsh` of a request: 64 lower-case hexadecimal digits. See `canonical_request` for the arguments."""
    return sha256(canonical_request(method, target, base_path=base_path).encode("utf-8", "surrogatepass")).hexdigest()


def canonical_request(method: str, target: str, *, base_path: str = "") -> str:
    """The text that is hashed for a request. Never raises, whatever the target holds.

    `target` is the request target as it stood in the request line, `path[?query]`, still percent-encoded; an absolute
    address is understood too, and its scheme and host are dropped. `base_path` is the path of the descriptor's
    `baseUrl` (inbound) or "" (outbound): it is taken off the front as whole segments.
    """
    path, _, query = _origin_form(target).partition("#")[0].partition("?")
    return f"{method.upper()}&{_canonical_path(path, base_path)}&{_canonical_query(query)}"


@lru_cache(maxsize=16)
def decoded_parameters(query: str) -> tuple[tuple[str, str], ...]:
    """The names and values of a query as they are hashed, in its order: whoever uses a value reads it as the signature does.

    A name without a value has an empty one. Never raises; what is no UTF-8 becomes U+FFFD. Kept for a moment: a request is hashed, and
    then read.
    """
    pairs = (parameter.partition("=") for parameter in query.split("&") if parameter)
    return tuple([(_decode(name), _decode(value)) for name, _, value in pairs])


def _origin_form(target: str) -> str:
    """`target` from its path on. RFC 9112 lets a request line hold an absolute address."""
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() not in {"http", "https"}:
        return target
    ends = [position for position in map(rest.find, "/?#") if position >= 0]
    return rest[min(ends) :] if ends else ""


def _canonical_path(path: str, base_path: str) -> str:
    """The path without base path and outer slashes; nothing is decoded, so `%2F` and `%2f` stay different."""
    base = "/" + base_path.strip("/")
    if base != "/" and (path == base or path.startswith(base + "/")):
        path = path[len(base) :]
    return "/" + path.strip("/").replace("&", "%26")


def _canonical_query(query: str) -> str:
    pairs = [(_encode(name), value) for name, value in decoded_parameters(query) if name != "jwt"]
    # Values are sorted decoded and names encoded: so does Atlassian's library, and its comment says that the platform
    # sorts values the same way (JWT-20).
    pairs.sort()
    values = dict(pairs)
    if len(values) == len(pairs):
        return "&".join([f"{name}={_encode(value)}" for name, value in pairs])
    of_names: dict[str, list[str]] = {}
    for name, value in pairs:
        of_names.setdefault(name, []).append(_encode(value))
    return "&".join([f"{name}={','.join(of_name)}" for name, of_name in of_names.items()])


_SHORT_LENGTH: Final = 64
"""Names and UUIDs, which come again and again. What is longer is not kept: memory belongs to no sender."""


def _decode(text: str) -> str:
    if "%" not in text and "+" not in text:
        return text
    return _decode_short(text) if len(text) <= _SHORT_LENGTH else unquote_plus(text)


def _encode(text: str) -> str:
    return _encode_short(text) if len(text) <= _SHORT_LENGTH else _quote(text)


def _quote(text: str) -> str:
    return quote(text, safe="~", errors="surrogatepass")


_decode_short = lru_cache(maxsize=4096)(unquote_plus)
_encode_short = lru_cache(maxsize=4096)(_quote)

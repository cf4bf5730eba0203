"""How Bitbucket names things: UUIDs in their one canonical spelling, client keys and app keys."""

import re

from connect.errors import IdentifierInvalid

_UUID = re.compile(
    r"(?P<open>\{|%7b)?(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?P<close>\}|%7d)?",
    re.ASCII | re.IGNORECASE,
)
_PAIRS = {(None, None), ("{", "}"), ("%7b", "%7d")}

# `ari:cloud:bitbucket::app/{uuid}/key`, `connection:123`. The set of other shapes is open, so this only keeps out
# what no key needs and some consumer could stumble over: quotes, spaces, control characters, dot segments.
_CLIENT_KEY = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9:_{}./%@~+-]{0,254}", re.ASCII)

_APP_CLIENT_KEY = re.compile(r"ari:cloud:bitbucket::app/([^/]+)/.+", re.ASCII)

MAX_CLIENT_KEY_LENGTH = 255
"""Longest `clientKey` that is accepted, in characters."""


def canonical_uuid(text: object) -> str:
    """The UUID in `text` as Bitbucket writes it: lower case, in braces.

    Understood are the spellings that Bitbucket and browsers send: with braces, without (as in an `actor`), with the
    braces percent-encoded, in any case. Raises `IdentifierInvalid` for everything else, whatever its type.
    """
    match = _UUID.fullmatch(text) if isinstance(text, str) else None
    if match is None or (_lower(match["open"]), _lower(match["close"])) not in _PAIRS:
        raise IdentifierInvalid("a UUID such as {01234567-89ab-cdef-0123-456789abcdef} is expected")
    return "{" + match["uuid"].lower() + "}"


def is_client_key(text: object) -> bool:
    """Whether `text` can be a `clientKey`: up to 255 printable ASCII characters, no quote, space or dot segment."""
    return isinstance(text, str) and _CLIENT_KEY.fullmatch(text) is not None


def uuid_within_client_key(client_key: str) -> str | None:
    """The canonical UUID that an `ari:` client key embeds: the workspace's or user's. None where it embeds none."""
    match = _APP_CLIENT_KEY.fullmatch(client_key)
    if match is None:
        return None
    try:
        return canonical_uuid(match[1])
    except IdentifierInvalid:
        return None


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()

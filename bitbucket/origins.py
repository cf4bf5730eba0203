"""Addresses as they travel: scheme, host and port (what "the pinned host" means), and the spelling that is sent."""

import re
from typing import Final
from urllib.parse import quote, urlsplit

from bitbucket.errors import ForeignHost

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_TRIPLET: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_BARE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ORIGIN_PART: Final = re.compile(r"[^/?#]*//[^/?#]*")
# What RFC 3986 allows in a path and a query, and the percent sign of what is encoded already.
_SENT_AS_THEY_ARE: Final = ":/?@!$&'()*+,;=-._~%"


def origin_of(url: str) -> str:
    """`scheme://host:port` of an absolute http or https URL, with the port always given.

    Raises ForeignHost for anything else, and for addresses whose reading differs between programs: with user information,
    a backslash, whitespace or control characters.
    """
    if "\\" in url or any(character <= " " or character == "\x7f" for character in url):
        raise ForeignHost("The address holds a character that no address holds.", url=url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ForeignHost("The address cannot be read.", url=url) from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        raise ForeignHost("The address is not a plain http or https URL.", url=url)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port or _DEFAULT_PORTS[parts.scheme]}"


def as_sent(url: str) -> str:
    """The URL as it goes over the wire: what no URL may hold is encoded, what is encoded already stays so, in upper case.

    A link of Bitbucket's may hold bare braces. An HTTP client encodes them while sending, and a token over the other spelling
    would not verify; so the spelling is settled before the request is signed. A fragment and an empty query are not sent.
    """
    url = url.partition("#")[0]
    origin = _ORIGIN_PART.match(url)
    start = origin.end() if origin else 0
    encoded = quote(_BARE_PERCENT.sub("%25", url[start:]), safe=_SENT_AS_THEY_ARE)
    path, _, query = encoded.partition("?")
    encoded = f"{path}?{query}" if query else path
    return url[:start] + _TRIPLET.sub(lambda triplet: triplet[0].upper(), encoded)

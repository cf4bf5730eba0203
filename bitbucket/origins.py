"""Scheme, host and port of an address: what "the pinned host" means."""

from urllib.parse import urlsplit

from bitbucket.errors import ForeignHost

_DEFAULT_PORTS = {"https": 443, "http": 80}


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

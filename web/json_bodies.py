"""The raw body of a call that Bitbucket sends: JSON, not compressed, at most one mebibyte."""

import re
from typing import Final

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from connect.errors import PayloadInvalid, Reason
from web import at_hand

MAX_BODY_BYTES: Final = 1024 * 1024
# What the framework reads at most. One byte more than is allowed, because it cuts a body without a length there in silence.
MAX_READ_BYTES: Final = MAX_BODY_BYTES + 1

_LENGTH = re.compile(r"[0-9]{1,7}", re.ASCII)
_CHUNKED: Final = "HTTP_TRANSFER_ENCODING"


def check_body() -> None:
    """Refuse what the headers alone condemn, before a byte is read: 413 past the cap, 400 for none, 415 for another type."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    if request.content_length == 0:
        raise PayloadInvalid(Reason.INPUT_JSON, "a JSON object is expected")
    if request.mimetype != "application/json" or request.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType


def plain_length() -> int | None:
    """Return the length of a body that there is nothing to say against, by its headers; None where Flask has to look."""
    environ = at_hand.current().environ
    length = environ.get("CONTENT_LENGTH") or ""
    if not _LENGTH.fullmatch(length) or not 0 < int(length) <= MAX_BODY_BYTES:
        return None
    is_plain = environ.get("HTTP_CONTENT_ENCODING", "identity") == "identity" and _CHUNKED not in environ
    media_type = environ.get("CONTENT_TYPE", "").partition(";")[0].strip()
    return int(length) if is_plain and media_type == "application/json" else None


def read_body() -> bytes:
    """Return the body. Raises as ``check_body``; a body without a declared length is counted while it is read."""
    check_body()
    return read_checked_body()


def read_checked_body() -> bytes:
    """Return the body of a request whose headers were checked. Raises RequestEntityTooLarge."""
    body = request.get_data(cache=False)
    if len(body) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    return body

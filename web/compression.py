"""Pages sent compressed where the browser takes that. Static files are compressed once, when they are read.

A page repeats nothing that came in its address, and the token in it is another one each time: what its compressed size
tells an eavesdropper is of no use (the attack called BREACH needs both).
"""

import gzip
from typing import Final

from flask import Flask, Response, request

PAGE_TYPE: Final = "text/html"
LEAST_BYTES: Final = 1400
"""Less than this travels in one packet either way."""

LEVEL: Final = 6


def install(app: Flask) -> None:
    """Compress the pages of an application."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    headers = response.headers
    if (
        not headers.get("Content-Type", "").startswith(PAGE_TYPE)
        or response.is_streamed
        or "Content-Encoding" in headers
    ):
        return response
    headers.add("Vary", "Accept-Encoding")
    if "HTTP_ACCEPT_ENCODING" not in request.environ or request.accept_encodings.quality("gzip") <= 0:
        return response
    page = response.get_data()
    if len(page) >= LEAST_BYTES:
        response.set_data(gzip.compress(page, LEVEL, mtime=0))
        headers["Content-Encoding"] = "gzip"
    return response

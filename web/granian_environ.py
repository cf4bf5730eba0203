"""What granian leaves out of a request's environment, what it puts in too much, and in whose name it answers.

Its WSGI interface hands on the path decoded and no raw target. The target is spelled anew from what is served: a signature is
then checked against the very path that is routed. Every character that needs no escape stays itself, as in all our addresses.
It hands on all variables of the process, our keys among them: what is no part of a request is taken out before anybody sees it.
"""

import os
import re
from collections import deque
from collections.abc import Iterable
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SERVER: Final = "Granian"
OUR_NAME: Final = ("Server", "bittern")

_NOTHING: Final = repeat(None)
_PLAIN: Final = re.compile(r"[A-Za-z0-9/._~-]*")
"""A path without anything that could need an escape, as nearly all of ours."""


class GranianEnviron:
    """WSGI middleware: mends what granian says of a request. Other servers are left alone."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application
        self._variables = tuple(os.environ)  # a dozen or many: they are taken out without a step of Python's for each

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        if environ.get("SERVER_SOFTWARE") != SERVER:
            return self._application(environ, start_response)
        deque(map(environ.pop, self._variables, _NOTHING), maxlen=0)
        query = environ.get("QUERY_STRING")
        path = environ.get("PATH_INFO", "")
        if not _PLAIN.fullmatch(path):
            # As WSGI has it, each character of the path stands for a byte.
            path = quote(path.encode("latin-1"), safe="/~!$&'()*+,;=:@")
        environ["RAW_URI"] = f"{path}?{query}" if query else path

        def start_in_our_name(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:  # noqa: ANN401 - WSGI's own
            return start_response(status, [*headers, OUR_NAME], *error)

        return self._application(environ, start_in_our_name)

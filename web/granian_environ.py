"""What granian leaves out of a request's environment, and what it puts in too much.

Its WSGI interface hands on the path decoded and no raw target. The target is spelled anew from what is served: a signature is
then checked against the very path that is routed. Every character that needs no escape stays itself, as in all our addresses.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SERVER: Final = "Granian"


class GranianEnviron:
    """WSGI middleware: adds the raw request target where granian serves. Other servers say it themselves."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        if environ.get("SERVER_SOFTWARE") == SERVER:
            query = environ.get("QUERY_STRING")
            path = quote(environ.get("PATH_INFO", ""), safe="/~!$&'()*+,;=:@")
            environ["RAW_URI"] = f"{path}?{query}" if query else path
        return self._application(environ, start_response)

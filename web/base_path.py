"""The path under which the public sees us, whether the proxy in front takes it away or leaves it there."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class BasePath:
    """WSGI middleware: routes are matched without the base path, addresses are made with it.

    The raw request target stays as it came; the signature's hash takes the base path off by itself.
    """

    def __init__(self, application: "WSGIApplication", *, base_path: str) -> None:
        self._application = application
        self._base_path = base_path

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        if self._base_path:
            path = environ.get("PATH_INFO", "")
            if path == self._base_path or path.startswith(f"{self._base_path}/"):
                environ["PATH_INFO"] = path[len(self._base_path) :] or "/"
            environ["SCRIPT_NAME"] = self._base_path
        return self._application(environ, start_response)

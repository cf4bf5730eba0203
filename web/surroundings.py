"""What every request goes through before it comes to Flask, and every answer after it: put together here, from the inside out."""

from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from settings import Settings
from web.base_path import BasePath
from web.granian_environ import GranianEnviron
from web.quick_pages import QuickPages
from web.request_context import RequestContext
from web.security_headers import SecurityHeaders

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def surrounded(app: Flask, settings: Settings) -> "WSGIApplication":
    """Return Flask's application within all of it."""
    application: WSGIApplication = QuickPages(app.wsgi_app, app)
    headers = SecurityHeaders(settings)
    application = RequestContext(application, extensions=app.extensions, security_headers=headers)
    if settings.proxy_hops:
        application = ProxyFix(application, x_for=settings.proxy_hops, x_proto=0, x_host=0, x_port=0, x_prefix=0)
    return GranianEnviron(BasePath(application, base_path=settings.base_path))

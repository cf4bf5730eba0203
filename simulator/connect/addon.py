"""`/2.0/addon`: an installed app updates or removes its own installation (connect-protocol.md 3.6, openapi.json).

Only a Connect token will do: no credential is 401, any other is 403.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from simulator.connect.errors import CallbackFailed, DescriptorRefused, InstallRefused
from simulator.rest.errors import ApiError
from simulator.rest.registration import raw_target

if TYPE_CHECKING:
    from simulator.connect.authentication import AppAuthenticator
    from simulator.connect.descriptor import Descriptor
    from simulator.connect.descriptor_source import DescriptorSource
    from simulator.connect.installations import Installation, Installations
    from simulator.connect.lifecycle import Lifecycle


class AddonResource:
    """PUT and DELETE of the calling app's own installation."""

    def __init__(
        self,
        installations: Installations,
        *,
        lifecycle: Lifecycle,
        source: DescriptorSource,
        authenticator: AppAuthenticator,
    ) -> None:
        self._installations = installations
        self._lifecycle = lifecycle
        self._source = source
        self._authenticator = authenticator

    def register(self, app: Flask) -> None:
        """Serve it on `app`."""
        app.add_url_rule("/2.0/addon", "addon", self._answer, methods=["PUT", "DELETE"], strict_slashes=False)

    def _answer(self) -> Response:
        try:
            installation = self._caller()
            if request.method == "DELETE":
                self._lifecycle.uninstall(installation.client_key)
            else:
                self._update(installation)
        except ApiError as error:
            return Response(
                json.dumps(error.body()), error.status, headers=error.headers, content_type="application/json"
            )
        return Response(status=204)

    def _caller(self) -> Installation:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            raise ApiError(401, "This endpoint requires authentication.")
        target = raw_target()
        found = self._authenticator.installation(token.strip(), method=request.method, target=target)
        if scheme != "JWT" or found is None:
            raise ApiError(403, "This endpoint requires the JWT of an installed app.")
        return found

    def _update(self, installation: Installation) -> None:
        try:
            descriptor = self._wanted_descriptor(installation)
            self._lifecycle.update(installation, descriptor)
        except DescriptorRefused as error:
            raise ApiError(400, error.message, fields={"descriptor": list(error.problems)}) from error
        except (InstallRefused, CallbackFailed) as error:
            raise ApiError(400, error.message) from error

    def _wanted_descriptor(self, installation: Installation) -> Descriptor:
        """What the body asks for: `{}` reads the known address again, `descriptor` is the thing itself.

        A `descriptor_url` must be exactly the registered one.
        """
        body = request.get_json(force=True, silent=True) if request.get_data() else {}
        if not isinstance(body, dict):
            raise ApiError(400, "The body must be a JSON object.")
        if "descriptor" in body:
            return self._source.check(body["descriptor"])
        registered = self._installations.registered(installation.app_key)
        known = registered.descriptor_url if registered and registered.descriptor_url else installation.descriptor_url
        url = body.get("descriptor_url", known)
        if url != known or not isinstance(url, str):
            raise ApiError(400, "The descriptor_url does not match the registration of the app.")
        return self._source.fetch(url)

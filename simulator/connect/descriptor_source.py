"""Fetches descriptors from where apps serve them."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from simulator.connect.descriptor import Descriptor, is_loopback
from simulator.connect.errors import DescriptorRefused, Unanswered

if TYPE_CHECKING:
    from simulator.connect.outgoing import Outgoing
    from simulator.connect.settings import ConnectSettings

_TIMEOUT_SECONDS = 10.0
_REDIRECTS = 5
_HEADERS = {"User-Agent": "python-requests/2.22.0", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}


class DescriptorSource:
    """Fetches a descriptor and checks it."""

    def __init__(self, outgoing: Outgoing, *, settings: ConnectSettings) -> None:
        self._outgoing = outgoing
        self._settings = settings

    def fetch(self, url: str) -> Descriptor:
        """The descriptor at `url`; raises DescriptorRefused with a sentence for each thing that is wrong."""
        _check_address(url)
        try:
            answer = self._outgoing.send(
                "GET", url, headers=_HEADERS, timeout_seconds=_TIMEOUT_SECONDS, redirects=_REDIRECTS
            )
        except Unanswered as error:
            raise DescriptorRefused([f"The descriptor could not be fetched: {error.message}"]) from error
        if answer.status != HTTPStatus.OK:
            raise DescriptorRefused([f"The descriptor could not be fetched: {url} answered {answer.status}."])
        try:
            document = json.loads(answer.body)
        except ValueError as error:
            raise DescriptorRefused([f"What {url} answered is not JSON: {error}."]) from error
        return self.check(document)

    def check(self, document: object) -> Descriptor:
        """A descriptor that came some other way; raises DescriptorRefused."""
        return Descriptor.from_document(
            document, refuses_webhooks_without_scope=self._settings.refuses_webhooks_without_scope
        )


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise DescriptorRefused([f'"{url}" is not the address of a descriptor.'])
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise DescriptorRefused([f'The descriptor\'s address "{url}" must use https.'])

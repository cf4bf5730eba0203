"""The installation's own two calls."""

from __future__ import annotations

import json

import pytest

from bitbucket import addon
from bitbucket.errors import BadRequest
from bitbucket.messages import Response
from tests.bitbucket.cast import API
from tests.bitbucket.fake_transport import FakeTransport, json_answer


def test_it_is_updated_from_the_descriptor_address(client_over):
    transport = FakeTransport(Response(204))
    addon.update_addon(client_over(transport))
    assert (transport.last.method, transport.last.url, transport.last.body) == ("PUT", f"{API}/2.0/addon", b"{}")


def test_it_is_updated_with_a_descriptor(client_over):
    transport = FakeTransport(Response(204))
    addon.update_addon(client_over(transport), {"key": "bittern"})
    assert json.loads(transport.last.body) == {"key": "bittern"}


def test_what_bitbucket_has_against_a_descriptor_is_told(client_over):
    answer = json_answer({"type": "error", "error": {"message": "Scopes cannot be increased"}}, status=400)
    with pytest.raises(BadRequest, match="Scopes cannot be increased"):
        addon.update_addon(client_over(FakeTransport(answer)), {"key": "bittern"})


def test_it_can_be_removed(client_over):
    transport = FakeTransport(Response(204))
    addon.delete_addon(client_over(transport))
    assert (transport.last.method, transport.paths) == ("DELETE", ["/2.0/addon"])

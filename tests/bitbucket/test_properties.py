"""Application properties."""

from __future__ import annotations

import json

import pytest

from bitbucket import properties
from bitbucket.messages import Response
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE, REPOSITORY_PATH
from tests.bitbucket.fake_transport import FakeTransport, json_answer

WHERE = (ALICES_WORKSPACE, ALICES_REPOSITORY)


BOB = "{bbbbbbbb-0000-4000-8000-0000000000e1}"


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (properties.property_of_repository(*WHERE, app_key="bittern", name="state"), REPOSITORY_PATH),
        (
            properties.property_of_commit(*WHERE, "a" * 40, app_key="bittern", name="state"),
            f"{REPOSITORY_PATH}/commit/{'a' * 40}",
        ),
        (
            properties.property_of_pull_request(*WHERE, 7, app_key="bittern", name="state"),
            f"{REPOSITORY_PATH}/pullrequests/7",
        ),
        (
            properties.property_of_user(BOB, app_key="bittern", name="state"),
            "/2.0/users/%7Bbbbbbbbb-0000-4000-8000-0000000000e1%7D",
        ),
    ],
)
def test_they_hang_on_four_kinds_of_things(address, path):
    assert address == f"{path}/properties/bittern/state"


def test_one_is_written_read_and_deleted(client_over):
    address = properties.property_of_repository(*WHERE, app_key="bittern", name="state")
    transport = FakeTransport(Response(204), json_answer({"seen": 3}), Response(204))
    client = client_over(transport)
    properties.write_property(client, address, {"seen": 3}, attributes=("public", "read_only"))
    assert json.loads(transport.last.body) == {"seen": 3, "_attributes": ["public", "read_only"]}
    assert properties.read_property(client, address) == {"seen": 3}
    properties.delete_property(client, address)
    assert [request.method for request in transport.requests] == ["PUT", "GET", "DELETE"]


def test_one_without_attributes_has_none(client_over):
    transport = FakeTransport(Response(204))
    properties.write_property(client_over(transport), "/2.0/x", {"seen": 3})
    assert transport.last.body == b'{"seen":3}'


@pytest.mark.parametrize("name", ["", "a b", "a/b", "ä", "a.b", "a\n"])
def test_a_name_that_bitbucket_would_refuse_is_not_sent(name):
    with pytest.raises(ValueError, match="name of a property"):
        properties.property_of_repository(*WHERE, app_key="bittern", name=name)

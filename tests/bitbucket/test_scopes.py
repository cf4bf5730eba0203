"""What each operation says that it needs, against what Atlassian says."""

from __future__ import annotations

import inspect
import pkgutil
import re
from importlib import import_module

import pytest

import bitbucket
from bitbucket.client import BitbucketClient
from bitbucket.commits import BuildStatus
from bitbucket.errors import BitbucketError
from bitbucket.merges import MergeTask
from bitbucket.messages import Response
from bitbucket.operation_table import operations
from bitbucket.scopes import needs, scopes_of
from tests.bitbucket.cast import API, NOW
from tests.bitbucket.fake_transport import FakeTransport

UUID = "{aaaaaaaa-0000-4000-8000-0000000000a1}"
# By the name of the parameter; whatever else is asked for is called "main".
ARGUMENTS = {
    "address": "/2.0/users/x/properties/bittern/state",
    "attributes": (),
    "auto_add": False,
    "comment_id": 1,
    "depth": 1,
    "issue_id": 1,
    "members": {},
    "permission": "read",
    "privilege": "read",
    "pull_request_id": 1,
    "repository": UUID,
    "repository_uuid": UUID,
    "sink": [].append,
    "status": BuildStatus(key="ci", state="FAILED"),
    "task": MergeTask(task_id="1"),
    "user_uuid": UUID,
    "value": {},
    "workspace_uuid": UUID,
}
# The folder without a name is no operation of its own in the description.
MORE_ARGUMENTS = {"bitbucket.source.listing": {"folder": "docs"}}
# Declared on top of what the description says, each with its reason in bitbucket/scopes.py.
DECLARED_ANYWAY = {"bitbucket.workspaces.workspace": {"account"}, "bitbucket.users.user": {"account"}}
# One operation of ours that makes two of theirs, by the scopes of both.
COMPOSED = {"bitbucket.repositories.my_repositories"}


def declared_operations():
    for found in pkgutil.iter_modules(bitbucket.__path__, "bitbucket."):
        for _, member in inspect.getmembers(import_module(found.name), inspect.isfunction):
            if hasattr(member, "scopes") and member.__module__ == found.name:
                yield member


EVERY_OPERATION = sorted(declared_operations(), key=lambda one: (one.__module__, one.__name__))


def name_of(one):
    return f"{one.__module__}.{one.__name__}"


def call_made_by(one):
    """Method and path of the request that an operation makes first."""
    transport = FakeTransport(Response(200, body=b'{"values": []}'), repeat=True)
    client = BitbucketClient(transport, credential=Nobody(), api_url=API, now=lambda: NOW)
    signature = inspect.signature(one)
    needed = [parameter for parameter in signature.parameters.values() if parameter.default is parameter.empty]
    named = {
        parameter.name: ARGUMENTS.get(parameter.name, "main") for parameter in needed if parameter.name != "client"
    }
    try:
        outcome = one(client, **named, **MORE_ARGUMENTS.get(name_of(one), {}))
        if inspect.isgenerator(outcome):
            next(outcome, None)
    except BitbucketError:
        pass  # the answer is nonsense; the request is what counts
    return transport.requests[0].method, transport.paths[0]


class Nobody:
    def authorize(self, request, *, deadline_seconds):
        return request

    def renew(self, refused):
        return False


def described(method, path):
    for one in operations():
        pattern = re.sub(r"\\\{path\\\}", ".+", re.escape(f"/2.0{one.template}"))
        pattern = re.sub(r"\\\{[^/]+?\\\}", "[^/]+", pattern)
        if one.method == method and re.fullmatch(pattern, path.rstrip("/")):
            return one
    return None


def test_there_are_operations():
    assert len(EVERY_OPERATION) > 50


@pytest.mark.parametrize("one", EVERY_OPERATION, ids=name_of)
def test_each_declares_what_the_description_asks_for(one):
    method, path = call_made_by(one)
    if path.startswith("/1.0/"):
        assert one.scopes
        return
    theirs = described(method, path)
    assert theirs is not None, f"{method} {path} is no operation of REST 2.0"
    expected = set(theirs.scopes) | DECLARED_ANYWAY.get(name_of(one), set())
    assert (one.scopes >= expected) if name_of(one) in COMPOSED else (one.scopes == expected)


def test_scopes_add_up():
    @needs("issue", "account")
    def one(): ...

    @needs("account")
    def other(): ...

    assert scopes_of([one, other]) == {"issue", "account"}
    assert scopes_of([]) == frozenset()


def test_an_operation_that_declares_none_is_a_mistake():
    with pytest.raises(AttributeError):
        scopes_of([lambda client: None])

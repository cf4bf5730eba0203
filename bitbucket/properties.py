"""Application properties: JSON objects that an app hangs on a repository, a commit, a pull request or a user.

Not for secrets and not for personal data. An app has 2,000 calls an hour for them. `attributes` are `public` and `read_only`.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from bitbucket.client import BitbucketClient, Payload
from bitbucket.paths import Exact, path
from bitbucket.scopes import needs

_NAME: Final = re.compile(r"[-_a-zA-Z0-9]+", re.ASCII)


def property_of_repository(workspace: str, repository: str, *, app_key: str, name: str) -> str:
    """The address of a property of a repository."""
    return _address(path("repositories", workspace, repository), app_key, name)


def property_of_commit(workspace: str, repository: str, commit: str, *, app_key: str, name: str) -> str:
    """The address of a property of a commit."""
    return _address(path("repositories", workspace, repository, "commit", Exact(commit)), app_key, name)


def property_of_pull_request(workspace: str, repository: str, number: int, *, app_key: str, name: str) -> str:
    """The address of a property of a pull request."""
    return _address(path("repositories", workspace, repository, "pullrequests", number), app_key, name)


def property_of_user(user: str, *, app_key: str, name: str) -> str:
    """The address of a property of a user."""
    return _address(path("users", user), app_key, name)


@needs()
def read_property(client: BitbucketClient, address: str) -> dict[str, Any]:
    """The object at one of the addresses above. Raises NotFound where there is none."""
    return client.get(address, dict[str, Any])


@needs()
def write_property(
    client: BitbucketClient, address: str, value: Mapping[str, object], *, attributes: tuple[str, ...] = ()
) -> None:
    """Put an object there, whether one was there or not. Only the app itself may, with its Connect token."""
    body = {**value, "_attributes": list(attributes)} if attributes else dict(value)
    client.request("PUT", address, payload=Payload.as_json(body))


@needs()
def delete_property(client: BitbucketClient, address: str) -> None:
    """Take the object away."""
    client.delete(address)


def _address(root: str, app_key: str, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of a property.")
    return path("properties", Exact(app_key), Exact(name), root=root)

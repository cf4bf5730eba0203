"""The installation itself, as the app sees it. Only a Connect token is good for these calls: no bearer, no user."""

from collections.abc import Mapping

from bitbucket.client import BitbucketClient, Payload
from bitbucket.paths import path
from bitbucket.scopes import needs


@needs()
def update_addon(client: BitbucketClient, descriptor: Mapping[str, object] | None = None) -> None:
    """Have Bitbucket read our descriptor again for this installation, or take the one given here.

    It cannot widen the scopes, leave none, or move the descriptor. Raises BadRequest with Bitbucket's complaint.
    """
    client.request("PUT", path("addon"), payload=Payload.as_json(descriptor or {}))


@needs()
def delete_addon(client: BitbucketClient) -> None:
    """Remove this installation from its workspace, as if a user had; the uninstalled call follows."""
    client.delete(path("addon"))

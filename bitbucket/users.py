"""Users, known by UUID or Atlassian account id and never by name."""

from typing import Final

from bitbucket.client import BitbucketClient
from bitbucket.errors import ForeignObject
from bitbucket.partial_response import only
from bitbucket.paths import canonical_uuid, is_other_uuid, path
from bitbucket.resources import User
from bitbucket.scopes import needs

USER_FIELDS: Final = ("uuid", "type", "account_id", "display_name", "nickname", "links.avatar.href")


@needs("account")
def user(client: BitbucketClient, user_uuid: str) -> User:
    """A user by UUID; right after a rename as well. Raises ForeignObject when the answer is about another one."""
    found = client.get(path("users", canonical_uuid(user_uuid)), User, fields=only(*USER_FIELDS, "links.html.href"))
    if is_other_uuid(found.uuid, user_uuid):
        raise ForeignObject("The answer is about another user.")
    return found

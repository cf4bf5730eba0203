"""Who administers a workspace: asked of Bitbucket, remembered for as long as Atlassian allows, and no when nobody can tell."""

from datetime import timedelta
from typing import Final

from flask import current_app

from bitbucket.deadline import Deadline
from bitbucket.workspaces import permission_of
from web import services
from web.authentication import Caller
from web.panels.live.cache import CACHE, AnswerCache, Key

ADMINISTRATOR: Final = "owner"
"""What Bitbucket calls an administrator of a workspace."""

REMEMBERED_FOR: Final = timedelta(minutes=15)
"""Atlassian's limit for remembering what a viewer may do."""

ANEW: Final = timedelta(0)
"""For what cannot be undone: the answer of a moment ago will not do."""

_ALL_REPOSITORIES: Final = ""


def is_administrator(
    caller: Caller, user_uuid: str | None, *, deadline: Deadline, young_for: timedelta = REMEMBERED_FOR
) -> bool:
    """Return whether somebody administers the installation's workspace. Raises BitbucketError where that cannot be asked."""
    workspace = caller.installation.principal_uuid
    if user_uuid is None:
        return False
    if user_uuid == workspace:
        return True  # a personal account has one administrator: itself
    current = services.current()
    client = current.client(caller.client_key, caller.secret, deadline=deadline)
    cache: AnswerCache = current_app.extensions[CACHE]
    found, _ = cache.answer(
        Key(caller.installation.id, _ALL_REPOSITORIES, f"permission:{user_uuid}"),
        lambda: permission_of(client, workspace, user_uuid),
        young_for=young_for,
        now=current.now,
        wait_seconds=deadline.remaining_seconds(),
    )
    return found == ADMINISTRATOR

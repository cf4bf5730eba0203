"""Where a repository is: still the installation's, somewhere else, or nowhere. Asked when a call about it finds nothing.

What is gone is let go of at once, so that nobody works on it and nobody sees it; its history stays for a while, because what
Bitbucket does not show today it may show tomorrow.
"""

from typing import TYPE_CHECKING

import structlog

from bitbucket.errors import Forbidden, ForeignObject, Gone, NotFound
from bitbucket.paths import ANY_WORKSPACE, UUID_PATTERN, canonical_uuid
from bitbucket.repositories import repository as read_repository
from models import installations, repositories
from models.repositories import RepositoryFacts, RepositoryState
from sync.ending import end_work_on

if TYPE_CHECKING:
    from bitbucket.client import BitbucketClient
    from bitbucket.resources import Repository as RepositoryResource
    from models.installations import Installation
    from services import Services

log = structlog.get_logger()

NOT_THERE = (NotFound, Gone, Forbidden)
"""What Bitbucket says of what does not exist, was closed, or is not for the app's eyes: about a thing, or about all of its repository."""


def is_still_there(services: "Services", client: "BitbucketClient", installation: "Installation", uuid: str) -> bool:
    """Ask Bitbucket for a repository, and make our row say what it answers: where it is called otherwise, or gone.

    Raises BitbucketError where it does not answer.
    """
    observed_at = services.now()
    told, reason = _ask(client, installation, uuid)
    with services.redoable.begin() as session:
        row = installations.shared(session, installation.id)
        if row is None or not row.is_active:
            return False
        now = services.now()
        if told is not None and told.workspace_uuid == row.principal_uuid:
            repositories.record(session, row, told, as_of=observed_at, now=now)
            return True
        held = repositories.find(session, row, uuid)
        if held is not None:
            repositories.let_go(session, row, told or RepositoryFacts(uuid), as_of=observed_at, now=now)
            end_work_on(session, held, now=now)
            has_moved = told is not None
            log.warning("repository.gone", installation=row.id, repository=held.id, has_moved=has_moved, reason=reason)
    return False


def _ask(
    client: "BitbucketClient", installation: "Installation", uuid: str
) -> tuple[RepositoryFacts | None, str | None]:
    """What is told of the repository, wherever it is now; or, where it is nowhere, the reason of the last refusal."""
    reason = None
    for workspace in (installation.principal_uuid, ANY_WORKSPACE):
        try:
            found = read_repository(client, workspace, uuid)
            return facts_of(found, workspace_uuid=installation.principal_uuid), None
        except (*NOT_THERE, ForeignObject) as error:
            reason = error.reason
    return None, reason


def facts_of(told: "RepositoryResource", *, workspace_uuid: str) -> RepositoryFacts:
    """What an answer says of a repository. One that names no workspace was found in the one that was asked."""
    workspace = told.workspace.uuid if told.workspace is not None else None
    return RepositoryFacts(
        uuid=canonical_uuid(told.uuid or ""),
        workspace_uuid=canonical_uuid(workspace) if workspace and UUID_PATTERN.fullmatch(workspace) else workspace_uuid,
        slug=told.slug,
        name=told.name,
        full_name=told.full_name,
        is_private=told.is_private,
        main_branch=told.mainbranch.name if told.mainbranch is not None else None,
    )


def is_held(repository: "repositories.Repository | None") -> bool:
    """Whether there is a repository to work on."""
    return repository is not None and repository.state is RepositoryState.HELD

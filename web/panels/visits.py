"""A visit: who looks at which repository, proved.

Bitbucket signed the page's address for this viewer and this repository; our own page's token says the same for as long as
it lives. What is checked here besides is that the repository is the installation's.
"""

from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.orm import Session

import logs
from bitbucket import repositories as repository_calls
from bitbucket import resources
from bitbucket.deadline import Deadline
from bitbucket.errors import BitbucketError, Forbidden, ForeignObject, Gone, NotFound, Unauthorized
from bitbucket.paths import is_other_uuid
from connect.errors import IdentifierInvalid
from connect.identifiers import canonical_uuid
from connect.tokens import PageClaims
from models import installations, repositories
from models.repositories import Repository, RepositoryFacts
from web import at_hand, page_tokens, services
from web.authentication import Caller, active_installation, parameters
from web.errors import RequestRefused
from web.panels.live.cache import CACHE, AnswerCache, Key

log = structlog.get_logger()

ISSUES: Final = "issues"
"""What the issue tracker is called among the live tabs."""
# What is left of a deadline for verifying, rendering and sending.
RESERVED_SECONDS: Final = 0.3

FOREIGN_REPOSITORY: Final = "tenant.foreign_repo"
DENIED: Final = "perm.denied"


class NotCollected(Exception):  # noqa: N818 - named for what is the case
    """An administrator has deleted the repository's history and does not want it collected again."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One viewer before one repository of one installation. The rows are detached: read them, do not change them."""

    caller: Caller
    repository: Repository
    user_uuid: str | None
    deadline: Deadline

    def claims(self, *, purpose: str) -> PageClaims:
        """Return what a token for this visit's page says."""
        return PageClaims(self.caller.client_key, self.repository.uuid, self.user_uuid, purpose)


class NotHeld(Exception):  # noqa: N818 - named for what is the case
    """A repository that would have to be asked for."""


def begin(caller: Caller, *, may_ask: bool = True) -> Visit:
    """Return the visit that the signed address of this request is for. Unless it may ask, raises NotHeld for an unknown repository.

    Raises RequestRefused (404) for a repository that is not the installation's and for a private one without a
    viewer, NotCollected where an administrator wants nothing to be kept, BitbucketError where an unknown repository could not be asked for.
    """
    query = parameters()
    repository_uuid = canonical_uuid(query.get("repository"))
    return _visit(caller, repository_uuid=repository_uuid, user_uuid=_viewer(query.get("user")), may_ask=may_ask)


def resume(*, purpose: str, may_ask: bool = True) -> Visit:
    """Return the visit that the page token of this request is for. Raises as ``begin``, and TokenRefused."""
    return of_claims(page_tokens.claims_of_request(purpose=purpose), may_ask=may_ask)


def of_claims(claims: PageClaims, *, may_ask: bool = True) -> Visit:
    """Return the visit that a verified token of ours is for. Raises as ``begin``."""
    caller = active_installation(claims.client_key)
    if claims.repository_uuid is None:
        raise RequestRefused(404, FOREIGN_REPOSITORY)
    _check_named(claims.repository_uuid)
    return _visit(caller, repository_uuid=claims.repository_uuid, user_uuid=claims.user_uuid, may_ask=may_ask)


def note_trouble(caller: Caller, error: BitbucketError) -> None:
    """Say in the log what a call to Bitbucket came to, and remember a secret that is refused."""
    log.warning("panel.bitbucket_failed", reason=error.reason, error=str(error))
    if isinstance(error, Unauthorized):
        current = services.current()
        with current.hurried.begin() as session:
            installations.mark_credentials_refused(session, caller.installation, now=current.now())


def _visit(caller: Caller, *, repository_uuid: str, user_uuid: str | None, may_ask: bool) -> Visit:
    current = services.current()
    logs.add_context(repository=repository_uuid)
    deadline = current.deadline(max(current.settings.panel_deadline_seconds - RESERVED_SECONDS, 0.1))
    row = current.quick.repository(caller.installation, repository_uuid)
    is_stopped = current.quick.is_stopped(caller.installation, repository_uuid)
    if row is None and not is_stopped:
        if not may_ask:
            raise NotHeld
        row = _meet(caller, repository_uuid, deadline)
    _check_viewer(is_private=row.is_private if row else None, user_uuid=user_uuid)
    if row is None or is_stopped:
        raise NotCollected
    return Visit(caller, row, user_uuid, deadline)


def _meet(caller: Caller, repository_uuid: str, deadline: Deadline) -> Repository:
    """Ask Bitbucket for a repository that we do not know, in the installation's workspace, and record it."""
    current = services.current()
    workspace_uuid = caller.installation.principal_uuid
    client = current.client(caller.client_key, caller.secret, deadline=deadline)
    try:
        found = repository_calls.repository(client, workspace_uuid, repository_uuid)
    except (NotFound, Gone, Forbidden, ForeignObject) as error:
        raise RequestRefused(404, FOREIGN_REPOSITORY) from error
    told = found.workspace.uuid if found.workspace else None
    if told is None or is_other_uuid(told, workspace_uuid):
        raise RequestRefused(404, FOREIGN_REPOSITORY)
    if found.has_issues is False:
        answers: AnswerCache = at_hand.extensions()[CACHE]
        answers.note_absence(Key(caller.installation.id, repository_uuid, ISSUES), now=current.now())
    with current.hurried.begin() as session:
        return _record(session, caller, found, repository_uuid)


def _record(session: Session, caller: Caller, found: resources.Repository, uuid: str) -> Repository:
    now = services.current().now()
    row, _ = repositories.record(session, caller.installation, _facts(found, uuid), as_of=now, now=now)
    return row


def _facts(found: resources.Repository, uuid: str) -> RepositoryFacts:
    return RepositoryFacts(
        uuid=uuid,
        workspace_uuid=canonical_uuid(found.workspace.uuid) if found.workspace and found.workspace.uuid else None,
        slug=found.slug,
        name=found.name,
        full_name=found.full_name,
        is_private=found.is_private,
        main_branch=found.mainbranch.name if found.mainbranch else None,
    )


def _check_named(repository_uuid: str) -> None:
    """Refuse a request of our own page that names another repository than its token is for, in whatever spelling."""
    named = parameters().get("repository")
    try:
        if named is None or canonical_uuid(named) == repository_uuid:
            return
    except IdentifierInvalid:
        pass
    raise RequestRefused(404, FOREIGN_REPOSITORY)


def _viewer(text: str | None) -> str | None:
    """Return who looks. Nobody for a visitor who is not signed in, and for a placeholder that Bitbucket left as it was."""
    try:
        return canonical_uuid(text)
    except IdentifierInvalid:
        return None


def _check_viewer(*, is_private: bool | None, user_uuid: str | None) -> None:
    """Refuse to show a private repository to nobody in particular. What is not known to be public counts as private."""
    if is_private is not False and user_uuid is None:
        raise RequestRefused(404, DENIED)

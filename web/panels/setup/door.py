"""The door of the Setup pages: only administrators of the workspace come in, and only by an address or a form that is theirs.

Bitbucket signs the page's address for one viewer; a form of the page carries the page's own token in a hidden field, so that
it works without scripts, and never in an address. There are no cookies: what a browser sends by itself opens nothing.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import request

import logs
from connect.errors import IdentifierInvalid, Reason, TokenRefused
from connect.identifiers import canonical_uuid
from connect.tokens import PageClaims
from models import repositories
from models.repositories import Repository
from web import page_tokens, services
from web.authentication import Caller, active_installation, parameters
from web.errors import RequestRefused
from web.panels import administrators
from web.panels.visits import FOREIGN_REPOSITORY, RESERVED_SECONDS

PURPOSE: Final = "setup"
TOKEN_FIELD: Final = "page_token"  # noqa: S105 - the name of a field

NOT_ADMINISTRATOR: Final = "perm.not_admin"
FORGED: Final = "web.csrf"

_FORMS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
# A browser says where a form was sent from; from another site it is not ours. Those that say nothing have the token alone.
_OUR_OWN: Final = frozenset({None, "same-origin"})


class NotAdministrator(Exception):  # noqa: N818 - named for what is the case
    """The viewer is known and does not administer the workspace."""


@dataclass(frozen=True, slots=True)
class Administration:
    """An administrator before the settings of their workspace, or before those of one of its repositories. Rows are detached."""

    caller: Caller
    user_uuid: str
    repository: Repository | None = None

    def page_token(self) -> str:
        """Return a fresh token for the forms of the page."""
        uuid = self.repository.uuid if self.repository else None
        return page_tokens.issue(PageClaims(self.caller.client_key, uuid, self.user_uuid, PURPOSE))


def enter_by_address(caller: Caller, *, is_about_repository: bool) -> Administration:
    """Return the administration that the signed address of this request is for.

    Raises NotAdministrator, BitbucketError where nobody can tell, RequestRefused (404) for a repository that is not the
    installation's.
    """
    query = parameters()
    repository_uuid = canonical_uuid(query.get("repository")) if is_about_repository else None
    return _enter(caller, _account(query.get("user")), repository_uuid)


def enter_by_form(*, young_for: timedelta = administrators.REMEMBERED_FOR) -> Administration:
    """Return the administration that a form of our own page was sent for. Raises as ``enter_by_address``, and TokenRefused."""
    if request.mimetype not in _FORMS or request.headers.get("Sec-Fetch-Site") not in _OUR_OWN:
        raise RequestRefused(403, FORGED)
    tokens = request.form.getlist(TOKEN_FIELD)
    if not any(tokens):
        raise TokenRefused(Reason.AUTH_MISSING)
    if len(tokens) > 1:
        raise TokenRefused(Reason.AUTH_AMBIGUOUS)
    return _enter_by_claims(page_tokens.claims_of(tokens[0], purpose=PURPOSE), young_for=young_for)


def enter_by_header() -> Administration:
    """Return the administration that our own page's script asks for. Raises as ``enter_by_form``."""
    return _enter_by_claims(page_tokens.claims_of_request(purpose=PURPOSE))


def _enter_by_claims(claims: PageClaims, *, young_for: timedelta = administrators.REMEMBERED_FOR) -> Administration:
    caller = active_installation(claims.client_key)
    return _enter(caller, claims.user_uuid, claims.repository_uuid, young_for=young_for)


def _enter(
    caller: Caller,
    user_uuid: str | None,
    repository_uuid: str | None,
    *,
    young_for: timedelta = administrators.REMEMBERED_FOR,
) -> Administration:
    current = services.current()
    deadline = current.deadline(max(current.settings.panel_deadline_seconds - RESERVED_SECONDS, 0.1))
    if not administrators.is_administrator(caller, user_uuid, deadline=deadline, young_for=young_for):
        raise NotAdministrator
    assert user_uuid is not None  # noqa: S101 - tells the type checker: nobody administers nothing
    repository = None
    if repository_uuid is not None:
        logs.add_context(repository=repository_uuid)
        with current.readers() as session:
            repository = repositories.find(session, caller.installation, repository_uuid)
        if repository is None:
            raise RequestRefused(404, FOREIGN_REPOSITORY)
    return Administration(caller, user_uuid, repository)


def _account(text: str | None) -> str | None:
    try:
        return canonical_uuid(text)
    except IdentifierInvalid:
        return None

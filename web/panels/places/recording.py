"""Keeping what a page had to ask Bitbucket for, so that the next page need not."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flask import request

from bitbucket.client import BitbucketClient
from models import repositories
from models.history import refs
from models.history.refs import RefKind
from sync.history.projection import Projection
from sync.history.writing import writing
from web import services
from web.errors import RequestRefused
from web.panels.past import Past
from web.panels.visits import FOREIGN_REPOSITORY, Visit

POLL_HEADER: Final = "X-Refresh"
"""What our own script sends when nobody has clicked."""


def may_ask() -> bool:
    """Whether somebody has asked for this page: one that refreshes itself makes no call to Bitbucket."""
    return request.headers.get(POLL_HEADER) != "poll"


def client_of(visit: Visit) -> BitbucketClient:
    """A client for the calls of one page, which end with the page's deadline."""
    caller = visit.caller
    return services.current().client(caller.client_key, caller.secret, deadline=visit.deadline)


@contextmanager
def recording(past: Past) -> Iterator[Projection]:
    """Open the repository's history for writing, in a transaction of its own; afterwards ``past`` reads what was written.

    Raises RequestRefused (404) where the repository has gone meanwhile.
    """
    current, visit = services.current(), past.visit
    # A reader that stays open would keep what it has seen; on SQLite it would also keep the log from being cleared.
    past.session.rollback()
    with current.hurried.begin() as session:
        row = repositories.locked(session, visit.caller.installation, visit.repository.uuid)
        if row is None:
            raise RequestRefused(404, FOREIGN_REPOSITORY)
        with writing(session, row, now=current.now(), asks=False) as projection:
            yield projection


def main_tip(past: Past) -> str:
    """The newest commit of the main branch, so that a slash in its name is no matter; its name where we do not hold it."""
    name = past.repository.main_branch or "HEAD"
    row = refs.held(past.session, past.repository, RefKind.BRANCH, {name}).get(name)
    return (row.tip if row else None) or name

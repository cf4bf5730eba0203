"""A reader's wish to have a repository compared with Bitbucket: granted now and then, whoever asks."""

from datetime import timedelta
from typing import Final

from flask import current_app

from models import reconciles
from web import services
from web.panels import visits
from web.panels.cold_start import MEETINGS, Meetings
from web.panels.past import past_of

AT_MOST_EVERY: Final = timedelta(minutes=10)
"""So often a comparison is begun at a wish; each costs calls of the workspace's hour."""


def ask(*, purpose: str) -> bool:
    """Begin a comparison of the repository that this request's page token is for. False where one was begun a moment ago."""
    visit = visits.resume(purpose=purpose)
    past = past_of(visit)
    meetings: Meetings = current_app.extensions[MEETINGS]
    known = reconciles.of(past.session, past.repository)
    is_recent = known is not None and known.started_at is not None and past.now - known.started_at < AT_MOST_EVERY
    if is_recent or not meetings.may_ask((visit.repository.id, "check"), now=past.now):
        return False
    past.session.rollback()
    with services.current().hurried.begin() as session:
        reconciles.hasten(session, visit.repository, now=past.now)
    return True

"""The Setup pages put together: read in one session, shown with what was just done, or with the reason why nothing is shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Response, make_response, render_template, url_for
from sqlalchemy.orm import Session

from bitbucket.errors import BitbucketError
from models import repositories, workspace_settings
from models.history import people
from models.history.people import Account
from models.installations import Installation
from models.setup_audit import Change
from web import metrics, services
from web.errors import log_refusal
from web.language import _
from web.panels import filling, states
from web.panels.setup import door, health, keeping
from web.panels.setup.changes import named
from web.panels.setup.door import Administration
from web.panels.setup.fields import Reading
from web.panels.setup.preview import Preview
from web.panels.setup.settings_form import MOST_ACCOUNTS, form_of, name_of
from web.panels.states import State
from web.request_context import request_id

SETUP: Final = "setup"
UNPROCESSABLE: Final = 422


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says about what was just asked of it: that it is done, or what was wrong. `part` is where it is said."""

    part: str
    text: str
    is_done: bool = True


@dataclass(frozen=True, slots=True)
class Tried:
    """Settings as they were typed, what is wrong with them, and what they would change."""

    reading: Reading | None = None
    preview: Preview | None = None
    changes: Sequence[Change] = ()


NOTHING_TRIED = Tried()


def show(
    admin: Administration, *, said: Said | None = None, tried: Tried = NOTHING_TRIED, status: int = 200
) -> Response:
    """Show the page of the workspace, or of the repository that the administrator came from."""
    with services.current().readers() as session:
        context = _context(session, admin, tried)
        page = render_template(
            "panels/setup/repository.html" if admin.repository else "panels/setup/workspace.html",
            form_token=admin.page_token(),
            renew_url=url_for("panels.setup_token"),
            said=said,
            tried=tried,
            **context,
        )
    metrics.PANELS.labels(panel=SETUP, state="shown").inc()
    return make_response(page, status)


def show_state(state: State, *, status: int | None = None) -> Response:
    """Show why there is nothing to show."""
    metrics.PANELS.labels(panel=SETUP, state=state.name).inc()
    shown_id = request_id() if state.status >= 400 else None
    page = render_template("panels/state.html", state=state, request_id=shown_id)
    response = make_response(page, status or state.status)
    if state.passes:
        response.headers["Retry-After"] = str(states.RETRY_AFTER_SECONDS)
    return response


def refuse_visitor() -> Response:
    """Answer a viewer who does not administer the workspace."""
    log_refusal(door.NOT_ADMINISTRATOR)
    return show_state(
        State(
            "needs_administrator",
            "lock",
            _("This page needs an administrator"),
            _("The settings and the data of Bittern are for administrators of the workspace only."),
            _("Ask one of them to open this page."),
            403,
        )
    )


def refuse_untold(error: BitbucketError) -> Response:
    """Answer while Bitbucket does not say whether the viewer is an administrator: not at all."""
    state = states.state_of(error)
    if state.status != 503:
        # Whatever Bitbucket's reason: nobody has said that this viewer is an administrator.
        state = State(state.name, state.icon, state.title, state.text, state.next_step, 403)
    log_refusal("perm.unknown")
    return show_state(state)


def accounts_of(session: Session, installation: Installation) -> tuple[Account, ...]:
    """Return the accounts that the page lists."""
    return people.of_installation(session, installation, at_most=MOST_ACCOUNTS)


def _context(session: Session, admin: Administration, tried: Tried) -> dict[str, object]:
    installation, only = admin.caller.installation, admin.repository
    now = services.current().now()
    stored = workspace_settings.read(session, installation)
    accounts = accounts_of(session, installation)
    names = _names(accounts)
    called = {row.uuid: filling.name_of(row) for row in repositories.held(session, installation)}
    entries = keeping.audit_of(session, installation, only=only)
    return {
        "workspace": keeping.name_of_workspace(installation),
        "repository": filling.name_of(only) if only else None,
        "shown_changes": named(tried.changes, names),
        "form": form_of(stored, accounts, tried.reading),
        "health": health.health_view(
            session, installation, only=only, calls_per_hour=services.current().settings.calls_per_hour, now=now
        ),
        "data": keeping.data_view(session, installation, only=only, names=names, now=now),
        "audit": keeping.audit_rows(entries, repositories=called, names=names, now=now),
        "areas": keeping.stored_areas(),
        "retention_days": services.current().settings.retention_days,
    }


def _names(accounts: Iterable[Account]) -> Mapping[str, str]:
    return {account.uuid: name_of(account) for account in accounts}

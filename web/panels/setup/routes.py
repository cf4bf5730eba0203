"""The addresses of the Setup pages. Two are opened by Bitbucket, signed; the others take the page's own forms and change things.

Nothing is changed by a GET, and every answer to a form is the page itself again: it works without scripts, and a token is
never part of an address.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import wraps
from typing import Final

import structlog
from flask import Response, request, stream_with_context
from sqlalchemy.orm import Session

from bitbucket.errors import BitbucketError
from models import (
    backfills,
    collecting,
    deletions,
    inbox,
    installations,
    reconciles,
    repositories,
    setup_audit,
    workspace_settings,
)
from models.repositories import Repository
from models.setup_audit import Change, SetupAction
from sync.measuring import wake_for
from web import page_tokens, services
from web.authentication import UNINSTALLED, caller_of_page
from web.errors import RequestRefused
from web.language import _, ngettext
from web.panels import administrators, filling, states
from web.panels.setup import door, exporting, fields, keeping, page
from web.panels.setup.changes import changes_between
from web.panels.setup.door import Administration, NotAdministrator
from web.panels.setup.page import UNPROCESSABLE, Said, Tried
from web.panels.setup.preview import preview
from web.panels.setup.settings_form import looks_like_bots
from web.panels.surfaces import blueprint
from web.request_context import request_id

log = structlog.get_logger()

PREVIEW: Final = "preview"
MOST_RINGS: Final = 20
COMPARED_ANEW_AFTER: Final = timedelta(minutes=15)
"""A comparison costs calls: impatience does not spend the quota."""


def _for_administrators(view: Callable[[], Response]) -> Callable[[], Response]:
    """Answer anybody else with the state that says so."""

    @wraps(view)
    def guarded() -> Response:
        try:
            return view()
        except NotAdministrator:
            return page.refuse_visitor()
        except BitbucketError as error:
            return page.refuse_untold(error)

    return guarded


@blueprint.get("/pages/configure", strict_slashes=False)
@_for_administrators
def configure() -> Response:
    """Show the settings and the data health of a workspace."""
    return _open(is_about_repository=False)


@blueprint.get("/pages/configure/repository")
@_for_administrators
def configure_repository() -> Response:
    """Show the data health of one repository."""
    return _open(is_about_repository=True)


@blueprint.post("/pages/configure", strict_slashes=False)
@_for_administrators
def setup_again() -> Response:
    """Show the page as it is now."""
    return page.show(door.enter_by_form())


@blueprint.post("/pages/configure/token")
@_for_administrators
def setup_token() -> Response:
    """Give the page that is open a fresh token, so that nothing that was typed is lost."""
    admin = door.enter_by_header()
    response = Response(status=204)
    response.headers[page_tokens.HEADER] = admin.page_token()
    return response


@blueprint.post("/pages/configure/settings")
@_for_administrators
def setup_settings() -> Response:
    """Save the settings, or show what they would change; or everything that is wrong with them."""
    admin = door.enter_by_form()
    if request.form.get("do") == PREVIEW:
        return _preview(admin)
    return _save(admin)


@blueprint.post("/pages/configure/replay")
@_for_administrators
def setup_replay() -> Response:
    """Try a delivery that was given up once more."""
    admin = door.enter_by_form()
    current = services.current()
    delivery_id = _number(request.form.get("delivery", ""))
    with _writing(admin) as session:
        is_due = inbox.replay(session, admin.caller.installation, delivery_id, now=current.now())
        if is_due:
            _note(session, admin, SetupAction.DELIVERY_REPLAYED)
    if not is_due:
        said = Said("health", _("That delivery is not among those that were given up."), is_done=False)
        return page.show(admin, said=said, status=UNPROCESSABLE)
    current.wake.delivery(delivery_id)
    return page.show(admin, said=Said("health", _("The delivery is tried again.")))


@blueprint.post("/pages/configure/compare")
@_for_administrators
def setup_compare() -> Response:
    """Have our copy compared with Bitbucket before the night, at most once in a while."""
    admin = door.enter_by_form()
    current = services.current()
    now = current.now()
    with _writing(admin) as session:
        rows = [admin.repository] if admin.repository else repositories.held(session, admin.caller.installation)
        asked = [_compare(session, row, now=now) for row in rows]
    begun = [row_id for row_id in asked if row_id is not None]
    for row_id in begun[:MOST_RINGS]:
        current.wake.reconcile(row_id)
    if not begun:
        text = _("Our copy was compared a moment ago, or is being compared. Look again in a while.")
        return page.show(admin, said=Said("health", text))
    text = ngettext("%(n)s repository is being compared.", "%(n)s repositories are being compared.", len(begun))
    return page.show(admin, said=Said("health", text))


@blueprint.post("/pages/configure/export")
@_for_administrators
def setup_export() -> Response:
    """Send everything that is kept of the workspace, row by row."""
    admin = door.enter_by_form()
    current = services.current()
    now = current.now()
    installation = admin.caller.installation
    with _writing(admin) as session:
        _note(session, admin, SetupAction.EXPORTED)
    content = exporting.stream(current.readers, installation, now=now)
    response = Response(stream_with_context(content), mimetype="application/zip")
    name = exporting.file_name(installation, now=now)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.post("/pages/configure/delete")
@_for_administrators
def setup_delete() -> Response:
    """Delete the history of one repository, or everything of the workspace, once its name is typed."""
    admin = door.enter_by_form(young_for=administrators.ANEW)
    current = services.current()
    place = _place(admin, request.form.get("scope", ""))
    if place is None:
        said = Said("data", _("Choose what is to be deleted."), is_done=False)
        return page.show(admin, said=said, status=UNPROCESSABLE)
    if request.form.get("confirm", "").strip().casefold() != place.name.strip().casefold():
        text = _("Nothing was deleted. To confirm, type the name as it is written here: %(name)s", name=place.name)
        return page.show(admin, said=Said("data", text, is_done=False), status=UNPROCESSABLE)
    repository_uuid = _repository_of(place)
    with _writing(admin) as session:
        _note(session, admin, SetupAction.DELETION_ASKED, repository_uuid=repository_uuid)
        asked = deletions.ask(
            session, admin.caller.installation, repository_uuid, by_uuid=admin.user_uuid, now=current.now()
        )
    log.warning("setup.deletion_asked", deletion=asked.id, repository=repository_uuid)
    current.wake.deletion(asked.id)
    return page.show(admin, said=Said("data", _("It is being deleted, and nothing is collected there any more.")))


@blueprint.post("/pages/configure/resume")
@_for_administrators
def setup_resume() -> Response:
    """Collect again where an administrator has stopped it."""
    admin = door.enter_by_form()
    scope = request.form.get("scope", "")
    repository_uuid = None if scope == keeping.WHOLE_WORKSPACE else scope
    installation = admin.caller.installation
    with _writing(admin) as session:
        is_free = not deletions.is_under_way(session, installation, repository_uuid)
        is_resumed = is_free and collecting.resume(session, installation, repository_uuid)
        if is_resumed:
            _note(session, admin, SetupAction.COLLECTING_RESUMED, repository_uuid=repository_uuid)
            # What was deleted is read anew, from the list of repositories on.
            backfills.begin(session, installation, now=services.current().now())
    if not is_resumed:
        said = Said("data", _("Nothing has changed: wait until the deletion is done."), is_done=False)
        return page.show(admin, said=said, status=UNPROCESSABLE)
    services.current().wake.backfill(installation.id)
    return page.show(admin, said=Said("data", _("Bittern collects again. The history fills in a moment.")))


@contextmanager
def _writing(admin: Administration) -> Iterator[Session]:
    """Write for the installation, one administrator after the other. Raises RequestRefused where it has ended meanwhile."""
    with services.current().sessions.begin() as session:
        row = installations.lock(session, admin.caller.client_key)
        if row is None or not row.is_active:
            raise RequestRefused(401, UNINSTALLED)
        yield session


def _open(*, is_about_repository: bool) -> Response:
    caller = caller_of_page()
    if not caller.is_active:
        return page.show_state(states.being_finished())
    return page.show(door.enter_by_address(caller, is_about_repository=is_about_repository))


def _read_form(admin: Administration) -> tuple[workspace_settings.StoredSettings, fields.Reading]:
    with services.current().readers() as session:
        stored = workspace_settings.read(session, admin.caller.installation)
        accounts = page.accounts_of(session, admin.caller.installation)
    calendar = request.files.get("calendar")
    reading = fields.read(
        request.form,
        stored.settings,
        calendar=calendar.read() if calendar else b"",
        looks_like_bots=looks_like_bots(accounts),
    )
    return stored, reading


def _preview(admin: Administration) -> Response:
    current = services.current()
    stored, reading = _read_form(admin)
    if reading.settings is None:
        return page.show(admin, tried=Tried(reading), status=UNPROCESSABLE)
    changes = changes_between(stored.settings, reading.settings)
    with current.readers() as session:
        shown = preview(
            session, admin.caller.installation, before=stored.settings, after=reading.settings, now=current.now()
        )
    return page.show(admin, tried=Tried(reading, shown, changes))


def _save(admin: Administration) -> Response:
    _stored, reading = _read_form(admin)
    if reading.settings is None:
        return page.show(admin, tried=Tried(reading), status=UNPROCESSABLE)
    current = services.current()
    with _writing(admin) as session:
        held = workspace_settings.read(session, admin.caller.installation)
        changes = changes_between(held.settings, reading.settings)
        is_of_this_version = request.form.get("version", "") == str(held.version)
        if is_of_this_version and changes:
            workspace_settings.write(
                session, admin.caller.installation, reading.settings, by_uuid=admin.user_uuid, now=current.now()
            )
            _note(session, admin, SetupAction.SETTINGS_CHANGED, changes=changes)
    if not is_of_this_version:
        text = _("Somebody else has saved since you opened this page. Look at what would change, and save again.")
        tried = Tried(reading, changes=changes)
        return page.show(admin, said=Said("settings", text, is_done=False), tried=tried, status=UNPROCESSABLE)
    wake_for(current, admin.caller.installation)
    log.info("setup.settings_saved", changed=[change.setting for change in changes])
    if changes:
        _have_measured_anew(admin)
    return page.show(admin, said=Said("settings", _saved(len(changes), reading.notes)))


def _have_measured_anew(admin: Administration) -> None:
    """Wake workers for what was measured under the settings before; the sweep finds those that are not rung for."""
    current = services.current()
    with current.readers() as session:
        rows = repositories.held(session, admin.caller.installation)
    for row in rows[:MOST_RINGS]:
        current.wake.measuring(row.id)


def _saved(changes: int, notes: Iterable[str]) -> str:
    if not changes:
        return _("Nothing has changed.")
    text = ngettext("Saved: %(n)s setting has changed.", "Saved: %(n)s settings have changed.", changes)
    return " ".join((text, *notes))


def _note(
    session: Session,
    admin: Administration,
    action: SetupAction,
    *,
    repository_uuid: str | None = None,
    changes: tuple[Change, ...] = (),
) -> None:
    entry = setup_audit.Entry(
        action=action,
        actor_uuid=admin.user_uuid,
        repository_uuid=repository_uuid,
        changes=changes,
        request_id=request_id(),
    )
    setup_audit.add(session, admin.caller.installation, entry, now=services.current().now())


def _compare(session: Session, repository: Repository, *, now: datetime) -> int | None:
    """Have one repository compared, unless it is being compared or was of late. Returns the row to wake a worker for."""
    row = reconciles.of(session, repository)
    is_recent = row is not None and row.started_at is not None and now - row.started_at < COMPARED_ANEW_AFTER
    if is_recent or collecting.is_stopped(session, repository.installation_id, repository.uuid):
        return None
    reconciles.hasten(session, repository, now=now)
    due = reconciles.of(session, repository)
    return due.id if due is not None else None


def _place(admin: Administration, scope: str) -> keeping.Place | None:
    """Return what a form's `scope` names: the workspace, or a repository that is the installation's."""
    installation = admin.caller.installation
    if scope == keeping.WHOLE_WORKSPACE:
        return None if admin.repository else keeping.Place(scope, keeping.name_of_workspace(installation))
    if admin.repository is not None and admin.repository.uuid != scope:
        return None
    with services.current().readers() as session:
        row = repositories.find(session, installation, scope)
    return keeping.Place(row.uuid, filling.name_of(row)) if row else None


def _repository_of(place: keeping.Place) -> str | None:
    return None if place.scope == keeping.WHOLE_WORKSPACE else place.scope


def _number(text: str) -> int:
    """Return a row id; one that no row has where the text is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0

"""What is kept, who has done what with it, and where collecting was stopped: the parts of the page about the data itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from models import collecting, deletions, repositories, setup_audit
from models.deletions import Deletion
from models.described import HISTORY, WORK, WORKSPACE, TableDescription, described_tables
from models.installations import Installation
from models.repositories import Repository
from models.setup_audit import Change, SetupAction, SetupAudit
from web import formatting
from web.language import _, ngettext
from web.panels.filling import name_of
from web.panels.parts import Lozenge, Moment, moment
from web.panels.setup.changes import named

WHOLE_WORKSPACE: Final = "workspace"
"""In a form, what stands in the place of a repository's UUID."""


@dataclass(frozen=True, slots=True)
class Place:
    """Something whose data can be deleted: a repository or the workspace. `scope` names it in a form."""

    scope: str
    name: str


@dataclass(frozen=True, slots=True)
class DeletionRow:
    """One deletion: of what, by whom, when, and how far it has come."""

    what: str
    who: str
    when: Moment
    state: Lozenge
    rows: str


@dataclass(frozen=True, slots=True)
class StopRow:
    """Something that is not collected any more."""

    place: Place
    since: Moment
    may_resume: bool


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that an administrator did."""

    sentence: str
    who: str
    when: Moment
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class DataView:
    """What can be exported and deleted, what was deleted, and what is not collected."""

    workspace: Place
    repositories: tuple[Place, ...]
    deletions: tuple[DeletionRow, ...]
    stops: tuple[StopRow, ...]


@dataclass(frozen=True, slots=True)
class StoredTable:
    """One table, as the page lists it."""

    name: str
    about: str
    columns: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class StoredArea:
    """Tables about the same."""

    title: str
    tables: tuple[StoredTable, ...]


def name_of_workspace(installation: Installation) -> str:
    """Return what a workspace is called."""
    return installation.principal_name or installation.principal_slug or installation.principal_uuid


def data_view(
    session: Session, installation: Installation, *, only: Repository | None, names: Mapping[str, str], now: datetime
) -> DataView:
    """Return what the page says about the data of a workspace, or of one repository only."""
    rows = [only] if only is not None else repositories.held(session, installation)
    called = {row.uuid: name_of(row) for row in rows}
    done = [one for one in deletions.newest(session, installation) if _is_about(one.repository_uuid, only)]
    stopped = [uuid for uuid in collecting.stops(session, installation).items() if _is_about(uuid[0], only)]
    return DataView(
        workspace=Place(WHOLE_WORKSPACE, name_of_workspace(installation)),
        repositories=tuple(Place(uuid, name) for uuid, name in called.items()),
        deletions=tuple(_deletion_row(one, called, names, now=now) for one in done),
        stops=tuple(
            StopRow(
                place=Place(uuid or WHOLE_WORKSPACE, _what(uuid, called)),
                since=moment(since, now=now),
                may_resume=not deletions.is_under_way(session, installation, uuid),
            )
            for uuid, since in stopped
        ),
    )


def audit_rows(
    entries: Iterable[SetupAudit], *, repositories: Mapping[str, str], names: Mapping[str, str], now: datetime
) -> tuple[AuditRow, ...]:
    """Return what administrators have done, newest first."""
    return tuple(
        AuditRow(
            sentence=_sentence(entry, repositories),
            who=_who(entry.actor_uuid, names),
            when=moment(entry.at, now=now),
            changes=named(entry.changed_settings(), names),
        )
        for entry in entries
    )


def audit_of(session: Session, installation: Installation, *, only: Repository | None) -> Sequence[SetupAudit]:
    """Return what administrators have done of late: with the workspace, or with one repository only."""
    entries = setup_audit.newest(session, installation)
    return [one for one in entries if only is None or one.repository_uuid == only.uuid]


def stored_areas() -> tuple[StoredArea, ...]:
    """Return every table and column, as the source describes them, by what they are about."""
    titles = {HISTORY: _("History of the repositories"), WORKSPACE: _("Workspace"), WORK: _("Work under way")}
    tables = described_tables()
    return tuple(
        StoredArea(title, tuple(_stored(table) for table in tables if table.area == area))
        for area, title in titles.items()
    )


def _stored(table: TableDescription) -> StoredTable:
    columns = tuple((column.name, column.kind, column.about.replace("`", "")) for column in table.columns)
    return StoredTable(table.name, " ".join(table.about.replace("`", "").split()), columns)


def _is_about(repository_uuid: str | None, only: Repository | None) -> bool:
    return only is None or repository_uuid in {None, only.uuid}


def _deletion_row(row: Deletion, called: Mapping[str, str], names: Mapping[str, str], *, now: datetime) -> DeletionRow:
    is_done = row.finished_at is not None
    return DeletionRow(
        what=_what(row.repository_uuid, called),
        who=_who(row.asked_by_uuid, names),
        when=moment(row.asked_at, now=now),
        state=Lozenge(_("Deleted"), "success") if is_done else Lozenge(_("Deleting"), "warning"),
        rows=ngettext("%(count)s row", "%(count)s rows", row.rows_deleted, count=formatting.count(row.rows_deleted)),
    )


def _who(uuid: str | None, names: Mapping[str, str]) -> str:
    return names.get(uuid, uuid) if uuid else _("Somebody who was erased")


def _what(repository_uuid: str | None, called: Mapping[str, str]) -> str:
    if repository_uuid is None:
        return _("Everything of the workspace")
    return called.get(repository_uuid, repository_uuid)


def _sentence(entry: SetupAudit, called: Mapping[str, str]) -> str:
    what = _what(entry.repository_uuid, called)
    return {
        SetupAction.SETTINGS_CHANGED: _("Changed the settings"),
        SetupAction.EXPORTED: _("Exported everything"),
        SetupAction.DELETION_ASKED: _("Deleted: %(what)s", what=what),
        SetupAction.COLLECTING_RESUMED: _("Started collecting again: %(what)s", what=what),
        SetupAction.DELIVERY_REPLAYED: _("Replayed a delivery"),
    }[entry.action]

"""The Access tab: which groups may do what with this repository, who is in them, and who is invited. For administrators."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Response, abort

from bitbucket.errors import BitbucketError, Forbidden
from bitbucket.groups import PRIVILEGES, Group, GroupPrivilege, groups, privileges_of_repository
from bitbucket.invitations import (
    GroupInvitation,
    RepositoryInvitation,
    invitations_to_groups,
    invitations_to_repository,
)
from web import formatting, services
from web.language import _, ngettext
from web.panels import administrators
from web.panels.concurrent import finish, start
from web.panels.live.tabs import Reader, Tab, show
from web.panels.parts import Figure, Lozenge
from web.panels.result_words import day
from web.panels.states import State
from web.panels.surfaces import blueprint

SUBJECT: Final = "access"
DAY_CHARACTERS: Final = 10
_TONES: Final = {"admin": "danger", "write": "warning", "read": "information"}


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group with a privilege on the repository."""

    name: str
    privilege: Lozenge
    members: tuple[str, ...]
    member_count: str


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """One pending invitation."""

    email: str
    into: str
    by: str
    sent: str


@dataclass(frozen=True, slots=True)
class AccessView:
    """Everything that the tab shows."""

    headline: str
    figures: tuple[Figure, ...]
    groups: tuple[GroupRow, ...]
    invitations: tuple[InvitationRow, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """What the four resources say."""

    privileges: tuple[GroupPrivilege, ...]
    groups: tuple[Group, ...]
    to_repository: tuple[RepositoryInvitation, ...]
    to_groups: tuple[GroupInvitation, ...]


def access_view(reader: Reader) -> AccessView | State:
    """Read and word who can reach the repository. Raises BitbucketError.

    The app sees more than its viewer may: names and addresses are shown to administrators of the workspace alone, and
    whether the viewer is one is asked first.
    """
    visit = reader.visit
    if not administrators.is_administrator(visit.caller, visit.user_uuid, deadline=visit.deadline):
        return needs_administrator()
    access = reader.read(SUBJECT, lambda: _read(reader))
    members = {group.slug: group for group in access.groups}
    rows = tuple(_group_row(one, members.get(one.group.slug, one.group)) for one in _by_weight(access.privileges))
    invitations = (*map(_to_repository, access.to_repository), *map(_to_groups, _about(access)))
    return AccessView(
        headline=ngettext("%(n)s group reaches this repository.", "%(n)s groups reach this repository.", len(rows))
        if rows
        else _("No group has a privilege of its own on this repository."),
        figures=_figures(access, members, invitations),
        groups=rows,
        invitations=invitations,
    )


def needs_administrator() -> State:
    """Return the state of a viewer who may not see this."""
    return State(
        "needs_administrator",
        "lock",
        _("This page needs an administrator"),
        _("Groups and invitations are shown to administrators of the workspace only."),
        _("Ask one of them to open this page."),
        200,
    )


def explain(error: BitbucketError) -> State | None:
    """Return the state of an installation that may not read this."""
    if not isinstance(error, Forbidden):
        return None
    return State(
        "needs_administrator",
        "lock",
        _("Bitbucket shows this to administrators only"),
        _("The installation is not allowed to read groups and invitations."),
        _("An administrator of the workspace can install the app again and grant it."),
        200,
    )


def _read(reader: Reader) -> Access:
    client, visit = reader.client, reader.visit
    workspace, repository = visit.caller.installation.principal_uuid, visit.repository.uuid
    privileges = start(lambda: privileges_of_repository(client, workspace, repository))
    all_groups = start(lambda: groups(client, workspace))
    to_repository = start(lambda: invitations_to_repository(client, workspace, repository))
    to_groups = start(lambda: invitations_to_groups(client, workspace))
    return Access(
        privileges=finish(privileges, visit.deadline),
        groups=finish(all_groups, visit.deadline),
        to_repository=finish(to_repository, visit.deadline),
        to_groups=finish(to_groups, visit.deadline),
    )


def _by_weight(privileges: Iterable[GroupPrivilege]) -> list[GroupPrivilege]:
    """Return the heaviest privilege first, then by name."""

    def weight(one: GroupPrivilege) -> tuple[int, str]:
        known = one.privilege in PRIVILEGES
        return (-PRIVILEGES.index(one.privilege) if known else 1, (one.group.name or one.group.slug).lower())

    return sorted(privileges, key=weight)


def _about(access: Access) -> list[GroupInvitation]:
    """Return the invitations to groups that reach this repository."""
    reaching = {one.group.slug for one in access.privileges}
    return [one for one in access.to_groups if reaching & {name.rpartition("/")[2] for name in one.groups}]


def _group_row(privilege: GroupPrivilege, group: Group) -> GroupRow:
    names = sorted((member.name or _("Unnamed") for member in group.members), key=str.lower)
    return GroupRow(
        name=group.name or group.slug,
        privilege=Lozenge(privilege.privilege, _TONES.get(privilege.privilege, "neutral")),
        members=tuple(names),
        member_count=ngettext("%(n)s member", "%(n)s members", len(names)),
    )


def _to_repository(invitation: RepositoryInvitation) -> InvitationRow:
    return InvitationRow(
        email=invitation.email,
        into=_("this repository, to %(permission)s", permission=invitation.permission or "read"),
        by=invitation.invited_by.name if invitation.invited_by else "",
        sent=_day(invitation.sent_on),
    )


def _day(told: str | None) -> str:
    """Return the day of a time that REST 1.0 tells, which it writes in more than one way; as it came where it is none."""
    text = (told or "")[:DAY_CHARACTERS]
    try:
        return day(datetime.fromisoformat(text), with_year=True)
    except ValueError:
        return text


def _to_groups(invitation: GroupInvitation) -> InvitationRow:
    return InvitationRow(
        email=invitation.email,
        into=", ".join(name.rpartition("/")[2] for name in invitation.groups),
        by=invitation.invited_by.name if invitation.invited_by else "",
        sent=_day(invitation.utc_sent_on),
    )


def _figures(
    access: Access, groups_by_slug: dict[str, Group], invitations: Sequence[InvitationRow]
) -> tuple[Figure, ...]:
    people = {
        member.uuid or member.name
        for one in access.privileges
        for member in groups_by_slug.get(one.group.slug, one.group).members
    }
    writing = sum(1 for one in access.privileges if one.privilege in PRIVILEGES[1:])
    return (
        Figure(
            _("Groups"),
            formatting.count(len(access.privileges)),
            _("%(writing)s may write", writing=formatting.count(writing)),
        ),
        Figure(_("People in them"), formatting.count(len(people))),
        Figure(_("Invitations"), formatting.count(len(invitations)), _("pending")),
    )


ACCESS: Final = Tab(
    name="access",
    template="panels/_access.html",
    endpoint="panels.repository_access",
    view=access_view,
    explain=explain,
)


@blueprint.get("/pages/repository/access")
def repository_access() -> Response:
    """Show the tab to the page's own script, where the operator offers it."""
    if not services.current().settings.access_page:
        abort(404)
    return show(ACCESS)

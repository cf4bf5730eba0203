"""Who may do what, scopes aside."""

import pytest

from simulator.world.model import User, Workspace
from simulator.world.principal import ANONYMOUS, Principal
from tests.simulator.tidepool import Tidepool


def person(user: User) -> Principal:
    return Principal("apitoken", user)


def app(pool: Tidepool, **details) -> Principal:
    return Principal.app(user=pool.kelp, workspace=pool.workspace, scopes=frozenset({"repository"}), **details)


@pytest.mark.parametrize(
    ("name", "shells", "reef"),
    [("alice", "admin", "admin"), ("bob", "write", "read"), ("erin", "read", "read"), ("charlie", None, "read")],
)
def test_people_have_what_the_workspace_and_the_repository_give_them(pool: Tidepool, name, shells, reef):
    caller = person(getattr(pool, name))
    assert (caller.permission_on(pool.shells), caller.permission_on(pool.reef)) == (shells, reef)


def test_nobody_reads_what_is_public_and_nothing_else(pool: Tidepool):
    assert (ANONYMOUS.permission_on(pool.reef), ANONYMOUS.permission_on(pool.shells)) == ("read", None)
    assert ANONYMOUS.is_anonymous


def test_an_app_administers_its_own_workspace_and_sees_only_the_public_of_others(pool: Tidepool):
    assert app(pool).permission_on(pool.shells) == "admin"
    assert app(pool).permission_on(pool.secret) is None
    pool.secret.is_private = False
    assert app(pool).permission_on(pool.secret) == "read"


def test_a_narrowed_app_sees_only_its_repositories_and_no_workspace(pool: Tidepool):
    caller = app(pool, repositories=frozenset({pool.shells.uuid}))
    assert caller.permission_on(pool.shells) == "admin"
    assert caller.permission_on(pool.reef) == "read"
    assert caller.role_in(pool.workspace) is None


@pytest.mark.parametrize(("needed", "may"), [("read", True), ("write", True), ("admin", False)])
def test_a_higher_permission_has_the_lower_ones(pool: Tidepool, needed, may):
    assert person(pool.bob).may(needed, pool.shells) is may


def test_roles_are_those_of_the_workspace(pool: Tidepool):
    assert person(pool.alice).role_in(pool.workspace) == "owner"
    assert person(pool.bob).role_in(pool.workspace) == "member"
    assert person(pool.charlie).role_in(pool.workspace) is None
    assert app(pool).role_in(pool.workspace) == "owner"
    assert app(pool).role_in(pool.elsewhere) is None


def test_a_personal_workspace_is_its_users_own(pool: Tidepool):
    own = Workspace(pool.erin.uuid, "erin", "Erin", pool.clock.at, personal_of=pool.erin)
    pool.secret.workspace = own
    assert person(pool.erin).role_in(own) == "owner"
    assert person(pool.erin).permission_on(pool.secret) == "admin"
    assert person(pool.alice).permission_on(pool.secret) is None


def test_a_private_project_is_seen_by_members_only(pool: Tidepool):
    project = pool.workspace.projects["POOL"]
    assert person(pool.erin).sees_project(pool.workspace, project)
    assert not person(pool.charlie).sees_project(pool.workspace, project)
    project.is_private = False
    assert ANONYMOUS.sees_project(pool.workspace, project)


def test_each_app_has_a_quota_of_its_own(pool: Tidepool):
    assert app(pool).quota_key == f"app:{pool.kelp.uuid}"
    assert app(pool, quota_key="x").quota_key == "x"

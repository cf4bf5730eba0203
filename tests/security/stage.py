"""Sets the stage: the fixtures' workspaces in the simulator, and the tenants in the service through real signed calls.

What the service then holds is remembered, and put back before each entry: every entry meets the same rows, and the
processes need not be started anew.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo.errors import WaitedTooLong
from demo.waiting import wait_until
from tests.security import happenings
from tests.security.laboratory import panel_entry, signed_token
from tests.security.recipes.cast import repository_name, repository_slug

if TYPE_CHECKING:
    from tests.security.laboratory import Laboratory
    from tests.security.ledger import Snapshot
    from tests.security.recipes.cast import Cast, Tenant
    from tests.security.wire import Answer

# What a fixture's note says of a tenant that is not simply installed.
TOMBSTONE_NOTE = "installed then uninstalled"
ACTIVE_SECONDS = 20.0
FIRST_SETTLING_SECONDS = 180.0


@dataclass
class Stage:
    """The laboratory as every entry finds it."""

    laboratory: Laboratory
    snapshot: Snapshot

    def reset(self) -> None:
        """Everything as it was: the service's rows, the secrets that Bitbucket accepts, no faults, nothing noted down."""
        laboratory = self.laboratory
        # What waits for a later attempt goes with all other rows.
        laboratory.settle(ahead_seconds=0)
        laboratory.system.control.delete("/faults")
        laboratory.ledger.restore(self.snapshot)
        for name in installed_at_start(laboratory.cast):
            make_known_to_bitbucket(laboratory, laboratory.cast.tenant(name), "secret")
        laboratory.forget_api_calls()
        laboratory.journal.mark()


def set_stage(laboratory: Laboratory) -> Stage:
    """Create the fixtures on both sides; raises AssertionError where a valid call is refused."""
    cast = laboratory.cast
    for tenant in cast.tenants.values():
        create_in_bitbucket(laboratory, tenant)
    is_shared = cast.mode == "shared"
    first = "secret" if is_shared else "secret_previous"
    for name in installed_at_start(cast):
        install_first(laboratory, name, first)
        if not is_shared:
            rotate(laboratory, name, old="secret_previous", new="secret")
    for name in installed_at_start(cast):
        bring_in_data(laboratory, name)
        if is_tombstone(cast.tenant(name)):
            uninstall(laboratory, name)
    try:
        wait_until(
            lambda: is_at_rest(laboratory),
            what="the fixtures' webhooks and histories",
            timeout_seconds=FIRST_SETTLING_SECONDS,
        )
    except WaitedTooLong as error:
        raise AssertionError(laboratory.ledger.waiting_work()) from error
    laboratory.ledger.put_off_the_night()
    return Stage(laboratory, laboratory.ledger.snapshot())


def is_at_rest(laboratory: Laboratory) -> bool:
    """Whether the worker has done all that the fixtures gave it to do. What could wait a little is to be done now."""
    laboratory.ledger.hasten()
    return laboratory.ledger.pending_work() == 0


def is_tombstone(tenant: Tenant) -> bool:
    return str(tenant.facts.get("note", "")).startswith(TOMBSTONE_NOTE)


def installed_at_start(cast: Cast) -> list[str]:
    """Those of whom the file says nothing else: a note makes a tenant a tombstone, or one that comes later or never."""
    return [name for name, tenant in cast.tenants.items() if "note" not in tenant.facts or is_tombstone(tenant)]


def create_in_bitbucket(laboratory: Laboratory, tenant: Tenant) -> None:
    """The tenant's workspace, repositories and people in the simulator."""
    control = laboratory.system.control
    workspace = {"uuid": tenant.workspace_uuid, "slug": tenant.slug, "name": f"Workspace {tenant.name}"}
    control.post("/workspaces", workspace)
    for fact, uuid in tenant.users.items():
        name = f"{fact.removeprefix('user_').capitalize()} of {tenant.name}"
        permission = "owner" if fact == "user_admin" else "member"
        user = {"uuid": uuid, "display_name": name, "workspace": tenant.workspace_uuid, "permission": permission}
        control.post("/users", user)
    for fact, uuid in tenant.repositories.items():
        repository = {
            "uuid": uuid,
            "workspace": tenant.workspace_uuid,
            "slug": repository_slug(fact),
            "name": repository_name(tenant, fact),
            "is_private": fact != "repo_open",
        }
        control.post("/repositories", repository)
        control.post("/act", {"action": "push_commit", "repository": uuid, "branch": "main", "message": "Begin"})


def make_known_to_bitbucket(laboratory: Laboratory, tenant: Tenant, secret: str) -> None:
    """From now on the simulator's API accepts this secret for the tenant, and no other.

    Without a descriptor, so that the simulator sends the service nothing by itself: what comes is what an entry sends.
    """
    laboratory.system.control.post(
        "/installations",
        {
            "client_key": tenant.client_key,
            "shared_secret": laboratory.cast.secret(secret if "." in secret else f"{tenant.name}.{secret}"),
            "workspace_uuid": tenant.workspace_uuid,
            "app_key": laboratory.cast.app_key,
        },
    )


def install_entry(name: str, secret: str, *, signed_with: str | None) -> dict[str, Any]:
    """An install of a tenant that brings a secret; unsigned without `signed_with`."""
    reference = secret if "." in secret or secret == "attacker" else f"{name}.{secret}"
    return {
        "target": "installed",
        "request": {"method": "POST", "path": "/installed", "json": f"$install({name}, new_secret={reference})"},
        "token": None if signed_with is None else signed_token(name, signed_with=signed_with),
    }


def install_first(laboratory: Laboratory, name: str, secret: str) -> None:
    """A real first install: unsigned and proved by a call to the API, or signed with the app-wide secret."""
    tenant = laboratory.cast.tenant(name)
    make_known_to_bitbucket(laboratory, tenant, secret)
    signer = "app.secret" if laboratory.cast.mode == "shared" else None
    answer = laboratory.ask(install_entry(name, secret, signed_with=signer))
    assert answer.status in {200, 204}, f"first install of {name}: {answer.status} {answer.text}"
    wait_for_state(laboratory, name, "active")


def rotate(laboratory: Laboratory, name: str, *, old: str, new: str) -> None:
    """A re-install signed with the old secret that brings a new one."""
    wait_for_next_second()
    answer = laboratory.ask(install_entry(name, new, signed_with=f"{name}.{old}"))
    assert answer.status in {200, 204}, f"re-install of {name}: {answer.status} {answer.text}"
    make_known_to_bitbucket(laboratory, laboratory.cast.tenant(name), new)


def uninstall(laboratory: Laboratory, name: str) -> None:
    wait_for_next_second()
    entry = {
        "request": {"method": "POST", "path": "/uninstalled", "json": f"$uninstall({name})"},
        "token": signed_token(name),
    }
    answer = laboratory.ask(entry)
    assert answer.status in {200, 204}, f"uninstall of {name}: {answer.status} {answer.text}"


def push_entry(repository: str) -> dict[str, Any]:
    """A valid webhook about a repository such as `A.repo_open`."""
    headers = {"X-Event-Key": "repo:push", "X-Request-UUID": "$uuid", "X-Hook-UUID": "$uuid", "X-Attempt-Number": "1"}
    request = {"method": "POST", "path": "/webhook", "headers": headers, "json": f"$push({repository})"}
    return {"target": "webhook", "request": request, "token": signed_token(repository.partition(".")[0])}


def bring_in_data(laboratory: Laboratory, name: str) -> None:
    """A look at the panel and one webhook for each repository, so that there is something to lose."""
    tenant = laboratory.cast.tenant(name)
    for fact in tenant.repositories:
        accept(laboratory.ask(push_entry(f"{name}.{fact}")), f"webhook about {name}.{fact}")
        accept(laboratory.ask(panel_entry(name, f"{name}.user_member", repository=fact)), f"panel of {name}.{fact}")
    if name == "A":
        # Its first pull request, so that there is a page of one.
        accept(happenings.tell_of_pull_request(laboratory, happenings.open_pull_request(laboratory)), "a pull request")


def accept(answer: Answer, what: str) -> None:
    assert 200 <= answer.status < 300, f"{what}: {answer.status} {answer.text[:300]}"


def wait_for_state(laboratory: Laboratory, name: str, state: str) -> None:
    client_key = laboratory.cast.tenant(name).client_key
    wait_until(
        lambda: laboratory.ledger.state(client_key) == state,
        what=f"{name} being {state}",
        timeout_seconds=ACTIVE_SECONDS,
    )


def wait_for_next_second() -> None:
    """Lifecycle calls are ordered by `iat`, which counts seconds: two of one second say nothing of their order."""
    second = int(time.time())
    wait_until(lambda: int(time.time()) > second, what="the next second", timeout_seconds=2)
